"""What is being written is kept for its writer; nobody's text is lost or shown."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from news import autosave, html_limits, publishing, saving
from news.models import Article, Autosave, Presence, State
from portal import generation
from tests.factories import make_article, make_category, make_tag

from .conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db
ADD = "/admin/news/article/add/"
NEW = "/admin/news/article/autosave/"


def change(article):
    return reverse("admin:news_article_change", args=[article.pk])


def beat_url(article):
    return reverse("admin:news_article_autosave", args=[article.pk])


def kept_url(token):
    return reverse("admin:news_article_kept", args=[token])


def stored(user=None, **overrides) -> Article:
    """Return a draft of `user` as publishing stores it."""
    article = Article(title="Bài gốc", category=make_category(), sapo="Sapo.")
    for name, value in overrides.items():
        setattr(article, name, value)
    return saving.save_article(article, user=user, body="<p>Nội dung gốc.</p>")


def beat(client, writer, article=None, **overrides):
    """Send what an open form sends; return the answer."""
    call = {
        "token": str(uuid4()),
        "user": writer.pk,
        "version": article.version if article else 0,
        "seen": article.version if article else 0,
        "typed": True,
        "begins": True,
        "content": {"title": ["Đang viết"], "body": ["<p>Dở dang.</p>"]},
    }
    address = beat_url(article) if article else NEW
    return client.post(
        address, json.dumps(call | overrides), content_type="application/json"
    )


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def own_form(page) -> str:
    """Return the address of the name under which an opened form is kept."""
    return re.search(r'name="kept_as" value="([0-9a-f-]{36})"', page)[1]


# Keeping


def test_what_is_typed_is_kept_and_the_article_stays_as_it_is(editor):
    article = stored(editor)
    before = generation.stored_generation()
    answer = beat(login(editor), editor, article).json()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer["kept"])
    kept = Autosave.objects.get()
    assert (kept.user, kept.article, kept.base_version) == (editor, article, 1)
    assert kept.content["body"] == ["<p>Dở dang.</p>"]
    article.refresh_from_db()
    assert (article.title, article.version) == ("Bài gốc", 1)
    assert article.revisions.count() == 1
    assert generation.stored_generation() == before, "readers' pages stay cached"


def test_a_form_keeps_one_copy_and_two_windows_keep_two(editor):
    article, client = stored(editor), login(editor)
    token = str(uuid4())
    beat(client, editor, article, token=token)
    beat(client, editor, article, token=token, content={"title": ["Mới hơn"]})
    assert [copy.title for copy in Autosave.objects.all()] == ["Mới hơn"]
    beat(client, editor, article)
    assert Autosave.objects.count() == 2


def test_a_call_without_content_keeps_nothing(editor):
    article = stored(editor)
    answer = beat(login(editor), editor, article, content=None).json()
    assert answer["kept"] is None
    assert not Autosave.objects.exists()


def test_a_new_article_without_a_word_is_not_kept(editor):
    client, token = login(editor), str(uuid4())
    beat(client, editor, token=token)
    blank = {"title": [" "], "sapo": [""], "body": [""], "category": ["1"]}
    answer = beat(client, editor, token=token, content=blank).json()
    assert (answer["kept"], answer["gone"]) == (None, False)
    assert not Autosave.objects.exists()


def test_only_inputs_of_the_form_are_kept(editor):
    content = {
        "title": ["Tên"],
        "published_at_0": ["05/06/2026"],
        "further_categories": ["1", "2"],
        "csrfmiddlewaretoken": ["bí mật"],
        "read_version": ["7"],
        "attachments-0-title": ["x"],
        "password": ["x"],
    }
    beat(login(editor), editor, content=content)
    assert Autosave.objects.get().content == {
        "title": ["Tên"],
        "published_at_0": ["05/06/2026"],
        "further_categories": ["1", "2"],
    }


def test_characters_that_no_database_stores_are_left_out(editor):
    content = {"title": ["a\u0000b\ud800c"], "body": ["<p>\u0000</p>"]}
    assert beat(login(editor), editor, content=content).status_code == 200
    assert Autosave.objects.get().content["title"] == ["abc"]


GARBAGE = {
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "a number": b"7",
    "nested without end": b"[" * 100_000,
    "a number without end": b'{"user":' + b"9" * 5000 + b"}",
    "not text": "\udcff\udcfe".encode("utf-8", "surrogateescape"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_answered_with_a_sentence(editor, name):
    for address in (NEW, beat_url(stored(editor))):
        response = login(editor).post(
            address, GARBAGE[name], content_type="application/json"
        )
        assert response.status_code == 400
        assert response.json()["error"].startswith("Không đọc được")


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "12"},
        {"token": None},
        {"token": 7},
        {"user": "abc"},
        {"user": True},
        {"user": 10**30},
        {"version": -1},
        {"version": 2**31},
        {"version": 1.5},
        {"seen": None},
        {"content": []},
        {"content": {"title": "Tên"}},
        {"content": {"title": [1]}},
        {"content": {"title": [None]}},
        {"content": {"title": {"a": "b"}}},
        {"content": {"further_categories": ["1"] * 1001}},
    ],
    ids=repr,
)
def test_wrong_values_are_answered_with_a_sentence(editor, wrong):
    response = beat(login(editor), editor, stored(editor), **wrong)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("letters", [html_limits.MAX_BYTES + 1, 6 * 2**20])
def test_a_text_over_the_limit_is_refused_with_the_limit(editor, letters):
    response = beat(login(editor), editor, content={"body": ["a" * letters]})
    assert response.status_code == 400
    assert "1 MB" in response.json()["error"]
    assert beat(login(editor), editor, content={"body": ["a" * 2**20]}).json()["kept"]


def test_the_oldest_of_too_many_copies_goes(editor):
    article, client = stored(editor), login(editor)
    for number in range(autosave.MAX_NEW + 2):
        beat(client, editor, content={"title": [f"Bài {number}"]})
    for number in range(autosave.MAX_OF_ARTICLE + 1):
        beat(client, editor, article, content={"title": [f"Sửa {number}"]})
    new, of_article = autosave.copies(editor, None), autosave.copies(editor, article)
    assert len(new) == autosave.MAX_NEW
    assert (new[0].title, new[-1].title) == ("Bài 21", "Bài 2")
    assert [copy.title for copy in of_article] == [f"Sửa {n}" for n in range(5, 0, -1)]


def test_copies_go_after_thirty_days(editor):
    for days in (31, 29):
        Autosave.objects.create(
            user=make_user("reporter"),
            token=uuid4(),
            content={},
            saved_at=timezone.now() - timedelta(days=days),
        )
    beat(login(editor), editor)
    assert Autosave.objects.count() == 2


# Who may


def test_a_reporter_learns_nothing_of_an_article_that_is_not_his(reporter):
    secret = make_article(title="BÍ MẬT", state=State.DRAFT)
    response = beat(login(reporter), reporter, secret)
    unknown = beat(login(reporter), reporter, Article(pk=10**6))
    assert response.status_code == unknown.status_code == 404
    assert response.content == unknown.content
    assert not Autosave.objects.exists()
    assert not Presence.objects.exists()


def test_who_may_only_look_keeps_nothing_and_is_not_seen(reporter):
    public = make_article()
    response = beat(login(reporter), reporter, public)
    assert response.status_code == 403
    assert not Autosave.objects.exists()
    assert not Presence.objects.exists()


def test_who_may_not_write_keeps_no_new_article():
    stranger = make_user("stranger")
    assert beat(login(stranger), stranger).status_code == 403


def test_a_visitor_is_sent_to_sign_in(client, editor):
    response = beat(client, editor)
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_a_form_of_one_person_keeps_nothing_under_another_name(editor):
    """On a shared computer somebody else signed in, in another tab."""
    other = make_user("editor", first_name="Lan", last_name="Trần")
    response = beat(login(other), editor)
    assert response.status_code == 409
    assert "Trần Lan" in response.json()["error"]
    assert not Autosave.objects.exists()


def test_a_call_needs_a_token_against_forgery(editor):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert beat(client, editor).status_code == 403


def test_calls_and_drops_are_no_links(editor):
    client = login(editor)
    assert client.get(NEW).status_code == 405
    beat(client, editor)
    client.get(kept_url(Autosave.objects.get().token))
    assert Autosave.objects.exists()


@pytest.mark.parametrize("role", ["editor", "administrator"])
def test_a_copy_is_read_opened_and_dropped_by_its_writer_alone(reporter, role):
    article = stored(reporter)
    content = {"title": ["CHỈ CỦA TÔI"], "body": ["<p>CHỈ CỦA TÔI</p>"]}
    beat(login(reporter), reporter, article, content=content)
    beat(login(reporter), reporter, content=content)
    other = login(make_user(role))
    for copy in Autosave.objects.all():
        address = kept_url(copy.token)
        assert other.get(address).status_code == 404
        assert other.post(address).status_code == 404
        for form in (change(article), ADD):
            shown = page(other.get(f"{form}?kept={copy.token}"))
            assert "CHỈ CỦA TÔI" not in shown
    assert Autosave.objects.count() == 2
    mine = page(login(reporter).get(kept_url(Autosave.objects.first().token)))
    assert "CHỈ CỦA TÔI" in mine


def test_a_token_of_somebody_else_overwrites_nothing(editor, reporter):
    token = str(uuid4())
    beat(login(reporter), reporter, token=token, content={"title": ["Của phóng viên"]})
    beat(login(editor), editor, token=token, content={"title": ["Của biên tập"]})
    assert autosave.find(reporter, token).title == "Của phóng viên"


def test_deleting_people_or_articles_shows_nobody_what_was_kept(reporter):
    article = stored(reporter)
    beat(login(reporter), reporter, article, content={"title": ["CHỈ CỦA TÔI"]})
    publishing.trash(article)
    client = login(make_user("administrator"))
    for address in (
        reverse("admin:news_article_delete", args=[article.pk]),
        reverse("admin:portal_user_delete", args=[reporter.pk]),
    ):
        assert "CHỈ CỦA TÔI" not in page(client.get(address))


def test_the_words_outlive_a_deleted_article(reporter):
    article = stored(reporter)
    beat(login(reporter), reporter, article, content={"title": ["Còn lại"]})
    article.delete()
    assert "Còn lại" in page(login(reporter).get(ADD))


# Opening again


def test_the_form_offers_what_was_being_written(editor):
    article, client = stored(editor), login(editor)
    beat(client, editor, article)
    shown = page(client.get(change(article)))
    assert "Có bản đang viết dở của bạn" in shown
    token = Autosave.objects.get().token
    assert f"{change(article)}?kept={token}" in shown
    assert own_form(shown) != str(token), "typing here must not replace the offered"


def test_the_add_page_lists_new_articles_by_title(editor):
    client = login(editor)
    beat(client, editor, content={"title": ["Bài mới thứ nhất"]})
    beat(client, editor, content={"title": [""], "body": ["<p>x</p>"]})
    shown = page(client.get(ADD))
    assert "Bài mới thứ nhất" in shown
    assert "(chưa có tiêu đề)" in shown


def test_a_copy_that_says_what_is_stored_is_not_offered(editor):
    article, client = stored(editor), login(editor)
    content = {
        "title": ["Bài gốc"],
        "sapo": ["Sapo."],
        "body": ["<p>Nội dung gốc.</p>"],
        "category": [str(article.category_id)],
        "cover_alt_kind": ["text"],
    }
    beat(client, editor, article, content=content)
    assert "kept-copies" not in page(client.get(change(article)))
    assert not Autosave.objects.exists()


def test_opening_a_copy_fills_the_form_and_saves_nothing(editor):
    category, other = make_category(), make_category(name="Kinh tế")
    article, client = stored(editor, category=category), login(editor)
    content = {
        "title": ["Tiêu đề dở"],
        "sapo": ["Dòng một\nDòng hai"],
        "body": ['<p>Thân bài "dở" &amp; dài.</p>'],
        "category": [str(other.pk)],
        "further_categories": [str(category.pk)],
        "tags": ["nông nghiệp, xã"],
        "show_cover": ["on"],
        "published_at_0": ["31/02/2026"],
        "published_at_1": ["10:30"],
        "author_text": ["Minh Hà"],
        "cover": ["không phải số"],
        "signature_unit": ["999999999999999999999999"],
    }
    beat(client, editor, article, content=content)
    token = Autosave.objects.get().token
    response = client.get(f"{change(article)}?kept={token}")
    shown = page(response)
    form = response.context["adminform"].form
    assert "Tiêu đề dở" in shown
    assert "Thân bài &quot;dở&quot; &amp;amp; dài." in shown
    assert 'value="31/02/2026"' in shown
    assert form["category"].value() == str(other.pk)
    assert form["further_categories"].value() == [str(category.pk)]
    assert form["show_cover"].value() is True
    assert form["tags"].value() == "nông nghiệp, xã"
    assert "giữ lúc" in shown
    assert own_form(shown) == str(token)
    article.refresh_from_db()
    assert article.title == "Bài gốc"


@pytest.mark.parametrize(
    "token", ["", "x", "1", "00000000-0000-0000-0000-000000000000"]
)
def test_a_copy_that_is_gone_opens_the_stored_article(editor, token):
    article = stored(editor)
    assert "Bài gốc" in page(login(editor).get(f"{change(article)}?kept={token}"))
    page(login(editor).get(f"{ADD}?kept={token}"))


def test_a_copy_opens_in_its_own_article_only(editor):
    article, other, client = stored(editor), stored(editor), login(editor)
    beat(client, editor, article)
    token = Autosave.objects.get().token
    for address in (change(other), ADD):
        assert "Dở dang." not in page(client.get(f"{address}?kept={token}"))


def test_saving_deletes_the_copy_of_that_form_only(editor):
    article, client = stored(editor), login(editor)
    mine, other = str(uuid4()), str(uuid4())
    beat(client, editor, article, token=mine)
    beat(client, editor, article, token=other)
    data = form_data(category=article.category_id, read_version="1", kept_as=mine)
    assert client.post(change(article), data | {"_save": "1"}).status_code == 302
    assert [str(copy.token) for copy in Autosave.objects.all()] == [other]


def test_saving_a_new_article_deletes_its_copy(editor):
    client, token = login(editor), str(uuid4())
    beat(client, editor, token=token)
    client.post(ADD, form_data(kept_as=token, _save="1"))
    assert Article.objects.get().title == "Khai mạc hội nghị"
    assert not Autosave.objects.exists()


def test_a_refused_save_deletes_nothing(editor):
    client, token = login(editor), str(uuid4())
    beat(client, editor, token=token)
    shown = page(client.post(ADD, form_data(kept_as=token, title="", _save="1")))
    assert Autosave.objects.exists()
    assert own_form(shown) == token
    assert "kept-copies" not in shown, "the copy of this very form is no news"


def test_a_call_that_comes_after_the_save_brings_nothing_back(editor):
    article, client, token = stored(editor), login(editor), str(uuid4())
    beat(client, editor, article, token=token)
    data = form_data(category=article.category_id, read_version="1", kept_as=token)
    client.post(change(article), data | {"_save": "1"})
    answer = beat(client, editor, article, token=token, begins=False).json()
    assert (answer["kept"], answer["gone"]) == (None, True)
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "\x00", "[]"])
def test_saving_with_a_broken_token_saves(editor, token):
    login(editor).post(ADD, form_data(kept_as=token, _save="1"))
    assert Article.objects.exists()


def test_dropping_deletes_and_leads_back_to_the_form(editor):
    article, client = stored(editor), login(editor)
    beat(client, editor, article)
    response = client.post(kept_url(Autosave.objects.get().token))
    assert response["Location"] == change(article)
    assert not Autosave.objects.exists()


def test_a_copy_is_compared_with_what_is_stored(editor):
    article, client = stored(editor), login(editor)
    content = {"title": ["Bài mới"], "body": ["<p>Nội dung khác.</p>"]}
    beat(client, editor, article, content=content)
    shown = page(client.get(kept_url(Autosave.objects.get().token)))
    assert re.search(r"<del>.*gốc.*</del>", shown)
    assert re.search(r"<ins>.*mới.*</ins>", shown)


def test_an_overtaken_copy_says_so_and_conflicts_when_saved(editor):
    other = make_user("editor", first_name="Lan", last_name="Trần")
    article, client = stored(editor), login(editor)
    beat(client, editor, article)
    token = Autosave.objects.get().token
    saving.save_article(Article.objects.get(), user=other, body="<p>Của Lan.</p>")
    assert "Trần Lan đã lưu bản mới" in page(client.get(change(article)))
    response = client.get(f"{change(article)}?kept={token}")
    assert "Trần Lan đã lưu bản mới" in page(response)
    assert response.context["adminform"].form["read_version"].value() == 1
    data = form_data(category=article.category_id, read_version="1", kept_as=token)
    assert "Của Lan." in page(client.post(change(article), data | {"_save": "1"}))


def test_who_lost_the_right_to_change_still_reads_the_copy(reporter):
    article, client = stored(reporter), login(reporter)
    beat(client, reporter, article)
    publishing.publish(article)
    shown = page(client.get(change(article)))
    token = Autosave.objects.get().token
    assert kept_url(token) in shown
    assert "?kept=" not in shown
    assert "Dở dang." in page(client.get(kept_url(token)))


def test_who_lost_sight_of_the_article_reads_the_own_words_alone(reporter):
    article, client = stored(reporter, title="GỐC BÍ MẬT"), login(reporter)
    beat(client, reporter, article)
    Article.objects.update(created_by=None)
    shown = page(client.get(kept_url(Autosave.objects.get().token)))
    assert "Dở dang." in shown
    assert "BÍ MẬT" not in shown


# Who is here


def test_two_people_at_one_article_see_each_other(editor):
    other = make_user("editor", first_name="Lan", last_name="Trần")
    article = stored(editor)
    assert beat(login(editor), editor, article).json()["notices"] == []
    beat(login(other), other, article, content=None)
    (notice,) = beat(login(editor), editor, article).json()["notices"]
    assert re.fullmatch(r"Trần Lan đang mở bài này \(gõ lần cuối \d\d:\d\d\)\.", notice)
    assert notice in page(login(editor).get(change(article)))


def test_who_only_looks_at_the_form_has_typed_nothing(editor):
    other, article = make_user("editor"), stored(editor)
    beat(login(other), other, article, content=None, typed=False)
    (notice,) = beat(login(editor), editor, article).json()["notices"]
    assert notice == f"{other} đang mở bài này."


def test_who_closes_the_form_is_gone_at_once_and_what_he_typed_is_kept(editor):
    other, article = make_user("editor"), stored(editor)
    beat(login(other), other, article)
    Autosave.objects.all().delete()
    answer = beat(login(other), other, article, leaving=True)
    assert answer.json()["kept"] and answer.json()["notices"] == []
    assert Autosave.objects.filter(user=other, article=article).exists()
    assert beat(login(editor), editor, article).json()["notices"] == []
    # Back to the page: a form again.
    beat(login(other), other, article, content=None, typed=False)
    assert beat(login(editor), editor, article).json()["notices"]


def test_who_saves_and_closes_is_gone_and_who_goes_on_is_not(editor):
    other, article = make_user("editor"), stored(editor)
    for button, is_here in (("_continue", True), ("_save", False)):
        beat(login(other), other, article)
        version = str(article.version)
        data = form_data(category=article.category_id, read_version=version)
        data[button] = "1"
        assert login(other).post(change(article), data).status_code == 302
        article.refresh_from_db()
        assert Presence.objects.filter(user=other).exists() is is_here


def test_who_went_away_is_not_named(editor):
    other, article = make_user("editor"), stored(editor)
    beat(login(other), other, article)
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=80))
    assert beat(login(editor), editor, article).json()["notices"] == []


def test_another_article_is_another_place(editor):
    other = make_user("editor")
    beat(login(other), other, stored(editor))
    assert beat(login(editor), editor, stored(editor)).json()["notices"] == []


def test_an_open_form_is_told_of_a_newer_version(editor):
    other = make_user("editor", first_name="Lan", last_name="Trần")
    article = stored(editor)
    saving.save_article(Article.objects.get(), user=other)
    (notice,) = beat(login(editor), editor, article).json()["notices"]
    assert notice.startswith("Trần Lan đã lưu bản mới lúc")
    assert notice.endswith("hệ thống sẽ cho so sánh trước.")
    saving.save_article(Article.objects.get(), user=editor)
    (notice,) = beat(login(editor), editor, article).json()["notices"]
    assert notice.startswith("Chính bạn")


# Saving over a newer version


@pytest.fixture
def clash(editor):
    """Return (article, client, data): `editor` has read version 1; Lan saved 2."""
    lan = make_user("editor", first_name="Lan", last_name="Trần")
    article = stored(editor)
    newer = Article.objects.get()
    newer.sapo = "Sapo của Lan."
    saving.save_article(newer, user=lan, body="<p>Nội dung của Lan.</p>")
    data = form_data(
        title="Bài của tôi",
        sapo="Sapo.",
        body="<p>Nội dung gốc và thêm.</p>",
        category=article.category_id,
        read_version="1",
        kept_as=str(uuid4()),
        tags="thẻ chưa có",
        cover_caption="Chú thích mới",
    )
    return article, login(editor), data


def test_a_refused_save_keeps_the_text_and_shows_who_and_what(clash):
    article, client, data = clash
    shown = page(client.post(change(article), data | {"_publish": "1"}))
    conflict = shown.split('class="conflict"')[1].split("</section>")[0]
    assert "Trần Lan đã lưu bài này lúc" in conflict
    assert re.search(r"<ins>.*của tôi.*</ins>", conflict)
    assert re.search(r"<del>.*Lan.*</del>", conflict)
    assert "Chú thích mới" in conflict
    assert "thẻ chưa có" in conflict
    assert "Bản đã lưu có sửa: sapo (đoạn dẫn), nội dung." in conflict
    assert 'name="_overwrite" value="2:_publish"' in conflict
    assert "Xuất bản theo bản của tôi" in conflict
    assert "Nội dung gốc và thêm." in shown.split('name="body"')[1]
    article.refresh_from_db()
    assert (article.version, article.state) == (2, State.DRAFT)


def test_the_refused_text_is_kept_even_without_javascript(clash, editor):
    article, client, data = clash
    client.post(change(article), data | {"_save": "1"})
    kept = autosave.find(editor, data["kept_as"])
    assert (kept.base_version, kept.title) == (1, "Bài của tôi")
    assert "Bài của tôi" in page(client.get(change(article)))


def test_saving_deliberately_replaces_the_version_that_was_shown(clash, editor):
    article, client, data = clash
    client.post(change(article), data | {"_save": "1"})
    response = client.post(change(article), data | {"_overwrite": "2:_publish"})
    assert response.status_code == 302
    article.refresh_from_db()
    assert (article.title, article.version) == ("Bài của tôi", 3)
    assert article.state == State.PUBLISHED
    assert article.revisions.get(number=2).content["sapo"] == "Sapo của Lan."
    assert not Autosave.objects.exists()


def test_a_third_save_in_between_conflicts_again(clash):
    article, client, data = clash
    third = Article.objects.get()
    saving.save_article(third, user=make_user("editor"), body="<p>Bản ba.</p>")
    shown = page(client.post(change(article), data | {"_overwrite": "2:_save"}))
    assert "Bản ba." in shown.split('class="conflict"')[1]
    assert 'value="3:_save"' in shown
    article.refresh_from_db()
    assert article.version == 3


@pytest.mark.parametrize(
    "value", ["", "2", "2:", "2:_delete", "-1:_save", "²:_save", "9" * 40 + ":_save"]
)
def test_a_broken_choice_replaces_nothing(clash, value):
    article, client, data = clash
    page(client.post(change(article), data | {"_overwrite": value}))
    article.refresh_from_db()
    assert (article.version, article.title) == (2, "Bài gốc")


@pytest.mark.parametrize("version", ["-5", "9" * 30, "x", ""])
def test_a_broken_version_is_answered_like_an_old_one(clash, editor, version):
    article, client, data = clash
    data |= {"read_version": version, "_save": "1"}
    shown = page(client.post(change(article), data))
    article.refresh_from_db()
    assert article.version == 2
    if version != "x":
        assert "của tôi" in shown.split('class="conflict"')[1]
        assert autosave.find(editor, data["kept_as"]).base_version == 0


def test_a_refused_text_too_large_to_keep_is_still_compared(clash):
    article, client, data = clash
    data |= {"tags": "a," * 700_000, "_save": "1"}
    shown = page(client.post(change(article), data))
    assert 'class="conflict"' in shown
    assert not Autosave.objects.exists()


def test_replacing_gives_no_right_that_the_button_does_not(reporter):
    article, client = stored(reporter), login(reporter)
    data = form_data(category=article.category_id, read_version="1")
    response = client.post(change(article), data | {"_overwrite": "1:_publish"})
    assert response.status_code == 403
    article.refresh_from_db()
    assert article.state == State.DRAFT


def test_enter_in_a_field_never_replaces_the_other_version(clash):
    article, client, data = clash
    shown = page(client.post(change(article), data | {"_save": "1"}))
    first = re.search(r'<button type="submit" name="(\w+)"', shown)
    assert first[1] == "_continue"


def test_changes_of_different_parts_are_said_to_be(clash):
    article, client, data = clash
    data |= {"body": "<p>Nội dung gốc.</p>", "tags": ""}
    shown = page(client.post(change(article), data | {"_save": "1"}))
    assert "Hai bên sửa những phần khác nhau." in shown


def test_values_are_compared_by_name(clash):
    article, client, data = clash
    category = make_category(name="Chuyển đổi số")
    tag = make_tag(name="Nông nghiệp")
    Article.objects.get().tags.set([tag])
    data |= {"category": category.pk, "published_at_0": "05/06/2026"}
    shown = page(client.post(change(article), data | {"_save": "1"}))
    conflict = shown.split('class="conflict"')[1].split("</section>")[0]
    for words in ("Chuyển đổi số", "Nông nghiệp", "05/06/2026 00:00"):
        assert words in conflict


def test_text_of_the_other_is_escaped(clash):
    article, client, data = clash
    data |= {"title": "<script>alert(1)</script>", "body": "<p>&lt;img src=x&gt;</p>"}
    shown = page(client.post(change(article), data | {"_save": "1"}))
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_the_form_with_copies_takes_a_fixed_number_of_queries(
    editor, django_assert_max_num_queries
):
    article, client = stored(editor), login(editor)
    for _ in range(2):
        other = make_user("editor")
        beat(login(other), other, article)
    client.get(change(article))
    with django_assert_max_num_queries(40) as few:
        client.get(change(article))
    limit = len(few.captured_queries)
    for _ in range(8):
        other = make_user("editor")
        beat(login(other), other, article)
    with django_assert_max_num_queries(limit):
        page(client.get(change(article)))


def test_a_call_takes_few_queries(editor, django_assert_max_num_queries):
    article, client, token = stored(editor), login(editor), str(uuid4())
    beat(client, editor, article, token=token)
    with django_assert_max_num_queries(14):
        beat(client, editor, article, token=token, begins=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content", [None, {"title": ["Đang viết"]}])
def test_an_article_deleted_while_its_form_calls_is_said_to_be_gone(
    monkeypatch, content
):
    user = make_user("editor")
    article = stored(user)
    read = autosave.read_beat

    def read_and_delete(*arguments):
        Article.objects.filter(pk=article.pk).delete()
        return read(*arguments)

    monkeypatch.setattr(autosave, "read_beat", read_and_delete)
    answer = beat(login(user), user, article, content=content)
    assert answer.status_code == 404 and answer.json()["error"]
    assert not Autosave.objects.exists() and not Presence.objects.exists()


def test_words_for_an_article_one_may_no_longer_see_open_in_a_new_one(reporter):
    article, token = stored(reporter), uuid4()
    words = {"title": ["Chữ của tôi"], "body": ["<p>Chữ của tôi</p>"]}
    autosave.keep(reporter, article, token, words, base_version=1)
    Article.objects.filter(pk=article.pk).update(created_by=None, title="Bí mật")
    client = login(reporter)
    response = client.get(kept_url(token))
    assert "Bí mật" not in page(response)
    form = page(client.get(response.context["kept"].open_url))
    assert "&lt;p&gt;Chữ của tôi&lt;/p&gt;" in form and "Bí mật" not in form
