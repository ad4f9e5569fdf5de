from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from news.models import Article, State
from news.signals import articles_changed
from search import documents, indexing, signals
from search.indexing import Drift
from tests.factories import make_article, make_category
from tests.search.helpers import backend, found, local

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    out = StringIO()
    call_command("rebuild_search_index", *arguments, stdout=out)
    return out.getvalue()


def test_an_edited_title_is_found_at_once():
    article = make_article(title="Tên cũ")
    article.title = "Tên mới toanh"
    article.save()
    assert found("toanh") == [article.pk]
    assert found('"tên cũ"') == []
    assert not indexing.check()


def test_leaving_the_published_state_leaves_the_index():
    article = make_article(title="rừng")
    article.state = State.WITHDRAWN
    article.save(update_fields=["state"])
    assert backend().indexed_ids(0, 10) == []
    article.state = State.PUBLISHED
    article.save(update_fields=["state"])
    assert found("rừng") == [article.pk]


def test_a_scheduled_article_waits_in_the_index():
    later = timezone.now() + timedelta(days=1)
    article = make_article(title="rừng", published_at=later)
    assert found("rừng") == []
    assert found("rừng", at=later) == [article.pk]


def test_a_moved_date_moves_the_article():
    older = make_article(title="rừng", published_at=local(2021, 5, 19, 10))
    moved = make_article(title="rừng", published_at=local(2022, 5, 19, 10))
    moved.published_at = local(2020, 5, 19, 10)
    moved.save()
    assert found("rừng") == [older.pk, moved.pk]
    assert found("rừng", first_day=date(2022, 1, 1)) == []
    assert found("rừng", last_day=date(2020, 5, 19)) == [moved.pk]
    assert not indexing.check()


def test_categories_follow_both_ends_of_their_relation():
    a, b = make_category(), make_category()
    article = make_article(title="rừng", category=a)
    article.further_categories.add(b)
    assert found("rừng", category_ids=(b.pk,)) == [article.pk]
    b.further_articles.clear()
    assert found("rừng", category_ids=(b.pk,)) == []
    b.further_articles.add(article)
    assert found("rừng", category_ids=(b.pk,)) == [article.pk]
    b.delete()
    assert not indexing.check()
    article.category = make_category()
    article.save()
    assert found("rừng", category_ids=(a.pk,)) == []


def test_a_renamed_or_moved_category_touches_no_index_row():
    parent = make_category(name="Cũ")
    child = make_category(parent=parent)
    article = make_article(title="rừng", category=child)
    parent.name = "Mới"
    parent.save()
    child.parent = None
    child.save()
    assert found("rừng", category_ids=(child.pk,)) == [article.pk]
    assert not indexing.check()


def test_a_deleted_article_leaves_the_index():
    article = make_article(title="rừng")
    article.delete()
    assert backend().indexed_ids(0, 10) == []
    make_article(title="rừng")
    Article.objects.all().delete()
    assert backend().indexed_ids(0, 10) == []


def test_a_rolled_back_save_leaves_no_trace():
    article = make_article(title="Cũ")
    with pytest.raises(RuntimeError), transaction.atomic():
        article.title = "Mới"
        article.save()
        raise RuntimeError
    assert found("cũ") == [article.pk]
    assert found("mới") == []
    assert not indexing.check()


def test_bulk_changes_are_told_by_signal():
    article = make_article(title="Cũ")
    Article.objects.filter(pk=article.pk).update(title="Mới")
    assert found("mới") == []
    articles_changed.send(Article, article_ids=[article.pk])
    assert found("mới") == [article.pk]


def test_paused_signals_index_nothing_until_told():
    with signals.paused():
        article = make_article(title="rừng")
        with signals.paused():
            pass
        other = make_article(title="rừng")
    assert indexing.check() == Drift(missing=(article.pk, other.pk))
    indexing.index_articles([article.pk, other.pk])
    assert not indexing.check()


def test_columns_that_are_not_indexed_cost_no_index_work():
    def refuse(execute, sql, params, many, context):
        assert "search_" not in sql
        return execute(sql, params, many, context)

    article = make_article()
    with connection.execute_wrapper(refuse):
        article.save(update_fields=["version"])


def test_saving_the_same_text_again_writes_nothing():
    article = make_article(title="rừng")
    with connection.execute_wrapper(refuse_index_writes):
        article.save()


