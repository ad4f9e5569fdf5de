"""The contract on PostgreSQL; the whole suite runs once for each database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal import housekeeping
from search.backends import postgres
from search.backends.base import SearchTimeout
from tests.factories import make_article
from tests.search.contract import SearchContract
from tests.search.helpers import found, search
from tests.search.properties import SearchProperties

if connection.vendor != "postgresql":
    pytest.skip("this run's database is not PostgreSQL", allow_module_level=True)

pytestmark = pytest.mark.django_db


class TestPostgres(SearchContract):
    def test_a_search_that_takes_too_long_is_stopped(self, monkeypatch):
        monkeypatch.setattr(postgres, "STATEMENT_TIMEOUT_MS", 20)
        monkeypatch.setattr(
            postgres.PostgresBackend,
            "condition",
            lambda self, expressions: ("pg_sleep(1) IS NOT NULL", []),
        )
        make_article()
        with pytest.raises(SearchTimeout):
            search("rừng")

    @pytest.mark.parametrize(("recent", "spare"), [(1, 0), (6, 1), (500, 20)])
    def test_what_is_not_public_yet_takes_no_place(self, recent, spare, monkeypatch):
        """However many of the newest rows are looked at first."""
        monkeypatch.setattr(postgres, "RECENT", recent)
        monkeypatch.setattr(postgres, "SPARE", spare)
        monkeypatch.setattr(postgres.PostgresBackend, "total_cap", 4)
        now, day = timezone.now(), timedelta(days=1)
        for n in range(5):
            make_article(title="rừng", published_at=now + day * (n + 1))
        made = [make_article(title="rừng", published_at=now - day * n) for n in (1, 2)]
        assert found("rừng") == [article.pk for article in made]
        made += [
            make_article(title="rừng", published_at=now - day * n) for n in (3, 4, 5)
        ]
        expected = [article.pk for article in made[:4]]
        assert found("rừng", per_page=2) == expected
        assert found("rung", per_page=3) == expected


class TestPostgresProperties(SearchProperties):
    pass


def test_housekeeping_merges_what_updates_have_put_aside():
    """Else an editor would, and every search would read it until then."""

    def put_aside() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('search_doc_tok')")
            return cursor.fetchone()[0]

    article = make_article(title="rừng")
    assert put_aside() > 0
    article.title = "biển"
    article.save()
    assert (found("rừng"), found("biển")) == ([], [article.pk])
    (merge,) = [d for d in housekeeping.duties() if d.name == "index of search"]
    merge()
    assert put_aside() == 0
    assert (found("rừng"), found("biển")) == ([], [article.pk])
