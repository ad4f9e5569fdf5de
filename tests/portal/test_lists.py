"""Every list of the back office: bounded, searched without accents, hard to break."""

import itertools
import re
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import CharField, TextField
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from news.models import Article, Author, Category, Image, ListEntry, Tag, Unit
from portal import audit
from portal.audit.models import AuditEntry
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, User, WorkEvent
from search.models import Abbreviation, SoughtWords
from stats.models import LedgerEntry
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_tag,
    make_unit,
)
from tests.news.conftest import login

pytestmark = pytest.mark.django_db
_numbers = itertools.count(1)
WORDS = "Đường Đà Nẵng"  # in one text of each row; asked for as "duong da"


def a_user(**overrides):
    overrides.setdefault("username", f"nguoi-{next(_numbers)}")
    return User.objects.create(is_staff=True, **overrides)


def an_article(number):
    return make_article(
        title=f"{WORDS} {number}",
        created_by=a_user(),
        category=make_category(parent=make_category()),
        signature_unit=make_unit(),
        tags=[make_tag()],
    )


def a_work_event(number):
    day = date(2026, 3, 1) + timedelta(days=number)
    return WorkEvent.objects.create(day=day, content=f"{WORDS} {number}")


def a_user_in_groups(number):
    user = a_user(last_name=WORDS, first_name=f"{number}")
    user.groups.set(Group.objects.order_by("pk")[: 1 + number % 2])
    return user


def an_image(number):
    image = make_image(title=f"{WORDS} {number}", uploaded_by=a_user())
    make_article(cover=image)
    return image


# For each registered model, how to make its row number n.
MAKERS = {
    Abbreviation: lambda n: Abbreviation.objects.create(
        short=f"ĐĐ{n}", long=f"{WORDS} {n}"
    ),
    Article: an_article,
    AuditEntry: lambda n: audit.record(
        "changed", user=a_user(), object=make_tag(name=f"{WORDS} {n}")
    ),
    Author: lambda n: Author.objects.create(name=f"{WORDS} {n}"),
    Category: lambda n: make_category(
        name=f"{WORDS} {n}", parent=make_category(name=f"{WORDS} trên {n}")
    ),
    Group: lambda n: Group.objects.create(name=f"{WORDS} {n}"),
    Image: an_image,
    LedgerEntry: lambda n: LedgerEntry.objects.create(
        delta=n + 1, reason=f"Duong da nang {n}", user=a_user()
    ),
    LinkedSite: lambda n: LinkedSite.objects.create(
        name=f"{WORDS} {n}", url="https://example.vn", logo=make_image()
    ),
    MenuItem: lambda n: MenuItem.objects.create(
        category=make_category(name=f"{WORDS} {n}"),
        parent=MenuItem.objects.create(label=f"Mục {n}", link="/"),
    ),
    Page: lambda n: Page.objects.create(title=f"{WORDS} {n}"),
    SoughtWords: lambda n: SoughtWords.objects.create(
        day=timezone.localdate(), words=f"{WORDS} {n}".lower(), searches=2
    ),
    Tag: lambda n: make_tag(name=f"{WORDS} {n}"),
    Unit: lambda n: make_unit(name=f"{WORDS} {n}"),
    User: a_user_in_groups,
    WorkEvent: a_work_event,
}
# Settings are one row; hot and focus are a page of their own (tests/news/test_lists).
WITHOUT_LIST = {SiteSettings, ListEntry}
LISTED = sorted(MAKERS, key=lambda model: model._meta.label)


def by_label(model) -> str:
    return model._meta.label