def refuse_index_writes(execute, sql, params, many, context):
    assert not (sql.startswith(("INSERT", "DELETE", "UPDATE")) and "search_" in sql)
    return execute(sql, params, many, context)


# Rebuild and check ---------------------------------------------------------------


def make_drift() -> Drift:
    """Change articles behind the index's back, in every way."""
    stale, gone, withdrawn = (make_article(title=f"rừng {n}") for n in range(3))
    with signals.paused():
        missing = make_article(title="rừng 4")
    Article.objects.filter(pk=stale.pk).update(title="biển")
    Article.objects.filter(pk=withdrawn.pk).update(state=State.WITHDRAWN)
    Article.objects.filter(pk=gone.pk)._raw_delete(using="default")
    return Drift((missing.pk,), (stale.pk,), (gone.pk, withdrawn.pk))


def test_check_names_drift_and_rebuild_repairs_it():
    drift = make_drift()
    assert indexing.check() == drift
    assert indexing.rebuild() == 2
    assert not indexing.check()
    assert len(found("rừng")) == 1
    assert len(found("biển")) == 1


def test_check_sees_a_moved_date_and_category_behind_the_index():
    a, b = make_article(), make_article()
    Article.objects.filter(pk=a.pk).update(published_at=local(2020, 1, 1))
    Article.objects.filter(pk=b.pk).update(category=make_category())
    assert indexing.check().stale == (a.pk, b.pk)


def test_the_command_checks_and_rebuilds():
    drift = make_drift()
    with pytest.raises(CommandError) as error:
        run("--check")
    assert error.value.returncode == 1
    assert "2" in run()
    assert f"({drift.missing[0]})" not in run("--check")


def test_the_command_names_ids():
    drift = make_drift()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("rebuild_search_index", "--check", stdout=out)
    progress, *lines = out.getvalue().splitlines()
    published = Article.objects.filter(state=State.PUBLISHED).count()
    assert progress == f"{published} / {published}"
    assert len(lines) == 3
    for line, ids in zip(
        lines, (drift.missing, drift.stale, drift.superfluous), strict=True
    ):
        assert f"({', '.join(map(str, ids))})" in line


def test_an_interrupted_rebuild_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 2)
    with signals.paused():
        made = [make_article(title="rừng").pk for _ in range(5)]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.rebuild(stop)
    assert set(found("rừng")) == set(made[3:])
    seen = []
    assert indexing.rebuild(lambda done, total: seen.append((done, total))) == 5
    assert seen == [(4, 5), (5, 5)]
    assert set(found("rừng")) == set(made)
    assert not indexing.check()


def test_another_tokenizer_is_named_and_rebuilt_from_scratch(monkeypatch):
    article = make_article(title="rừng")
    monkeypatch.setattr(indexing.text, "TOKENIZER_VERSION", 99)
    assert indexing.check() == Drift(is_outdated=True)
    indexing.rebuild()
    assert not indexing.check()
    assert found("rừng") == [article.pk]


def test_a_rebuild_from_scratch_forgets_crowded_minutes():
    minute = local(2021, 5, 19, 10)
    made = {make_article(title="rừng", published_at=minute).pk for _ in range(40)}
    indexing.rebuild(from_scratch=True)
    assert set(found("rừng", last_day=date(2021, 5, 19))) == made
    assert not indexing.check()


def test_an_emptied_index_finds_what_is_saved_and_keeps_no_text_of_others():
    """SQLite leaves the texts, for others to take their place, until it is tidied."""
    kept, saved, gone = (make_article(title=f"rừng {n}") for n in range(3))
    backend().clear()
    assert found("rừng") == []
    saved.title = "rừng xanh"
    saved.save()
    assert found("rừng") == found("xanh") == [saved.pk]
    Article.objects.filter(pk=gone.pk).update(state=State.DRAFT)
    indexing.rebuild()
    assert not indexing.check()
    assert set(found("rừng")) == {kept.pk, saved.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT article_id FROM search_text ORDER BY article_id")
        assert cursor.fetchall() == [(kept.pk,), (saved.pk,)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="FTS5 deletes by old tokens")
def test_deleting_leaves_no_token_behind():
    article = make_article(title="Khoa học", sapo="Hoà bình", body_text="đường xa")
    key = f":c{article.category_id}"
    for count in (1, 0):
        for token in ("khoa", "học", "khoa_hoc", ":tkhoa_hoc", "binh", "duong_xa", key):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM search_fts WHERE search_fts MATCH %s",
                    [f'"{token}"'],
                )
                assert cursor.fetchone() == (count,), token
        if count:
            article.delete()
    assert backend().find_damage() == ""


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth():
    def tables():
        return {
            name
            for name in connection.introspection.table_names()
            if name.startswith("search_")
        }

    before = tables()
    try:
        call_command("migrate", "search", "zero", verbosity=0)
        assert tables() == set()
    finally:
        call_command("migrate", "search", verbosity=0)
    assert tables() == before
    assert before >= {"search_doc", "search_text", "search_state"}
    assert not indexing.is_outdated()
    article = make_article(title="rừng")
    assert found("rừng") == [article.pk]
    # Of a site with articles: the tables are made anew, and it is said.
    call_command("migrate", "search", "0003", verbosity=0)
    call_command("migrate", "search", verbosity=0)
    assert indexing.is_outdated()
    indexing.rebuild()
    assert not indexing.is_outdated()
    assert found("rừng") == [article.pk]
    article.delete()


