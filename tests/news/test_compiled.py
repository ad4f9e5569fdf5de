"""A compiled query finds what the ORM finds, each time with other values."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from news import article_page
from news.compiled import CompiledSelect
from news.models import Article
from tests.factories import make_article, make_category, make_image, make_tag

pytestmark = pytest.mark.django_db


def test_it_finds_what_the_query_itself_finds():
    now = timezone.now()
    categories, tags = [make_category(), make_category()], [make_tag(), make_tag()]
    articles = [
        make_article(
            category=categories[n % 2],
            published_at=now - timedelta(hours=n),
            expires_at=now + timedelta(hours=n - 8.5) if n % 3 == 0 else None,
            state="draft" if n == 4 else "published",
            tags=tags[: n % 3],
        )
        for n in range(-1, 12)
        if not (n % 3 == 0 and n - 8.5 <= -n)
    ]
    for article in articles:
        values = {
            "now": now,
            "at": article.published_at,
            "pk": article.pk,
            "category_id": article.category_id,
        }
        expected = list(article_page._build_neighbours(**values))
        assert article_page._neighbours_of(**values) == expected


def test_rows_bring_their_fields_in_their_types(django_assert_num_queries):
    article = make_article()
    by_number = CompiledSelect(
        lambda pk: Article.objects.filter(pk=pk).only("title", "published_at"),
        numbers=("pk",),
        times=(),
    )
    (found,) = by_number(pk=article.pk)
    with django_assert_num_queries(0):
        assert found.title == article.title
        assert found.published_at == article.published_at
    assert by_number(pk=article.pk + 1) == []


def test_relations_come_with_the_row_also_where_there_is_none(
    django_assert_num_queries,
):
    by_number = CompiledSelect(
        lambda pk: (
            Article.objects.filter(pk=pk)
            .select_related("category__parent", "cover")
            .only("title", "category__name", "category__parent__name", "cover__title")
        ),
        numbers=("pk",),
    )
    child = make_category(parent=make_category())
    full = make_article(category=child, cover=make_image())
    bare = make_article()
    with django_assert_num_queries(2):
        (found,), (other,) = by_number(pk=full.pk), by_number(pk=bare.pk)
        assert found.category.parent.name == child.parent.name
        assert found.cover.title == full.cover.title
        assert (other.category.name, other.cover) == (bare.category.name, None)
    assert "sapo" in found.get_deferred_fields()


def test_rows_of_values_are_tuples_in_their_types():
    article = make_article()
    by_number = CompiledSelect(
        lambda pk: Article.objects.filter(pk=pk).values_list("title", "published_at"),
        numbers=("pk",),
    )
    assert by_number(pk=article.pk) == [(article.title, article.published_at)]


def test_value_that_the_query_does_not_use_is_refused():
    unused = CompiledSelect(
        lambda pk, now: Article.objects.filter(pk=pk), numbers=("pk",), times=("now",)
    )
    with pytest.raises(ValueError, match="now"):
        unused(pk=1, now=timezone.now())


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite không nhớ cách chạy câu lệnh"
)
def test_postgresql_plans_a_statement_once_and_other_statements_each_time():
    article = make_article()
    by_number = CompiledSelect(
        lambda pk: Article.objects.filter(pk=pk).values_list("title"), numbers=("pk",)
    )

    def plans() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
                " WHERE statement LIKE '%title%' AND statement NOT LIKE '%sapo%'"
            )
            return [n for (n,) in cursor.fetchall()]

    for n in range(3):
        assert by_number(pk=article.pk + n) == ([(article.title,)] if n == 0 else [])
        assert list(Article.objects.filter(pk=-1).values_list("title")) == []
        assert plans() == [n + 1]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite không nhớ cách chạy câu lệnh"
)
def test_a_column_that_a_newer_version_adds_disturbs_no_planned_statement():
    article = make_article()
    by_number = CompiledSelect(
        lambda pk: Article.objects.filter(pk=pk), numbers=("pk",)
    )
    assert by_number(pk=article.pk) == [article]
    connection.check_constraints()  # or what waits for the end forbids the next
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE news_article ADD newer int NOT NULL DEFAULT 0")
    assert by_number(pk=article.pk) == [article]
