"""Figures for Prometheus: off, for few, and of all workers together."""

import ipaddress
import os
import re

import pytest
from django.db import OperationalError

from portal import generation, metrics
from portal.pagecache import PageCache
from portal.wsgi import django_application
from stats.beacon import Beacon
from tests.door import Reader
from tests.factories import make_article


@pytest.fixture
def counting(monkeypatch, settings):
    """Counting begins, and ends with the test."""
    monkeypatch.setattr(metrics, "_shared", None)
    monkeypatch.setattr(metrics, "count", metrics._nothing)
    settings.METRICS_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    metrics.start()
    yield
    metrics._shared._turn.close()


def figures(text: str) -> dict[str, float]:
    found = re.findall(r"^(portal_\w+(?:\{[^}]*\})?) (\S+)$", text, re.M)
    return {name: float(value) for name, value in found}


@pytest.mark.django_db
def test_it_is_not_there_unless_it_was_switched_on(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [
        ("127.0.0.1", "", 200),
        ("203.0.113.9", "", 404),
        ("", "", 404),
        ("127.0.0.1", "203.0.113.9", 404),
        # Through a proxy only what it saw counts, not what the client claims.
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", 404),
    ],
)
def test_only_networks_of_the_settings_see_it(
    client, counting, settings, address, forwarded, status
):
    settings.TRUSTED_PROXIES = 1
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    response = client.get("/metrics", REMOTE_ADDR=address, **headers)
    assert response.status_code == status
    assert response.get("Cache-Control") == ("no-store" if status == 200 else None)


@pytest.mark.django_db
def test_the_text_is_what_prometheus_reads(client, counting):
    response = client.get("/metrics")
    assert response["Content-Type"] == "text/plain; version=0.0.4"
    text = response.content.decode()
    assert text.endswith("\n")
    names = {name.partition("{")[0] for name in figures(text)}
    assert names == set(re.findall(r"^# TYPE (\w+) (?:counter|gauge)$", text, re.M))
    assert names == set(re.findall(r"^# HELP (\w+) \S.*$", text, re.M))
    assert len(re.findall("^# TYPE", text, re.M)) == len(names)
    assert figures(text)["portal_database_up"] == 1
    assert figures(text)["portal_disk_free_bytes"] > 0


@pytest.mark.django_db
def test_requests_hits_and_renderings_are_counted(client, counting):
    make_article()
    generation.refresh()
    site = PageCache(Beacon(django_application), 10**6)
    reader = Reader(metrics.Counted(site))
    for _ in range(3):
        reader("/tin-nong/")
    reader("/admin/")
    reader("/_s")
    reader("/static/khong-co.css")
    found = figures(client.get("/metrics").content.decode())
    assert found['portal_requests_total{kind="page"}'] == 3
    assert found['portal_requests_total{kind="desk"}'] == 1
    assert found['portal_requests_total{kind="beacon"}'] == 1
    assert found['portal_requests_total{kind="file"}'] == 1
    assert found["portal_page_cache_hits_total"] == 2
    assert found['portal_answers_total{status="2xx"}'] == 4
    assert found['portal_answers_total{status="3xx"}'] == 1
    assert found['portal_answers_total{status="4xx"}'] == 1


@pytest.mark.django_db
def test_without_the_database_the_rest_is_told(client, counting, monkeypatch):
    def fail():
        raise OperationalError("away")

    monkeypatch.setattr(generation, "stored_generation", fail)
    found = figures(client.get("/metrics").content.decode())
    assert found["portal_database_up"] == 0
    assert "portal_generation" not in found
    assert found["portal_disk_free_bytes"] > 0


def test_processes_count_together_each_in_a_row_of_its_own(counting):
    metrics.count("page")
    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            for _ in range(1000):
                metrics.count("page")
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert metrics._shared.sums()["page"] == 3001
    assert metrics._shared._cells[0] == 4