def address(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def client(db):
    return login(a_user(username="quantri", is_superuser=True))


def test_every_registered_model_stands_in_the_table():
    assert set(admin.site._registry) == set(MAKERS) | WITHOUT_LIST


def choices_of(changelist) -> list[str]:
    """The query strings that this list's filters and dates offer."""
    offered = [
        choice["query_string"]
        for spec in changelist.filter_specs
        for choice in spec.choices(changelist)
        if choice.get("query_string")
    ]
    dates = getattr(changelist, "dates", None) or {"choices": []}
    return [*offered, *(choice["link"] for choice in dates["choices"])]


def queries(client, url) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200, url
    assert "e=1" not in url
    return len(captured)


@pytest.mark.parametrize("model", LISTED, ids=by_label)
def test_queries_do_not_grow_with_the_rows(client, model):
    for number in range(3):
        MAKERS[model](number)
    url = address(model)
    client.get(url)  # what is read once a process
    offered = choices_of(client.get(url).context["cl"])
    asked = ["", "?q=duong+da", *offered]
    few = {query: queries(client, url + query) for query in asked}
    for number in range(3, 12):
        MAKERS[model](number)
    many = {query: queries(client, url + query) for query in asked}
    # A filter by one row's value may find nothing for a row that is there alone.
    grown = {query: (few[query], many[query]) for query in asked}
    assert all(after <= before for before, after in grown.values()), grown


@pytest.mark.parametrize("model", LISTED, ids=by_label)
def test_words_are_found_without_accents_and_only_in_rows_that_hold_all(client, model):
    MAKERS[model](0)
    shown = client.get(address(model) + "?q=DUONG+nang").context["cl"]
    assert shown.result_count >= 1
    none = client.get(address(model) + "?q=duong+khongco").context["cl"]
    assert none.result_count == 0


@pytest.mark.parametrize("model", LISTED, ids=by_label)
def test_headings_name_what_is_listed(client, model):
    page = client.get(address(model)).content.decode()
    heading = re.search(r"<h1>(.*?)</h1>", page)[1]
    assert not heading.startswith("Chọn")  # ... for changing or viewing


# Of each list and each file of one. What is asked of a column goes to one of words.
GARBAGE = [
    *("p=-1", "o=99.-99.x", "q=%00", "pk=999999999999999999999", "pk__in=1,x"),
    *("{column}__regex=((", "{column}__range=abc", "{column}__range=2026-01-01,x"),
    *("{column}__date__range=abc", "{column}__in=%00", "{column}__no_such=1"),
]
# Where the rows are read in a way of their own, and may fail late.
MORE_GARBAGE = [
    "p=99999999999999999999",
    "all=",
    "q=%22%27%3B+OR+1%3D1+--",
    "q=" + "a" * 3000,
    "e=1",
    "{date}__year=0",
    "{date}__year=1",
    "{date}__year=9999",
    "{date}__year=99999999999",
    "{date}__year=%D9%A3%D9%A3%D9%A3",
    "{date}__year=2026&{date}__month=13",
    "{date}__year=2026&{date}__month=2&{date}__day=30",
    "{date}__month=x",
    "{date}__gte=0001-01-01",
    "{date}__lt=9999-12-31T23:59",
    "writer=x&section=x&list=x&state=x&mark=x&time=x&use=x&by=x",
    "section=999999999999999999999",
    "_facets=True",
]


def breaks(response) -> bool:
    return response.status_code not in (200, 302, 400)


def column_of(model) -> str:
    return next(
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField)
    )


@pytest.mark.parametrize("model", LISTED, ids=by_label)
def test_no_address_breaks_a_list_or_a_file_of_it(client, model):
    MAKERS[model](0)
    asked = [address(model)]
    with suppress(NoReverseMatch):
        name = f"admin:{model._meta.label_lower.replace('.', '_')}_export"
        asked.append(reverse(name, args=["csv"]))
    urls = [
        f"{url}?{query.format(column=column_of(model))}"
        for url in asked
        for query in GARBAGE
    ]
    assert not [url for url in urls if breaks(client.get(url))]


@pytest.mark.filterwarnings("ignore:DateTimeField .* received a naive datetime")
@pytest.mark.parametrize(
    "model", [Article, Image, SoughtWords, WorkEvent, User], ids=by_label
)
def test_no_address_breaks_a_list_with_dates(client, model):
    MAKERS[model](0)
    date = admin.site._registry[model].date_hierarchy or "last_login"
    urls = [f"{address(model)}?{query.format(date=date)}" for query in MORE_GARBAGE]
    assert not [url for url in urls if breaks(client.get(url))]


