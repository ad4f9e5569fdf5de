"""An old version comes back as a new one; what cannot is named; nothing is lost."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from news import files, hooks, publishing, restoring, saving, working_copy
from news.models import AltKind, Article, Author, Image, State
from news.workflow import Act
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_tag,
    make_unit,
)
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db


def restore_url(article, number) -> str:
    return reverse("admin:news_article_restore", args=[article.pk, number])


def change(article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def draft(user=None, body="<p>Lời cũ.</p>", **overrides) -> Article:
    article = make_article(
        **{"state": State.DRAFT, "published_at": None, "created_by": user}
        | {"version": 0, "title": "Tên cũ"}
        | overrides
    )
    return saving.save_article(article, user=user, body=body)


def rewritten(article, user=None) -> Article:
    """Save other words over those of the first version."""
    article.title = "Tên mới"
    return saving.save_article(article, user=user, body="<p>Lời mới.</p>")


def restored(article, number=1, user=None, **overrides):
    target = restoring.target_of(article)
    seen = {"target_id": target.pk, "version": target.version} | overrides
    revision = article.revisions.get(number=number)
    return restoring.restore(revision, article, user=user, **seen)


def asked(client, article, number=1) -> dict:
    """Return what the page that asks would send."""
    page = client.get(restore_url(article, number))
    assert page.status_code == 200
    return dict(
        re.findall(r'name="(target|version)" value="(\d+)"', page.content.decode())
    )


def sentences(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def figure(image, caption="", alt="Mô tả") -> str:
    return (
        f'<figure data-image="{image.pk}" data-alt-kind="text"><img alt="{alt}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def pdf(name="bao-cao.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n" + name.encode() + b"\n%%EOF")


# Of a draft


def test_a_draft_gets_an_old_version_back_as_a_new_one(editor):
    article, client = rewritten(draft(editor), editor), login(editor)
    shown = client.get(restore_url(article, 1)).content.decode()
    assert "Lời" in shown and "gạch chân: sẽ trở lại" in shown
    assert Article.objects.get().version == 2, "looking restores nothing"
    data = asked(client, article) | {"act-note": "Bản mới sai số liệu"}
    response = client.post(restore_url(article, 1), data, follow=True)
    assert "Đã khôi phục bản 1" in sentences(response)
    article = Article.objects.get()
    assert (article.title, article.body, article.version) == (
        *("Tên cũ", "<p>Lời cũ.</p>"),
        3,
    )
    newest = article.revisions.first()
    assert (newest.number, newest.act, newest.author) == (3, "", editor)
    assert re.match(r"Khôi phục bản 1, lưu lúc .*\nBản mới sai số liệu", newest.note)
    titles = article.revisions.values_list("content__title", flat=True)
    assert list(titles) == ["Tên cũ", "Tên mới", "Tên cũ"], "nothing was lost"


def test_every_field_comes_back(editor):
    category, further = make_category(), make_category()
    fields = {
        "category": category,
        "cover": make_image(),
        "show_cover": True,
        "cover_caption": "Chú thích bìa",
        "cover_alt_kind": AltKind.DECORATIVE,
        "signature_unit": make_unit(),
        "author": Author.objects.create(name="Lan Anh"),
        "source_name": "Báo Nhân Dân",
        "source_url": "https://nhandan.vn/bai",
        "sapo": "Sapo cũ.",
    }
    tag = make_tag()
    article = draft(editor, **fields, tags=[tag], further_categories=[further])
    first = article.revisions.get().content
    for name in fields:
        field = Article._meta.get_field(name)
        setattr(article, name, None if field.null else field.get_default())
    article.category, article.sapo = make_category(), ""
    saving.save_article(article, tags=[], further_categories=[])
    restored(Article.objects.get())
    assert Article.objects.get().revisions.first().content == first


def test_pictures_come_back_with_their_words(editor):
    image = make_image(default_alt="Gợi ý")
    article = draft(editor, body=f"<p>Trước</p>{figure(image, 'Lễ hội', 'Cờ hoa')}")
    rewritten(article)
    assert not article.placements.exists()
    restored(Article.objects.get())
    article = Article.objects.get()
    placement = article.placements.get()
    assert (placement.image, placement.caption, placement.alt) == (
        *(image, "Lễ hội"),
        "Cờ hoa",
    )
    assert f'data-placement="{placement.pk}"' in article.body
    assert "Lễ hội" in article.body_html


def test_what_is_no_longer_there_is_left_out_and_named(editor):
    author = Author.objects.create(name="Lan Anh")
    unit, tag, gone = make_unit(), make_tag(), make_image()
    kept, cover, category = make_image(), make_image(), make_category()
    article = draft(
        editor,
        body=figure(gone, "Ảnh mất") + figure(kept, "Ảnh còn"),
        author=author,
        signature_unit=unit,
        cover=cover,
        category=category,
        further_categories=[category],
        tags=[tag],
    )
    article.author = article.signature_unit = article.cover = None
    article.category = instead = make_category()
    saving.save_article(article, body="<p>Lời mới.</p>", tags=[], further_categories=[])
    for row in (author, unit, tag, gone, cover, category):
        type(row).objects.filter(pk=row.pk).delete()
    client = login(editor)
    shown = client.get(restore_url(article, 1)).content.decode()
    assert "Ảnh mất" in shown, "named before it is done"
    response = client.post(restore_url(article, 1), asked(client, article), follow=True)
    said = sentences(response)
    for row in (author, unit, tag, cover, category):
        assert f"#{row.pk}" in said
    assert "Ảnh mất" in said and "Ảnh còn" not in said
    article = Article.objects.get()
    assert article.category == instead
    assert article.placements.get().image == kept
    assert article.author is article.cover is article.signature_unit is None


def test_nobody_moves_an_article_out_of_his_sections_by_an_old_version(
    editor, monkeypatch
):
    foreign, own = make_category(), make_category()
    article = draft(editor, category=foreign)
    article.category = own
    rewritten(article)
    monkeypatch.setattr(hooks, "category_limit", lambda user: [own.pk])
    _written, wanted = restored(Article.objects.get(), user=editor)
    assert Article.objects.get().category == own
    assert "ngoài các chuyên mục của bạn" in " ".join(wanted.missing)


def test_only_a_draft_takes_the_old_times(editor):
    at = timezone.now() + timezone.timedelta(days=3)
    times = {"published_at": at, "expires_at": at + timezone.timedelta(days=3)}
    for state, is_taken in (
        *((State.DRAFT, True), (State.RETURNED, True)),
        *((State.IN_REVIEW, False), (State.WITHDRAWN, False)),
    ):
        article = draft(editor, **times)
        article.published_at = article.expires_at = None
        article.state = state
        rewritten(article)
        restored(Article.objects.get(pk=article.pk))
        article.refresh_from_db()
        assert (article.published_at == at) is is_taken, state
        assert (article.expires_at is not None) is is_taken, state


def test_the_address_of_an_article_stays(editor):
    article = draft(editor)
    slug = article.slug
    Article.objects.update(slug="dia-chi-moi")
    article.refresh_from_db()
    restored(rewritten(article))
    assert Article.objects.get().slug == "dia-chi-moi" != slug


def test_an_approval_does_not_cover_what_came_back(editor, monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: "two")
    article = rewritten(draft(editor), editor)
    publishing.submit(article, user=editor)
    publishing.approve(article, user=make_user("editor"))
    restored(Article.objects.get(), user=editor)
    assert Article.objects.get().state == State.IN_REVIEW


# Attachments


def test_attachments_get_their_old_titles_and_later_ones_stay(
    editor, django_capture_on_commit_callbacks
):
    article = draft(editor)
    gone = files.attach(article, pdf("mat.pdf"), title="Tệp đã xoá")
    kept = files.attach(article, pdf("con.pdf"), title="Tên tệp cũ")
    saving.complete_revision(article)
    with django_capture_on_commit_callbacks(execute=True):
        gone.delete()
    kept.title = "Tên tệp mới"
    kept.save()
    files.attach(article, pdf("them.pdf"), title="Tệp thêm sau")
    rewritten(article)
    client = login(editor)
    data = asked(client, article)
    said = sentences(client.post(restore_url(article, 1), data, follow=True))
    assert "Tệp đã xoá (mat.pdf)" in said and "Tệp thêm sau (them.pdf)" in said
    article = Article.objects.get()
    titles = set(article.attachments.values_list("title", flat=True))
    assert titles == {"Tên tệp cũ", "Tệp thêm sau"}
    stored = {a["title"] for a in article.revisions.first().content["attachments"]}
    assert stored == titles, "the revision says so too"


def test_a_file_dropped_in_a_working_copy_comes_back_at_its_address(editor):
    article = draft(editor)
    file = files.attach(article, pdf(), title="Báo cáo")
    saving.complete_revision(article)
    publishing.publish(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    copy.attachments.get().delete()
    restored(Article.objects.get(pk=article.pk), number=1)
    assert copy.attachments.get().revises == file
    working_copy.publish(Article.objects.get(pk=copy.pk), user=editor)
    assert Article.objects.get().attachments.get() == file


# Of a live article


def live(user) -> Article:
    article = rewritten(draft(user), user)
    return publishing.publish(article, user=user)


def test_a_live_article_gets_it_in_a_working_copy_that_readers_do_not_see(editor):
    article, client = live(editor), login(editor)
    shown = client.get(restore_url(article, 1)).content.decode()
    assert "Bạn đọc vẫn thấy bài như hiện nay" in shown
    assert working_copy.copy_of(article) is None, "looking begins nothing"
    data = asked(client, article)
    response = client.post(restore_url(article, 1), data, follow=True)
    copy = working_copy.copy_of(article)
    assert response.redirect_chain[-1][0] == change(copy)
    assert (copy.title, copy.body) == ("Tên cũ", "<p>Lời cũ.</p>")
    article.refresh_from_db()
    assert (article.title, article.state) == ("Tên mới", State.PUBLISHED)
    assert copy.published_at == article.published_at
    assert copy.revisions.first().note.startswith("Khôi phục bản 1, lưu lúc")
    working_copy.publish(copy, user=editor)
    assert Article.objects.get().title == "Tên cũ"


def test_it_goes_into_the_working_copy_that_is_there(editor):
    article = live(editor)
    copy = working_copy.revise(article, user=editor)
    copy.title = "Đang sửa"
    saving.save_article(copy, user=editor)
    client = login(editor)
    client.post(restore_url(article, 1), asked(client, article))
    copy.refresh_from_db()
    assert (copy.title, copy.version) == ("Tên cũ", 3)
    assert copy.revisions.get(number=2).content["title"] == "Đang sửa"


def test_a_working_copy_gets_its_own_versions_back_too(editor):
    copy = working_copy.revise(live(editor), user=editor)
    copy.title = "Đang sửa"
    saving.save_article(copy, user=editor)
    client = login(editor)
    client.post(restore_url(copy, 1), asked(client, copy))
    copy.refresh_from_db()
    assert copy.title == "Tên mới"
    assert copy.revisions.first().note.startswith("Khôi phục bản lưu lúc")


def test_a_withdrawn_article_is_written_itself(editor):
    article = live(editor)
    publishing.withdraw(article, user=editor, note="Sai")
    restored(Article.objects.get(), user=editor)
    article = Article.objects.get()
    assert (article.title, article.state) == ("Tên cũ", State.WITHDRAWN)


# Meanwhile


def test_what_was_saved_meanwhile_is_shown_before_it_is_replaced(editor):
    article, client = rewritten(draft(editor)), login(editor)
    data = asked(client, article)
    article.title = "Lan vừa sửa"
    saving.save_article(article, user=make_user("editor"))
    answer = client.post(restore_url(article, 1), data | {"act-note": "Vì sai"})
    shown = answer.content.decode()
    assert "Có người vừa lưu bài" in shown and "Lan vừa" in shown
    assert "Vì sai" in shown, "what was typed stays"
    assert Article.objects.get().title == "Lan vừa sửa"
    client.post(restore_url(article, 1), asked(client, article))
    assert Article.objects.get().title == "Tên cũ"


def test_a_working_copy_begun_meanwhile_is_not_written_over(editor):
    article, client = live(editor), login(editor)
    data = asked(client, article)
    copy = working_copy.revise(article, user=make_user("editor"))
    answer = client.post(restore_url(article, 1), data)
    assert "Có người vừa lưu bài" in answer.content.decode()
    copy.refresh_from_db()
    assert (copy.title, copy.version) == ("Tên mới", 1)


def test_a_working_copy_begun_in_the_last_moment_is_not_written_over(
    editor, monkeypatch
):
    article = live(editor)
    working_copy.revise(article, user=editor)
    monkeypatch.setattr(restoring, "target_of", lambda article: article)
    with pytest.raises(saving.Conflict):
        restored(article, user=editor)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"target": "x", "version": "2"},
        {"target": "", "version": "²"},
        {"version": "9" * 40},
        {"target": "-1", "version": "-1"},
    ],
)
def test_a_broken_answer_restores_nothing(editor, data):
    article, client = rewritten(draft(editor)), login(editor)
    response = client.post(restore_url(article, 1), {"act-note": "x"} | data)
    assert "Có người vừa lưu bài" in response.content.decode()
    assert Article.objects.get().title == "Tên mới"


def test_a_note_too_long_is_refused_and_kept(editor):
    article, client = rewritten(draft(editor)), login(editor)
    data = asked(client, article) | {"act-note": "dài " * 600}
    response = client.post(restore_url(article, 1), data)
    assert response.status_code == 200
    assert "dài dài" in response.content.decode()
    assert Article.objects.get().version == 2


@pytest.mark.parametrize("number", [0, 3, 2**31, 2**70])
def test_a_version_that_is_not_there_is_not_found(editor, number):
    article, client = rewritten(draft(editor)), login(editor)
    assert client.get(restore_url(article, number)).status_code == 404
    assert client.post(restore_url(article, number)).status_code == 404


def test_what_stands_there_anyway_needs_no_restoration(editor):
    article = rewritten(draft(editor))
    shown = login(editor).get(restore_url(article, 2)).content.decode()
    assert "không có gì để khôi phục" in shown
    assert "<textarea" not in shown


# Who may


def test_who_may_not_write_may_not_bring_back(reporter, editor):
    article = live(reporter)
    stranger, client = login(make_user("stranger")), login(reporter)
    data = {"target": article.pk, "version": article.version}
    assert stranger.post(restore_url(article, 1), data).status_code in (302, 403, 404)
    others = login(make_user("reporter")).post(restore_url(article, 1), data)
    assert others.status_code == 403
    article.refresh_from_db()
    assert working_copy.copy_of(article) is None and article.version == 3
    # Its writer works in a copy, as with the button of the form.
    assert client.post(restore_url(article, 1), data).status_code == 302
    assert working_copy.copy_of(article).title == "Tên cũ"


def test_a_reporter_restores_nothing_in_what_others_approved(reporter, editor):
    article = rewritten(draft(reporter), reporter)
    publishing.submit(article, user=reporter)
    publishing.approve(article, user=editor)
    client = login(reporter)
    shown = client.get(restore_url(article, 1)).content.decode()
    assert "bạn không sửa được bài này" in shown and "<textarea" not in shown
    data = {"target": article.pk, "version": article.version}
    assert client.post(restore_url(article, 1), data).status_code == 403
    assert Article.objects.get().title == "Tên mới"


def test_nothing_comes_back_into_the_bin(editor):
    article = rewritten(draft(editor), editor)
    publishing.trash(article, user=editor)
    data = {"target": article.pk, "version": article.version}
    assert login(editor).post(restore_url(article, 1), data).status_code == 403


def test_a_refused_content_leaves_everything_as_it_was(editor):
    article = rewritten(draft(editor))
    revision = article.revisions.get(number=1)
    revision.content |= {"title": "", "source_url": "javascript:alert(1)"}
    revision.save()
    with pytest.raises(ValidationError):
        restored(article)
    client = login(editor)
    response = client.post(restore_url(article, 1), asked(client, article))
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert Article.objects.get().title == "Tên mới"


def test_restoring_loads_one_revision_with_its_content(
    editor, django_assert_max_num_queries
):
    article = rewritten(draft(editor))
    for _time in range(20):
        saving.save_article(article)
    client = login(editor)
    with django_assert_max_num_queries(25) as queries:
        client.get(restore_url(article, 1))
    contents = [q["sql"] for q in queries if '"content"' in q["sql"]]
    assert len(contents) == 1


def test_pictures_used_by_an_old_version_only_can_be_deleted(editor):
    """Old versions hold numbers, no rows: nothing is protected by the past."""
    image = make_image()
    article = draft(editor, body=figure(image))
    rewritten(article)
    Image.objects.get(pk=image.pk).delete()
    _written, wanted = restored(Article.objects.get())
    assert wanted.missing and Act.REVISE not in wanted.missing
