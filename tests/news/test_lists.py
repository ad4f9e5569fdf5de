"""Hot news and focus in the back office: order, new entries, ends, warnings."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from news import front_lists
from news.models import ListEntry
from news.workflow import State
from tests.factories import make_article, make_category, make_list_entry
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

BOARD = "/admin/news/listentry/"
HOUR = timedelta(hours=1)


@pytest.fixture
def secretary():
    return make_user("secretary")


def entries(*titles, which="hot", **overrides):
    """Entries of new articles at 1, 2, … of a list."""
    return [
        make_list_entry(
            list=which,
            position=number,
            article=make_article(title=title),
            **overrides,
        )
        for number, title in enumerate(titles, 1)
    ]


def ids(rows):
    return [row.pk for row in rows]


def order(which="hot"):
    return ids(ListEntry.objects.filter(list=which).order_by("position", "-pk"))


def positions(which="hot"):
    rows = ListEntry.objects.filter(list=which).order_by("position", "-pk")
    return list(rows.values_list("position", flat=True))


def send(user, seen, wanted, which="hot", **button):
    data = {"list": which, "seen": ",".join(map(str, seen)), "order": wanted}
    return login(user).post(BOARD, data | (button or {"save": "1"}), follow=True)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


# The page


def test_both_lists_stand_in_the_readers_order_with_the_state_of_each(secretary):
    now = timezone.now()
    entries("Một", "Hai", which="focus")
    later = make_list_entry(position=1, starts_at=now + HOUR)
    gone = make_list_entry(position=2, article=make_article(state=State.WITHDRAWN))
    soon = make_article(published_at=now + HOUR)
    planned = make_list_entry(position=3, article=soon)
    shown = make_list_entry(position=4, ends_at=now + HOUR)
    over = make_list_entry(position=5, ends_at=now - HOUR)
    response = login(secretary).get(BOARD)
    hot, focus = response.context["boards"]
    states = [(row.entry, row.status.value) for row in hot.rows]
    assert states == [
        (later, "later"),
        (gone, "hidden"),
        (planned, "scheduled"),
        (shown, "shown"),
    ]
    assert hot.ended == [over]
    assert [row.entry.article.title for row in focus.rows] == ["Một", "Hai"]
    for words in (
        *("chưa tới giờ", "bài không công khai", "bài hẹn giờ", "đang hiện"),
        "1 tin đã hết hạn",
    ):
        assert words in text_of(response), words


def test_rows_of_the_home_page_are_those_it_shows(client):
    from portal import home, sidebar

    shared = make_article()
    make_list_entry(article=shared, list="hot", position=3)
    make_list_entry(article=shared, list="focus", position=1)
    for position in range(4, 11):
        make_list_entry(list="hot", position=position)
        make_list_entry(list="focus", position=position)
    make_list_entry(position=1, article=make_article(state=State.DRAFT))
    prepared = home.prepare(sidebar.prepare())
    boards = front_lists.boards(make_user("secretary"), timezone.now())
    marked = [
        [row.entry.article for row in board.rows if row.is_on_home] for board in boards
    ]
    assert marked == [[prepared.lead, *prepared.hot], list(prepared.focus)]
    assert [len(articles) for articles in marked] == [6, 4]


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_who_may_only_look_sees_the_lists_without_handles_and_changes_nothing(role):
    first, second = entries("Một", "Hai")
    user = make_user(role)
    page = text_of(login(user).get(BOARD))
    assert "Một" in page
    for mark in ("order-handle", 'name="up"', 'name="top"', "order-add", 'name="save"'):
        assert mark not in page, mark
    assert "order-link" not in page
    for button in ({"save": "1"}, {"end": first.pk}, {"add": "hot:1"}, {"clear": "1"}):
        response = send(user, ids([first, second]), ids([second, first]), **button)
        assert response.status_code == 403
    assert order() == ids([first, second])


def test_a_stranger_to_the_lists_is_refused():
    assert login(make_user("stranger")).get(BOARD).status_code == 403


def test_the_page_takes_a_fixed_number_of_queries(
    secretary, django_assert_max_num_queries
):
    client = login(secretary)

    def more(which):
        make_list_entry(list=which)
        make_list_entry(list=which, ends_at=timezone.now() - HOUR)

    more("hot"), more("focus")
    client.get(BOARD)
    with django_assert_max_num_queries(20) as few:
        client.get(BOARD)
    for which in ("hot", "focus") * 8:
        more(which)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(BOARD)


def test_a_long_list_is_cut_and_says_so(secretary, monkeypatch):
    monkeypatch.setattr(front_lists, "MAX_ROWS", 2)
    first, second, third = entries("Một", "Hai", "Ba")
    page = text_of(login(secretary).get(BOARD))
    assert "Hai" in page
    assert "Còn 1 tin nữa ở sau" in page
    send(secretary, ids([first, second]), ids([second, first]))
    assert order() == ids([second, first, third])


# The order


def test_an_order_is_saved_as_1_to_n(secretary):
    rows = entries("Một", "Hai", "Ba")
    ListEntry.objects.filter(pk=rows[2].pk).update(position=70)
    wanted = ids([rows[2], rows[0], rows[1]])
    response = send(secretary, ids(rows), wanted)
    assert "Đã lưu thứ tự" in text_of(response)
    assert (order(), positions()) == (wanted, [1, 2, 3])


@pytest.mark.parametrize(
    ("button", "row", "expected"),
    [
        ("up", 1, [1, 0, 2]),
        ("up", 0, [0, 1, 2]),
        ("down", 0, [1, 0, 2]),
        ("down", 2, [0, 1, 2]),
        ("top", 2, [2, 0, 1]),
    ],
)
def test_each_button_moves_its_row_without_a_script(secretary, button, row, expected):
    rows = entries("Một", "Hai", "Ba")
    send(secretary, ids(rows), ids(rows), **{button: rows[row].pk})
    assert order() == [rows[place].pk for place in expected]


def test_hidden_and_ended_entries_keep_their_places():
    """Somebody who may place but not see drafts of others moves only what he sees."""
    from django.contrib.auth.models import Permission

    user = make_user("reporter")
    user.user_permissions.add(Permission.objects.get(codename="change_listentry"))
    first = make_list_entry(position=1)
    secret = make_list_entry(position=2, article=make_article(state=State.DRAFT))
    ended = make_list_entry(position=3, ends_at=timezone.now() - HOUR)
    last = make_list_entry(position=4)
    assert str(secret.article) not in text_of(login(user).get(BOARD))
    send(user, ids([first, last]), ids([last, first]))
    assert order() == ids([last, secret, ended, first])
    response = send(user, [secret.pk, *order()], order(), end=secret.pk)
    assert response.status_code == 200
    secret.refresh_from_db()
    assert secret.ends_at is None


def add_one(rows):
    make_list_entry(article=make_article(title="Vừa thêm"), position=0)


def move(rows):
    ListEntry.objects.filter(pk=rows[0].pk).update(position=9)


def remove(rows):
    rows[0].delete()


@pytest.mark.parametrize("meanwhile", [add_one, move, remove])
def test_a_list_changed_meanwhile_is_not_overwritten_and_the_order_can_be_tried_again(
    secretary, meanwhile
):
    rows = entries("Một", "Hai", "Ba")
    seen, wanted = ids(rows), ids(reversed(rows))
    meanwhile(rows)
    stored = order()
    response = send(secretary, seen, wanted)
    page = text_of(response)
    assert order() == stored
    assert "vừa được người khác sửa" in page
    shown = [row.entry.pk for row in response.context["boards"][0].rows]
    assert shown == stored
    clash = response.context["clash"]
    mine = ids(clash.entries)
    assert [pk for pk in mine if pk in wanted] == [pk for pk in wanted if pk in mine]
    send(secretary, clash.seen.split(","), mine)
    assert order() == mine


def test_an_entry_that_ended_meanwhile_is_no_conflict(secretary):
    rows = entries("Một", "Hai", "Ba")
    ListEntry.objects.filter(pk=rows[0].pk).update(ends_at=timezone.now())
    send(secretary, ids(rows), ids(reversed(rows)))
    assert order() == ids(reversed(rows))


@pytest.mark.parametrize(
    "change",
    [
        {"order": []},
        {"order": ["1", "1"]},
        {"order": ["x", "٣", "1_0", "9" * 40]},
        {"seen": "x,,٣"},
        {"seen": ""},
        {"up": "abc"},
        {"end": "999999999"},
        {"end": "9" * 30},
        {"list": "hot2", "status": 404},
        {"add": "hot", "status": 404},
        {"add": "cold:1", "status": 404},
        {"add": "hot:999999999", "status": 404},
        {"add": "hot:\0", "status": 404},
    ],
)
def test_what_no_page_sends_changes_nothing(secretary, change):
    rows = entries("Một", "Hai")
    change = dict(change)
    status = change.pop("status", 200)
    data = {"list": "hot", "seen": ",".join(map(str, ids(rows))), "order": ids(rows)}
    response = login(secretary).post(BOARD, data | change, follow=True)
    assert response.status_code == status
    assert order() == ids(rows)
    assert not ListEntry.objects.exclude(ends_at=None).exists()


def test_saving_an_order_moves_the_public_pages(secretary):
    from portal import generation

    rows = entries("Một", "Hai")
    before = generation.stored_generation()
    send(secretary, ids(rows), ids(reversed(rows)))
    assert generation.stored_generation() > before


# Ends


def test_an_entry_ends_now_and_an_unsaved_order_is_kept_with_it(secretary):
    first, second = entries("Một", "Hai")
    send(secretary, ids([first, second]), ids([second, first]), end=first.pk)
    first.refresh_from_db()
    assert first.ends_at <= timezone.now()
    assert order() == ids([second, first])
    page = text_of(login(secretary).get(BOARD))
    assert "1 tin đã hết hạn" in page


def test_what_has_not_begun_cannot_be_ended(secretary):
    later = make_list_entry(starts_at=timezone.now() + HOUR)
    response = send(secretary, [later.pk], [later.pk], end=later.pk)
    assert "không thể kết thúc" in text_of(response)
    later.refresh_from_db()
    assert later.ends_at is None


def test_all_that_ended_is_removed_together_and_nothing_else(secretary):
    now = timezone.now()
    kept = make_list_entry(ends_at=now + HOUR)
    other = make_list_entry(list="focus", ends_at=now - HOUR)
    for _number in range(3):
        make_list_entry(ends_at=now - HOUR)
    data = {"list": "hot", "clear": "1"}
    response = login(secretary).post(BOARD, data, follow=True)
    assert "Đã bỏ 3 tin" in text_of(response)
    assert set(ListEntry.objects.all()) == {kept, other}


# New entries


def test_an_article_is_found_without_accents_and_stands_on_top(secretary):
    entries("Một", "Hai")
    article = make_article(title="Chuyển đổi số ở xã")
    client = login(secretary)
    response = client.get(BOARD, {"q": "chuyen doi so"})
    assert [item.article for item in response.context["found"]] == [article]
    response = client.post(BOARD, {"add": f"hot:{article.pk}"}, follow=True)
    assert "nay đứng đầu “Tin nóng”" in text_of(response)
    assert ListEntry.objects.get(article=article).pk == order()[0]
    assert positions() == [1, 2, 3]


def test_a_new_entry_takes_its_times(secretary):
    article = make_article()
    data = {"add": f"focus:{article.pk}", "new-starts_at_0": "05/06/2099"}
    data |= {"new-ends_at_0": "07/06/2099", "new-ends_at_1": "8h30"}
    login(secretary).post(BOARD, data)
    entry = ListEntry.objects.get(list="focus")
    times = [timezone.localtime(t) for t in (entry.starts_at, entry.ends_at)]
    assert [f"{t:%d/%m %H:%M}" for t in times] == ["05/06 00:00", "07/06 08:30"]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ({"new-ends_at_0": "31/02/2099"}, "Không đọc được"),
        ({"new-ends_at_0": "01/01/2020"}, "phải ở tương lai"),
        ({"new-ends_at_0": "05/06/2099", "new-starts_at_0": "06/06/2099"}, "sau"),
        ({"new-ends_at_1": "08:30"}, "ngày"),
    ],
)
def test_wrong_times_add_nothing_and_stay_in_the_form(secretary, times, message):
    article = make_article()
    response = login(secretary).post(BOARD, {"add": f"hot:{article.pk}"} | times)
    page = text_of(response)
    assert 'class="errorlist' in page
    assert message in page
    for value in times.values():
        assert f'value="{value}"' in page
    assert not ListEntry.objects.exists()


def test_an_article_stands_once_in_a_list_and_begins_anew_after_its_end(secretary):
    (entry,) = entries("Một")
    client = login(secretary)
    add = {"add": f"hot:{entry.article_id}"}
    assert "đã có trong danh sách" in text_of(client.post(BOARD, add))
    ListEntry.objects.update(ends_at=timezone.now() - HOUR)
    make_list_entry(position=1)
    client.post(BOARD, add)
    entry.refresh_from_db()
    assert (entry.ends_at, order()[0]) == (None, entry.pk)


def test_what_a_person_may_not_see_can_neither_be_found_nor_added():
    from django.contrib.auth.models import Permission

    user = make_user("reporter")
    user.user_permissions.add(Permission.objects.get(codename="add_listentry"))
    secret = make_article(title="Tin mật", state=State.DRAFT)
    client = login(user)
    assert "Tin mật" not in text_of(client.get(BOARD, {"q": "tin"}))
    assert client.post(BOARD, {"add": f"hot:{secret.pk}"}).status_code == 404
    assert not ListEntry.objects.exists()


def test_the_working_copy_of_a_live_article_can_neither_be_found_nor_added(secretary):
    live = make_article(title="Bài đang đăng")
    copy = make_article(
        title="Bài đang đăng, bản sửa", state=State.DRAFT, revision_of=live
    )
    client = login(secretary)
    response = client.get(BOARD, {"q": "bai dang dang"})
    assert [item.article for item in response.context["found"]] == [live]
    assert client.post(BOARD, {"add": f"hot:{copy.pk}"}).status_code == 404


@pytest.mark.parametrize("words", ["٣", "%00", "\x00", "x" * 5000, '"', "  "])
def test_any_words_are_answered(secretary, words):
    make_article()
    assert login(secretary).get(BOARD, {"q": words}).status_code == 200


def test_an_entry_of_the_articles_form_stands_on_top(secretary):
    from tests.news.conftest import form_data

    (old,) = entries("Một")
    data = form_data(category=make_category().pk, _save="1") | {
        "list_entries-TOTAL_FORMS": "1",
        "list_entries-0-list": "hot",
    }
    login(secretary).post(reverse("admin:news_article_add"), data)
    new = ListEntry.objects.exclude(pk=old.pk).get()
    assert order() == ids([new, old])


def test_the_forms_of_one_entry_still_work(secretary):
    article, client = make_article(), login(secretary)
    assert client.get(reverse("admin:news_listentry_add")).status_code == 200
    response = client.post(
        reverse("admin:news_listentry_add"),
        {"list": "hot", "article": article.pk, "starts_at_0": "", "ends_at_0": ""},
    )
    entry = ListEntry.objects.get()
    assert response.url == BOARD
    change = reverse("admin:news_listentry_change", args=[entry.pk])
    data = {"list": "hot", "article": article.pk, "ends_at_0": "05/06/2099"}
    assert client.post(change, data).url == BOARD
    entry.refresh_from_db()
    assert timezone.localtime(entry.ends_at).year == 2099
    delete = reverse("admin:news_listentry_delete", args=[entry.pk])
    assert client.post(delete, {"post": "yes"}).url == BOARD
    assert not ListEntry.objects.exists()


# Warnings


def sentences(now):
    return [(warning.list, warning.sentence) for warning in front_lists.warnings(now)]


def test_fresh_lists_have_no_warning(django_assert_max_num_queries):
    now = timezone.now()
    make_list_entry(list="hot")
    make_list_entry(list="focus", ends_at=now + 25 * HOUR)
    with django_assert_max_num_queries(1):
        assert sentences(now) == []


def test_a_list_of_which_readers_see_nothing_is_told():
    now = timezone.now()
    make_list_entry(list="hot")
    make_list_entry(list="focus", starts_at=now + HOUR)
    make_list_entry(list="focus", ends_at=now)
    ((which, sentence),) = sentences(now)
    assert (which, "đang trống" in sentence) == ("focus", True)


def test_a_list_that_ends_within_a_day_is_told_with_its_last_time():
    now = timezone.now()
    make_list_entry(list="focus")
    make_list_entry(list="hot", ends_at=now + HOUR)
    expiring = make_article(expires_at=now + 24 * HOUR)
    make_list_entry(list="hot", article=expiring)
    ((which, sentence),) = sentences(now)
    last = timezone.localtime(expiring.expires_at)
    assert (which, f"{last:%H:%M %d/%m/%Y}" in sentence) == ("hot", True)


@pytest.mark.parametrize(("days", "told"), [(7, False), (8, True)])
def test_a_list_whose_newest_article_is_old_is_told(days, told):
    now = timezone.now()
    make_list_entry(list="focus")
    for age in (days, days + 30):
        article = make_article(published_at=now - timedelta(days=age))
        make_list_entry(list="hot", article=article)
    assert bool(sentences(now)) is told
    if told:
        assert f"{days} ngày" in sentences(now)[0][1]


def test_entries_of_withdrawn_articles_are_counted_without_their_titles(secretary):
    now = timezone.now()
    make_list_entry(list="focus")
    make_list_entry(list="hot")
    for state in (State.WITHDRAWN, State.TRASHED):
        make_list_entry(article=make_article(title="Đã gỡ", state=state))
    ((_which, sentence),) = sentences(now)
    assert "2 tin" in sentence
    assert "Đã gỡ" not in sentence
    assert sentence in login(secretary).get(BOARD).content.decode()


# Time


def test_an_entry_leaves_home_and_its_list_at_its_second(monkeypatch):
    """With pages cached: what was kept before the end is not given after it."""
    from portal import generation
    from portal.wsgi import page_cache
    from tests.door import Reader

    end = timezone.now() + 2 * HOUR
    old = make_article(title="Tin sắp hết giờ", published_at=end - 48 * HOUR)
    make_list_entry(article=old, ends_at=end)
    for _number in range(12):  # so that the home page has no other place for it
        make_article(category=old.category)
    clock = {"now": end - timedelta(seconds=2)}
    monkeypatch.setattr(timezone, "now", lambda: clock["now"])
    page_cache.clear()
    reader = Reader(page_cache)
    generation.refresh()
    rendered = []
    app = page_cache.app
    monkeypatch.setattr(page_cache, "app", lambda *a: rendered.append(1) or app(*a))

    def has_it(path):
        status, _headers, body = reader(path)
        assert status == 200
        return old.title in body.decode()

    for seconds, expected in ((-2, True), (-1, True), (0, False), (1, False)):
        clock["now"] = end + timedelta(seconds=seconds)
        for path in ("/", "/tin-nong/"):
            assert has_it(path) is expected, (seconds, path)
    assert len(rendered) == 4  # each path once before, once after
    page_cache.clear()