NO_VALUE = "9" * 30 + "x"  # neither a number, a day, a key nor a choice
ADDED = sorted({*LISTED, ListEntry}, key=by_label)


@pytest.mark.parametrize("model", ADDED, ids=by_label)
def test_no_address_breaks_a_form_for_adding(client, model):
    """All fields at once: one form for each would cost too much."""
    url = address(model) + "add/"
    form = client.get(url)
    if form.status_code == 403:  # nobody adds to a log
        return
    names = {*form.context["adminform"].form.fields}
    names |= {field.name for field in model._meta.get_fields()}
    for value in (NO_VALUE, "9" * 30, "\0", "1,x"):
        page = client.get(url, dict.fromkeys(names, value))
        assert page.status_code == 200
        sent = {f"{name}{part}": value for name in names for part in ("", "_0", "_1")}
        with transaction.atomic():
            assert not breaks(client.post(url, sent))
            transaction.set_rollback(True)


def test_an_address_fills_in_what_the_form_would_take(client):
    category = make_category()
    asked = {"title": "Tin", "tags": "một,hai", "category": category.pk}
    page = client.get(address(Article) + "add/", asked | {"published_at": "x"})
    shown = page.context["adminform"].form
    assert shown["title"].value() == "Tin"
    assert shown["tags"].value() == "một, hai"
    assert shown["category"].value() == str(category.pk)
    assert shown["published_at"].value() is None


def dated(client, query="") -> list[str]:
    response = client.get(f"{address(Article)}?{query}")
    return [choice["title"] for choice in response.context["cl"].dates["choices"]]


def test_dates_lead_from_years_to_months_to_days_in_vietnamese(client):
    now = timezone.localtime()  # the list counts local days
    make_article(published_at=now.replace(year=now.year - 2, month=6, day=15))
    make_article(published_at=now.replace(month=6, day=15))
    assert dated(client) == [str(now.year - n) for n in range(3)]
    year = f"published_at__year={now.year - 2}"
    assert dated(client, year)[4] == "Tháng 5"
    month = f"{year}&published_at__month=6"
    assert dated(client, month)[14] == "15/06"
    day = client.get(f"{address(Article)}?{month}&published_at__day=15")
    assert day.context["cl"].result_count == 1
    assert f"15/06/{now.year - 2}" in day.content.decode()


# Plans: a page of the articles never sorts or reads them all


SHAPES = ["", "p=2", "o=2", "o=-6", "o=6", "writer=me"]


def article_queries(client, query) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{address(Article)}?{query}")
    return [
        q["sql"]
        for q in captured
        if 'FROM "news_article"' in q["sql"] and "LIMIT 50" in q["sql"]
    ]


@pytest.mark.parametrize("role", ["quantri", "reporter"])
def test_a_page_of_articles_is_read_along_an_index(role):
    from tests.news.conftest import make_user

    user = make_user("reporter") if role == "reporter" else None
    client = login(user or a_user(username="quantri", is_superuser=True))
    author = user or User.objects.get(username="quantri")
    category = make_category()
    for _ in range(120):
        make_article(category=category, created_by=author)
    for query in SHAPES:
        found = article_queries(client, query)
        assert found, query
        for sql in found:
            assert plan_is_bounded(sql), f"{query}\n{plan(sql)}"


def plan(sql: str) -> str:
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of so few rows it would read all, and rightly.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"{explain} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def plan_is_bounded(sql: str) -> bool:
    told = plan(sql)
    if connection.vendor == "sqlite":
        scans = re.findall(r"SCAN news_article(?! USING)", told)
        return not scans and "TEMP B-TREE FOR ORDER BY" not in told
    # An incremental sort orders the rows of one moment among themselves.
    sorts = re.findall(r"(?<!Incremental )Sort  \(", told)
    return "Seq Scan on news_article" not in told and not sorts
