"""The contract on SQLite; the whole suite runs once for each database."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext

from news.models import Article, State
from search import indexing
from search.backends import sqlite
from search.backends.base import SearchTimeout
from search.request import RELEVANCE, SearchRequest, parse_words
from tests.factories import make_article, make_category
from tests.search.contract import SearchContract
from tests.search.helpers import backend, found, search
from tests.search.properties import SearchProperties

if connection.vendor != "sqlite":
    pytest.skip("this run's database is not SQLite", allow_module_level=True)

pytestmark = pytest.mark.django_db


class TestSqlite(SearchContract):
    def test_a_search_that_takes_too_long_is_stopped(self, monkeypatch):
        """As whoever limits the time of a request does: from within a statement."""

        def interrupt(self, asked):
            connection.ensure_connection()
            connection.connection.set_progress_handler(lambda: True, 1)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM search_doc")

        monkeypatch.setattr(type(backend()), "_total", interrupt)
        make_article(title="Rừng")
        try:
            with pytest.raises(SearchTimeout):
                search("rừng")
        finally:
            # As it was: who listens to new connections sets his own.
            connection.connection.set_progress_handler(None, 0)
            connection_created.send(type(connection), connection=connection)


class TestSqliteProperties(SearchProperties):
    pass


class TestSqliteWithMany(SearchContract):
    """Accents are asked of the index, as they are of more than a few articles."""

    @pytest.fixture(autouse=True)
    def _many(self, monkeypatch):
        monkeypatch.setattr(sqlite, "FEW", -1)


@pytest.fixture
def index_rows():
    """Give a function that reads every token of the index with its row and column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIRTUAL TABLE temp.index_rows "
            "USING fts5vocab(main, search_fts, instance)"
        )

        def read() -> list[tuple]:
            cursor.execute(
                "SELECT doc, term, col FROM temp.index_rows ORDER BY 1, 2, 3"
            )
            return cursor.fetchall()

        yield read
        cursor.execute("DROP TABLE temp.index_rows")


def test_after_edits_the_index_holds_what_a_rebuild_would_make(index_rows):
    """Only the tokens that an edit changed are written."""
    chance = random.Random(3)
    words = ["Chỉ", "thị", "quy", "chế", "làm", "việc", "Quỹ", "quý", "rừng", "rùng"]
    words.append("05/CT-TW")
    categories = [make_category() for _ in range(3)]
    articles = [make_article(title="rừng", category=categories[0]) for _ in range(4)]

    def some_words():
        return " ".join(chance.choices(words, k=chance.randrange(1, 6)))

    def edit(article):
        what = chance.randrange(7)
        if what < 3:
            setattr(article, ("title", "sapo", "body_text")[what], some_words())
        elif what == 3:
            article.category = chance.choice(categories)
        elif what == 4:
            article.published_at += timedelta(minutes=chance.randrange(-1, 2))
        elif what == 5:
            article.published_at += timedelta(seconds=chance.randrange(-40, 40))
        else:
            is_public = article.state == State.PUBLISHED
            article.state = State.WITHDRAWN if is_public else State.PUBLISHED
        article.save()

    for _ in range(60):
        edit(chance.choice(articles))
        assert not indexing.check()
    for article in articles:
        article.state = State.PUBLISHED
        article.save()
    edited = [row[1:] for row in index_rows()]
    indexing.rebuild(from_scratch=True)
    rebuilt = [row[1:] for row in index_rows()]
    # Rows of one minute may have changed places: tokens and columns are compared.
    assert sorted(edited) == sorted(rebuilt)
    for article in articles:
        article.delete()
    assert index_rows() == []


def test_an_edit_writes_only_the_tokens_that_it_changed():
    article = make_article(title="rừng", body_text="Nội dung dài.")
    article.title = "rừng xanh"
    with CaptureQueriesContext(
        connection,
    ) as queries:
        article.save()
    written = [q["sql"] for q in queries if "INTO search_fts" in q["sql"]]
    assert len(written) == 2
    assert "xanh" not in written[0]
    assert "rung_xanh" in written[1]
    assert not any("noi" in sql for sql in written)


def test_a_rebuild_leaves_one_segment_to_look_words_up_in():
    def segments():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT segid) FROM search_fts_idx")
            return cursor.fetchone()[0]

    for _ in range(3):
        article = make_article(title="rừng")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_fts WHERE search_fts MATCH 'a'")
    assert segments() > 1
    indexing.rebuild()
    assert segments() == 1
    assert article.pk in found("rừng")
    assert not indexing.check()


def test_whether_articles_are_public_is_read_from_an_index_by_id():
    """Not from the articles: a look at each would read a page of the file."""
    make_article(title="rừng")
    with CaptureQueriesContext(connection) as queries:
        assert found("rừng", order=RELEVANCE)
    asked = [q["sql"] for q in queries if "news_article" in q["sql"]]
    assert asked
    for sql in asked:
        with connection.cursor() as cursor:
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        steps = [row[3] for row in plan if "news_article" in row[3]]
        assert all("COVERING INDEX article_desk (id=?" in step for step in steps), plan
        assert steps, plan


def test_articles_that_were_narrowed_further_are_found_as_well():
    """By queries that no index alone can answer, such as one that joins."""
    articles = [make_article(title=f"rừng {number}") for number in range(3)]
    public = Article.objects.published()
    request = SearchRequest(words=parse_words("rừng"))
    for chosen in (
        public.filter(title__endswith="2"),
        public.filter(category__name=articles[2].category.name, pk=articles[2].pk),
        public.filter(pk=articles[2].pk).distinct(),
    ):
        hits = backend().search(chosen, request).hits
        assert [hit.article_id for hit in hits] == [articles[2].pk]
