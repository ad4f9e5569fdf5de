"""The administrators' page, the ledger in the back office, and who may do what."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from stats import (
    chart,
    clock,
    demo,
    drainer,
    health,
    housekeeping,
    ledger,
    recent,
    spool,
    staff,
    totals,
)
from stats.models import Day, LedgerEntry

from .conftest import hit

pytestmark = pytest.mark.django_db
DASHBOARD = "/admin/thong-ke/"


def make_client(*permissions, username="nguoi-dung", **user):
    account = get_user_model().objects.create_user(username, is_staff=True, **user)
    for permission in permissions:
        account.user_permissions.add(Permission.objects.get(codename=permission))
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def chief():
    return make_client(is_superuser=True)


def test_the_page_shows_today_total_and_the_carried_over_part(chief):
    today = clock.today()
    Day.objects.create(day=today, visits=2502, views=9001, visitors=1999, bot_views=77)
    ledger.set_opening_balance(1_387_176, today, "Bộ đếm của trang cũ")
    response = chief.get(DASHBOARD)
    page = response.content.decode()
    for shown in ("2.502", "1.389.678", "1.387.176", "9.001", "77"):
        assert shown in page
    assert "Bộ đếm của trang cũ" in page
    assert f"{today:%d/%m/%Y}" in page


def test_the_page_can_be_shown_under_a_strict_policy(chief):
    demo.write_demo_days(1, 40, [("article", 1)])
    page = chief.get(DASHBOARD).content.decode()
    main = page[page.index('id="content-main"') :]
    assert main.count("<svg class") == 2 and main.count("<polyline") == 4
    for forbidden in ("style=", "<style", "onclick"):
        assert forbidden not in main


@pytest.mark.parametrize(
    "asked, days", [("90", 90), ("365", 365), ("7", 30), ("x", 30)]
)
def test_the_period_is_one_of_three(chief, asked, days):
    response = chief.get(DASHBOARD, {"days": asked})
    assert response.context["figures"].days == days
    assert len(response.context["figures"].rows) == days + 1


def test_the_page_asks_few_questions(chief, django_assert_max_num_queries):
    demo.write_demo_days(1, 365, [("article", n) for n in range(60)])
    recent.rebuild(clock.days_before(clock.today(), 1))
    with django_assert_max_num_queries(10):  # two of them for session and user
        chief.get(DASHBOARD, {"days": "365"})


def test_the_health_line_counts_only_what_waits(noon):
    spool.append(hit())
    assert health.health().waiting_bytes > 0
    assert health.health().is_late
    housekeeping.tick()
    drainer.drain(noon, hold_ms=0)
    assert health.health().waiting_bytes == 0


def test_the_page_is_for_those_who_may_see_it():
    assert Client().get(DASHBOARD).status_code == 302
    assert make_client().get(DASHBOARD).status_code == 403
    client = make_client("view_dashboard", username="khac")
    assert client.get(DASHBOARD).status_code == 200


def test_a_correction_is_signed_and_cannot_be_changed(chief):
    add = reverse("admin:stats_ledgerentry_add")
    form = {"metric": "visits", "delta": "-12", "day": "", "reason": "Đếm nhầm khi thử"}
    assert chief.post(add, form).status_code == 302
    entry = LedgerEntry.objects.get()
    assert (entry.delta, entry.source) == (-12, "correction")
    assert entry.user.username == "nguoi-dung"
    assert totals.read().total == -12
    change = reverse("admin:stats_ledgerentry_change", args=[entry.pk])
    assert chief.get(change).status_code == 200
    assert chief.post(change, {**form, "delta": "5"}).status_code == 403
    delete = reverse("admin:stats_ledgerentry_delete", args=[entry.pk])
    assert chief.post(delete, {"post": "yes"}).status_code == 403
    assert LedgerEntry.objects.get().delta == -12


@pytest.mark.parametrize(
    "delta, reason",
    [("0", "Không đổi gì cả"), ("5", "ừ"), ("", "Không có số"), ("x", "Không phải số")],
)
def test_a_mistaken_correction_is_explained(chief, delta, reason):
    add = reverse("admin:stats_ledgerentry_add")
    form = {"metric": "visits", "delta": delta, "day": "", "reason": reason}
    response = chief.post(add, form)
    assert response.status_code == 200
    assert response.context["adminform"].errors
    assert not LedgerEntry.objects.exists()


def test_an_undo_from_the_list_adds_the_opposite(chief):
    entry = ledger.add(LedgerEntry(delta=40, reason="Cộng thiếu một ngày"))
    listing = reverse("admin:stats_ledgerentry_changelist")
    action = {"action": "undo", "_selected_action": [entry.pk]}
    for _ in range(2):
        assert chief.post(listing, action).status_code == 302
    assert [e.delta for e in LedgerEntry.objects.order_by("pk")] == [40, -40]
    assert reverse("stats:dashboard") in chief.get(listing).content.decode()


def test_seeing_the_ledger_is_not_adding_to_it():
    ledger.add(LedgerEntry(delta=40, reason="Cộng thiếu một ngày"))
    client = make_client("view_ledgerentry")
    listing = client.get(reverse("admin:stats_ledgerentry_changelist"))
    assert listing.status_code == 200
    assert "undo" not in listing.content.decode()
    assert client.get(reverse("admin:stats_ledgerentry_add")).status_code == 403


def test_staff_get_the_preference_not_to_be_counted(chief):
    cookie = chief.get(DASHBOARD).cookies[staff.COOKIE]
    assert (cookie.value, cookie["path"], cookie["samesite"]) == ("1", "/", "Lax")
    assert not cookie["httponly"]
    assert staff.COOKIE not in chief.get(DASHBOARD).cookies  # once is enough


def test_nobody_else_gets_a_cookie():
    for address in (DASHBOARD, "/healthz"):
        assert not Client().get(address).cookies


CHARTS = {
    "nothing yet": ([0, 0, 0], [0, 1]),
    "one": ([1, 0, 0], [0, 1]),
    "small": ([3, 9, 4], [0, 5, 10]),
    "thousands": ([2502, 9001, 0], [0, 5000, 10000]),
}


@pytest.mark.parametrize("values, grid", CHARTS.values(), ids=CHARTS.keys())
def test_the_grid_of_the_chart_has_round_numbers(values, grid):
    days = [clock.days_before(clock.today(), n) for n in (2, 1, 0)]
    drawn = chart.line_chart(days, [("views", "Views", values)])
    assert [tick.value for tick in drawn.values] == grid
    places = [point.split(",") for point in drawn.lines[0].points.split()]
    assert all(0 <= float(y) <= chart.HEIGHT for _, y in places)
    assert [float(x) for x, _ in places] == sorted(float(x) for x, _ in places)
    assert drawn.below[-1].value == days[-1]
