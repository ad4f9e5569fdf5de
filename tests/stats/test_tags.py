"""What stands in a public page: the counter as text and the beacon with its token."""

import gzip
import re
from pathlib import Path

import pytest
from django.db import OperationalError
from django.template import Context, Template

from stats import clock, tokens, totals
from stats.models import Day

from .conftest import NOON

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def render(text, **context):
    return Template("{% load stats_tags %}" + text).render(Context(context))


def test_the_counter_shows_both_numbers_and_their_time(noon):
    Day.objects.create(day=clock.local_day(NOON), visits=2502)
    Day.objects.create(day=clock.days_before(clock.today(), 1), visits=1_387_176)
    html = render("{% visit_counter %}")
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert text == "Hôm nay: 2.502 Đã truy cập: 1.389.678 lúc 12:00"
    assert 'data-visits="2026-11-20"' in html
    assert 'data-visits-total="1389678"' in html


def test_without_a_database_the_counter_is_left_out(monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(totals, "read", away)
    assert render("{% visit_counter %}").strip() == ""


def test_the_beacon_carries_the_token_of_its_page(noon):
    html = render('{% visit_beacon "article" 12 %}')
    token = re.search(r'data-visit="([^"]+)"', html)[1]
    assert tokens.read(token) == tokens.Page("article", 12)
    assert f'<noscript><img src="/_s?p={token}" alt=""' in html
    assert "<script" in html and re.search(r"<script[^>]*></script>", html)


def test_the_beacon_of_a_page_with_a_name(noon):
    home = render('{% visit_beacon "page" "home" %}')
    assert tokens.page_token("page", "home") in home


def test_a_rendering_asks_the_database_once(noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        render('{% visit_counter %}{% visit_beacon "article" 12 %}{% visit_counter %}')


def test_the_script_is_at_most_one_kilobyte():
    script = (ROOT / "static/js/visits.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 1024
    assert not re.search(rb"track|analytics", script)  # ad blockers read names
