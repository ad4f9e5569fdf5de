"""The editorial calendar: what goes out and what ends, on the right local day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from news import planning
from news.models import Article
from news.planning import Kind
from news.workflow import State
from tests.factories import make_article, make_category, make_list_entry
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

PLAN = "/admin/news/article/plan/"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Thursday, 26 November 2026, 10:00 in Hà Nội."""
    moment = datetime(2026, 11, 26, 10, tzinfo=HANOI)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def local(day, month=11, hour=9, minute=0, second=0, year=2026):
    return datetime(year, month, day, hour, minute, second, tzinfo=HANOI)


def days_of(month):
    return {day.date: day for week in month.weeks for day in week.days}


def titles(user, first=NOVEMBER, **narrow):
    """{day: [(kind, title)]} of the days with anything."""
    month = planning.month(user, first, **narrow)
    return {
        day.date.isoformat(): [(item.kind.value, item.title) for item in day.items]
        for day in days_of(month).values()
        if day.items
    }


# Days


def test_each_kind_stands_on_its_day_in_the_order_of_time():
    day = local(27)
    article = make_article(
        title="A", published_at=day, expires_at=day + timedelta(days=2)
    )
    make_list_entry(article=article, starts_at=day - timedelta(hours=1))
    make_list_entry(
        article=article,
        list="focus",
        starts_at=day + timedelta(minutes=1),
        ends_at=day + timedelta(days=1),
    )
    assert titles(make_user("editor")) == {
        "2026-11-27": [("list_start", "A"), ("out", "A"), ("list_start", "A")],
        "2026-11-28": [("list_end", "A")],
        "2026-11-29": [("end", "A")],
    }


def test_a_planned_revision_and_a_review_stand_on_their_days():
    live = make_article(title="A", published_at=local(2), review_at=date(2026, 11, 30))
    copy = make_article(
        title="A, bản sửa",
        state=State.APPROVED,
        published_at=local(2),
        revision_of=live,
        apply_at=local(28, hour=23),
    )
    editor = make_user("editor")
    assert titles(editor) == {
        "2026-11-02": [("out", "A")],
        "2026-11-28": [("change", "A, bản sửa")],
        "2026-11-30": [("review", "A")],
    }
    assert titles(make_user("reporter")) == {
        "2026-11-02": [("out", "A")],
        "2026-11-30": [("review", "A")],
    }
    client = login(editor)
    page = client.get(PLAN, {"ngay": "2026-11-30"}).content.decode()
    assert "<time" not in page  # a review is for the whole day
    page = client.get(PLAN).content.decode()
    assert f"/admin/news/article/{copy.pk}/change/" in page


@pytest.mark.parametrize("edge", [date(2026, 11, 1), date(2026, 11, 30)])
def test_reviews_at_the_edges_of_a_month_stay_on_their_days(edge):
    make_article(published_at=local(2, month=6), review_at=edge)
    (day,) = titles(make_user("editor"))
    assert day == edge.isoformat()
    assert planning.month(make_user("editor"), NOVEMBER).counts == {Kind.REVIEW: 1}
    rows = planning.day_rows(make_user("editor"), edge)
    assert [item.kind for item in planning.items(rows)] == [Kind.REVIEW]


def test_months_end_at_local_midnight():
    editor = make_user("editor")
    make_article(title="đầu", published_at=local(1, 11, 0, 0, 0))
    make_article(title="cuối", published_at=local(30, 11, 23, 59, 59))
    make_article(title="trước", published_at=local(31, 10, 23, 59, 59))
    make_article(title="sau", published_at=local(1, 12, 0, 0, 0))
    month = planning.month(editor, NOVEMBER)
    days = days_of(month)
    for day, title in ((1, "đầu"), (30, "cuối")):
        (item,) = days[date(2026, 11, day)].items
        assert item.title == title
    assert month.counts == {Kind.OUT: 2}
    # The weeks at the edges are whole; their days are told apart.
    assert [days[day].in_month for day in (date(2026, 10, 31), date(2026, 12, 1))] == [
        False,
        False,
    ]
    assert {item.title for item in days[date(2026, 10, 31)].items} == {"trước"}


def test_utc_evening_is_the_next_local_day():
    make_article(title="A", published_at=datetime(2026, 11, 10, 17, tzinfo=UTC))
    assert titles(make_user("editor")) == {"2026-11-11": [("out", "A")]}