# The back office --------------------------------------------------------------------


def narrowed(words) -> set[int]:
    found, _ = indexing.narrow(Article.objects.all(), words)
    return set(found.values_list("pk", flat=True))


def test_the_back_office_finds_drafts_and_unfinished_words():
    published = make_article(title="Đường Hồ Chí Minh trên biển")
    draft = make_article(title="Về đường biển", state=State.DRAFT, published_at=None)
    body = make_article(body_text="dọc theo đường biển")
    make_article(title="Đường sắt", body_text="một vùng biển")
    assert narrowed("duong bie") == {published.pk, draft.pk, body.pk}
    assert narrowed("Đường biển") == {published.pk, draft.pk, body.pk}


def test_an_unfinished_letter_means_words_and_no_key_of_the_index():
    article = make_article(title="Bài yên bình", sapo="", body_text="")
    assert narrowed("b") == {article.pk}
    for letter in ("t", "c", "m", "x"):
        assert narrowed(letter) == set(), letter


def test_the_back_office_search_narrows_the_queryset_it_is_given():
    article = make_article(title="rừng")
    make_article(title="rừng", state=State.TRASHED)
    queryset = Article.objects.exclude(state=State.TRASHED).order_by("title")
    assert [a.pk for a in indexing.narrow(queryset, "rung")[0]] == [article.pk]
    assert indexing.narrow(queryset, "rung")[0].count() == 1


def test_of_very_many_the_newest_are_found_and_it_is_said(monkeypatch, admin_client):
    monkeypatch.setattr(indexing, "MOST_FOUND", 2)
    now = timezone.now()
    made = [
        make_article(title=f"rừng {n}", published_at=now - timedelta(days=n)).pk
        for n in range(4)
    ]
    found, is_capped = indexing.narrow(Article.objects.all(), "rung")
    assert {article.pk for article in found} == set(made[:2])
    assert is_capped
    # Whatever the list is narrowed to comes before the newest are taken.
    older = Article.objects.filter(pk__in=made[2:])
    found, is_capped = indexing.narrow(older, "rung")
    assert {article.pk for article in found} == set(made[2:])
    assert not is_capped
    page = admin_client.get("/admin/news/article/?q=rung").content.decode()
    assert "chỉ liệt kê những bài mới nhất" in page


@pytest.mark.parametrize("words", ['"', "' OR 1=1", "a*", "%", "\x00zz", "😀", '"a b"'])
def test_hostile_words_in_the_back_office_break_nothing(words):
    make_article(title="Bài yên bình")
    assert narrowed(words) == set()


def test_no_words_narrow_nothing():
    article = make_article()
    assert narrowed("  ") == {article.pk}


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2021, 5, 3), date(2021, 5, 3), [":m202105"]),
        (date(2021, 1, 1), date(2021, 12, 31), [":y2021"]),
        (date(2019, 12, 30), date(2021, 1, 1), [":m201912", ":y2020", ":m202101"]),
        (date(2021, 5, 3), date(2021, 5, 2), [":m202105"]),
        (date(2022, 5, 3), date(2021, 5, 2), []),
        (None, date(2021, 5, 3), []),
        (date(2021, 5, 3), None, []),
        (date.min, date.max, []),
    ],
)  # fmt: skip
def test_days_are_looked_up_as_years_and_months(first, last, expected):
    assert documents.periods(first, last) == expected