def test_weeks_are_whole_begin_on_monday_and_have_iso_numbers():
    month = planning.month(make_user("editor"), date(2026, 1, 1))
    assert [week.number for week in month.weeks] == [1, 2, 3, 4, 5]
    assert month.weeks[0].days[0].date == date(2025, 12, 29)
    assert {len(week.days) for week in month.weeks} == {7}
    assert (month.previous, month.next) == (date(2025, 12, 1), date(2026, 2, 1))


@pytest.mark.parametrize(
    ("first", "previous", "following"),
    [
        (date(2000, 1, 1), None, date(2000, 2, 1)),
        (date(2100, 12, 1), date(2100, 11, 1), None),
        (date(2024, 2, 1), date(2024, 1, 1), date(2024, 3, 1)),
    ],
)
def test_the_calendar_has_a_first_and_a_last_month(first, previous, following):
    month = planning.month(make_user("editor"), first)
    assert (month.previous, month.next) == (previous, following)


# What is shown to whom


def test_only_what_a_person_may_see_is_shown():
    """A scheduled article of others may be under embargo, its entry and end too."""
    reporter = make_user("reporter")
    secret = make_article(
        title="MẬT", published_at=local(27), expires_at=local(29), created_by=None
    )
    make_list_entry(article=secret, starts_at=local(28), ends_at=local(29))
    make_article(title="của tôi", published_at=local(27), created_by=reporter)
    make_article(title="đã ra", published_at=local(20))
    assert titles(reporter) == {
        "2026-11-20": [("out", "đã ra")],
        "2026-11-27": [("out", "của tôi")],
    }
    client = login(reporter)
    for query in ("", "?ngay=2026-11-27", "?ngay=2026-11-29"):
        assert "MẬT" not in client.get(PLAN + query).content.decode()


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.WITHDRAWN])
def test_what_does_not_go_out_is_not_planned(state):
    make_article(state=state, published_at=local(27), expires_at=local(28))
    assert titles(make_user("editor")) == {}


def test_somebody_without_the_right_to_see_articles_is_refused():
    assert login(make_user("stranger")).get(PLAN).status_code == 403


def test_section_and_kind_narrow_the_month():
    editor = make_user("editor")
    parent = make_category()
    child = make_category(parent=parent)
    inside = make_article(title="trong", category=child, published_at=local(3))
    outside = make_article(title="ngoài", published_at=local(3), expires_at=local(4))
    for article in (inside, outside):
        make_list_entry(article=article, ends_at=local(5))
    client = login(editor)

    def shown(**query):
        month = client.get(PLAN, query).context["month"]
        return [
            (item.kind.value, item.title)
            for day in days_of(month).values()
            for item in day.items
        ]

    assert shown(muc=parent.pk) == [("out", "trong"), ("list_end", "trong")]
    assert shown(viec="end") == [("end", "ngoài")]
    assert shown(muc=parent.pk, viec="end") == []


# Bounds


def test_a_month_of_thousands_shows_a_few_of_each_day_and_counts_all(
    django_assert_max_num_queries, monkeypatch
):
    category = make_category()
    start = local(1, hour=0)
    Article.objects.bulk_create(
        Article(
            title=f"Bài {number}",
            slug="bai",
            category=category,
            state=State.PUBLISHED,
            published_at=start + timedelta(minutes=number % 2 * 1440 + number // 2),
        )
        for number in range(2000)
    )
    editor = make_user("editor")
    planning.month(editor, NOVEMBER)  # rights are read once for a request
    read, make = [], planning.Item
    monkeypatch.setattr(planning, "Item", lambda **row: read.append(row) or make(**row))
    with django_assert_max_num_queries(1):
        month = planning.month(editor, NOVEMBER)
    assert len(read) == 2 * planning.PER_DAY  # the database gave no more
    busy = days_of(month)[date(2026, 11, 1)]
    assert (len(busy.items), busy.count) == (planning.PER_DAY, 1000)
    assert [item.at.minute for item in busy.items] == list(range(planning.PER_DAY))
    assert month.counts == {Kind.OUT: 2000}
    client = login(editor)
    page = client.get(PLAN).content.decode()
    assert f"và {1000 - planning.PER_DAY} việc nữa" in page.replace(".", "")
    assert page.count("plan-item ") == 2 * planning.PER_DAY
    response = client.get(PLAN, {"ngay": "2026-11-01", "trang": "10"})
    assert len(response.context["items"]) == 100
    assert response.context["items"][-1].at == start + timedelta(minutes=999)
    assert client.get(PLAN, {"ngay": "2026-11-01", "trang": 11}).status_code == 404


@pytest.mark.parametrize("query", ["", "?ngay=2026-11-27", "?viec=out&thang=2026-11"])
def test_the_pages_take_a_fixed_number_of_queries(query, django_assert_max_num_queries):
    client = login(make_user("editor"))

    def more():
        article = make_article(published_at=local(27), expires_at=local(28))
        make_list_entry(article=article, starts_at=local(27), ends_at=local(28))

    more()
    client.get(PLAN + query)
    # Session, user and the two of the permissions come with every page.
    with django_assert_max_num_queries(4 + 8) as few:
        client.get(PLAN + query)
    for _number in range(9):
        more()
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(PLAN + query)


# Addresses


@pytest.mark.parametrize(
    "query",
    [
        *("thang=abc", "thang=", "thang=2026-13", "thang=2026-1", "thang=٢٠٢٦-١١"),
        *("thang=0001-01", "thang=9999-12", "thang=1999-12", "thang=2101-01"),
        *("thang=2026-11-26", "thang=" + "9" * 5000, "thang=%00", "thang=-026-11"),
        *("ngay=٣", "ngay=2026-02-30", "ngay=0001-01-01", "ngay=9999-12-31"),
        *("ngay=", "ngay=2026-11-26T00", "ngay=%00", "muc=abc", "muc=999999"),
        *("muc=" + "9" * 40, "muc=%00", "muc=٣", "viec=khac", "viec=%00"),
        *("ngay=2026-11-26&trang=0", "ngay=2026-11-26&trang=٣"),
        "ngay=2026-11-26&trang=99999",
    ],
)
def test_addresses_that_mean_nothing_are_not_found(query):
    assert login(make_user("editor")).get(f"{PLAN}?{query}").status_code == 404


@pytest.mark.parametrize(
    "query", ["thang=2000-01", "thang=2100-12", "ngay=2000-01-01", "ngay=2100-12-31"]
)
def test_the_edges_of_the_calendar_are_pages(query):
    assert login(make_user("editor")).get(f"{PLAN}?{query}").status_code == 200


def test_nothing_can_be_sent_to_the_calendar():
    assert login(make_user("editor")).post(PLAN).status_code == 405


def test_items_and_days_lead_to_their_places():
    article = make_article(published_at=local(27))
    entry = make_list_entry(article=article, ends_at=local(28))
    client = login(make_user("editor"))
    page = client.get(PLAN, {"viec": ""}).content.decode()
    assert f"/admin/news/article/{article.pk}/change/" in page
    assert f"/admin/news/listentry/{entry.pk}/change/" in page
    assert "ngay=2026-11-27" in page
    assert 'aria-current="date"' in page
    day = client.get(PLAN, {"ngay": "2026-11-27"}).content.decode()
    assert article.title in day
    assert "thang=2026-11" in day


@pytest.mark.parametrize("address", ["/admin/", "/admin/news/article/"])
def test_desk_and_list_lead_to_the_calendar(address):
    assert PLAN in login(make_user("reporter")).get(address).content.decode()


# Days ahead without anything


def test_three_empty_working_days_ahead_are_told_without_the_weekend():
    editor = make_user("editor")
    make_article(published_at=local(26, hour=18))  # today
    make_article(published_at=local(28))  # Saturday
    make_article(state=State.DRAFT, published_at=local(27))
    expected = [date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
    assert planning.empty_days(editor) == expected
    page = login(editor).get(PLAN).content.decode()
    assert "Ba ngày làm việc tới chưa có bài nào: Thứ Sáu 27/11" in page
    assert planning.empty_days(make_user("reporter")) == []


@pytest.mark.parametrize("at", [local(27, hour=0), local(1, 12, 23, 59, 59)])
def test_one_article_on_one_of_them_is_enough(at):
    make_article(published_at=at)
    assert planning.empty_days(make_user("editor")) == []
