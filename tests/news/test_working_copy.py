"""A live article is changed in a copy that readers do not see until it is published."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from news import hooks, publishing, saving, working_copy
from news.files import attach
from news.models import Article, State
from news.storage import private_storage
from news.workflow import Act, Level
from tests.factories import make_article, make_category, make_image, make_tag
from tests.news.conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def figure(image, caption: str) -> str:
    return (
        f'<figure data-image="{image.pk}" data-alt-kind="text" data-alt="Cầu">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def test_a_live_article_stays_as_it_is_until_its_revision_is_published():
    editor = make_user("editor")
    article = make_article(title="Cũ", body="<p>Cũ.</p>")
    copy = working_copy.revise(article, user=editor)
    copy.title = "Mới"
    saving.save_article(copy, user=editor, body="<p>Mới.</p>")
    live = Article.objects.published().get()
    assert (live.pk, live.title, live.body) == (article.pk, "Cũ", "<p>Cũ.</p>")
    working_copy.publish(copy, user=editor)
    live = Article.objects.published().get()
    assert (live.pk, live.title, live.body) == (article.pk, "Mới", "<p>Mới.</p>")
    assert live.revised_at is None, "a minor change moves no date"
    assert not Article.objects.filter(revision_of=article).exists()
    assert [r.act for r in live.revisions.all()] == [Act.PUBLISH, "", Act.REVISE]
    assert live.version == live.revisions.first().number


def test_a_major_change_tells_readers():
    article = make_article()
    copy = working_copy.revise(article)
    working_copy.publish(copy, public_note="Sửa số liệu ở đoạn ba.")
    live = Article.objects.published().get()
    assert live.revised_at is not None
    assert live.public_notes[0]["note"] == "Sửa số liệu ở đoạn ba."


def test_there_is_one_working_copy_of_an_article():
    article = make_article()
    assert working_copy.revise(article) == working_copy.revise(article)
    with pytest.raises(ValidationError):
        working_copy.revise(make_article(state=State.DRAFT))


def test_a_dropped_revision_stays_in_the_history():
    editor = make_user("editor")
    article = make_article(title="Cũ")
    copy = working_copy.revise(article, user=editor)
    copy.title = "Bỏ đi"
    saving.save_article(copy, user=editor)
    working_copy.discard(copy, user=editor, note="Không cần nữa")
    live = Article.objects.get()
    assert live.title == "Cũ"
    contents = live.revisions.values_list("content__title", flat=True)
    assert list(contents) == ["Cũ", "Bỏ đi", "Cũ"]


def test_words_under_pictures_change_for_readers_with_the_publication_only():
    image = make_image()
    article = make_article()
    saving.save_article(article, body=figure(image, "Ảnh cũ"))
    copy = working_copy.revise(article)
    saving.save_article(copy, body=figure(image, "Ảnh mới"))
    live = Article.objects.published().get()
    assert "Ảnh cũ" in live.body_html
    assert [p.caption for p in live.placements.all()] == ["Ảnh cũ"]
    working_copy.publish(copy)
    live = Article.objects.published().get()
    assert "Ảnh mới" in live.body_html
    assert [p.caption for p in live.placements.all()] == ["Ảnh mới"]


def test_sections_tags_and_times_come_along():
    category, further, tag = make_category(), make_category(), make_tag()
    article = make_article(further_categories=[further], tags=[tag])
    copy = working_copy.revise(article)
    assert list(copy.further_categories.all()) == [further]
    assert (copy.slug, copy.published_at) == (article.slug, article.published_at)
    end = timezone.now() + HOUR
    copy.category, copy.expires_at = category, end
    saving.save_article(copy, tags=[])
    working_copy.publish(copy)
    live = Article.objects.published().get()
    assert (live.category, live.expires_at) == (category, end)
    assert not live.tags.exists()


def test_a_file_keeps_its_address_and_what_is_dropped_leaves_the_disk(
    django_capture_on_commit_callbacks,
):
    article = make_article()
    kept, dropped = (
        attach(article, ContentFile(b"%PDF-1.7 x", name=f"{name}.pdf"))
        for name in ("giu", "bo")
    )
    copy = working_copy.revise(article)
    copy.attachments.get(revises=dropped).delete()
    copy.attachments.update(title="Tên mới")
    new = attach(copy, ContentFile(b"%PDF-1.7 y", name="moi.pdf"))
    stored = private_storage().exists
    assert all(stored(file.file.name) for file in (kept, dropped, new))
    with django_capture_on_commit_callbacks(execute=True):
        working_copy.publish(copy)
    files = {file.pk: file.title for file in article.attachments.all()}
    assert files == {kept.pk: "Tên mới", new.pk: "moi"}
    assert stored(kept.file.name)
    assert stored(new.file.name)
    assert not stored(dropped.file.name)


def test_dropping_a_revision_keeps_the_files_of_the_article(
    django_capture_on_commit_callbacks,
):
    article = make_article()
    file = attach(article, ContentFile(b"%PDF-1.7 x", name="a.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        working_copy.discard(working_copy.revise(article))
    assert private_storage().exists(file.file.name)
    assert article.attachments.get() == file


def test_a_revision_goes_out_at_its_time():
    editor, now = make_user("editor"), timezone.now()
    article = make_article(title="Cũ")
    copy = working_copy.revise(article, user=editor)
    copy.title = "Mới"
    working_copy.publish(copy, user=editor, at=now + HOUR, public_note="Số mới.")
    assert Article.objects.published().get().title == "Cũ"
    assert working_copy.apply_due(now + HOUR - timedelta(seconds=1)) == 0
    assert working_copy.apply_due(now + HOUR) == 1
    live = Article.objects.published().get()
    assert (live.title, live.public_notes[0]["note"]) == ("Mới", "Số mới.")
    assert live.revisions.first().author == editor
    assert working_copy.apply_due(now + HOUR) == 0


def test_a_change_stops_the_time_of_a_revision():
    article = make_article()
    copy = working_copy.revise(article)
    working_copy.publish(copy, at=timezone.now() + HOUR)
    saving.save_article(copy, body="<p>Thêm.</p>")
    assert working_copy.apply_due(timezone.now() + 2 * HOUR) == 0


def test_a_revision_of_a_withdrawn_article_waits(monkeypatch):
    article = make_article()
    copy = working_copy.revise(article)
    working_copy.publish(copy, at=timezone.now() + HOUR)
    publishing.withdraw(article)
    assert working_copy.apply_due(timezone.now() + 2 * HOUR) == 0
    assert not Article.objects.published().exists()


def test_a_revision_that_cannot_go_out_holds_up_no_other():
    bad, good = make_article(title="Hỏng"), make_article(title="Cũ")
    for article in (bad, good):
        copy = working_copy.revise(article)
        working_copy.publish(copy, at=timezone.now() + HOUR)
    # Its picture lost the words that readers who cannot see it need.
    Article.objects.filter(revision_of=bad).update(title=" ")
    Article.objects.filter(revision_of=good).update(title="Mới")
    assert working_copy.apply_due(timezone.now() + 2 * HOUR) == 1
    assert {a.title for a in Article.objects.published()} == {"Hỏng", "Mới"}
    returned = Article.objects.get(revision_of=bad)
    assert (returned.state, returned.apply_at) == (State.RETURNED, None)
    assert returned.revisions.first().note


@pytest.mark.parametrize("meanwhile", ["changed", "withdrawn", "dropped"])
def test_what_happened_since_a_revision_was_due_counts(monkeypatch, meanwhile):
    article = make_article(title="Cũ")
    copy = working_copy.revise(article)
    copy.title = "Mới"
    working_copy.publish(copy, at=timezone.now() + HOUR)
    find_due = working_copy._due

    def found_then_something_happens(now):
        found = find_due(now)
        assert found == [copy.pk]
        theirs = Article.objects.get(pk=copy.pk)
        if meanwhile == "changed":
            saving.save_article(theirs, body="<p>Viết thêm.</p>")
        elif meanwhile == "withdrawn":
            publishing.withdraw(Article.objects.get(pk=article.pk))
        else:
            working_copy.discard(theirs)
        return found

    monkeypatch.setattr(working_copy, "_due", found_then_something_happens)
    assert working_copy.apply_due(timezone.now() + 2 * HOUR) == 0
    live = Article.objects.get(pk=article.pk)
    assert live.title == "Cũ"
    assert live.is_published() == (meanwhile != "withdrawn")
    kept = Article.objects.filter(revision_of=article).first()
    if meanwhile == "changed":
        assert kept.body == "<p>Viết thêm.</p>", "what was just written is not lost"


def test_two_people_are_asked_for_a_revision_too(monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.TWO)
    first, second = make_user("editor"), make_user("editor")
    article = make_article(title="Cũ")
    copy = working_copy.revise(article, user=first)
    with pytest.raises(ValidationError):
        working_copy.publish(copy, user=first)
    publishing.submit(copy, user=first)
    with pytest.raises(ValidationError):
        working_copy.publish(copy, user=first)
    with pytest.raises(ValidationError):
        working_copy.publish(copy, user=first, act=Act.EMERGENCY)  # no reason
    working_copy.publish(copy, user=first, act=Act.EMERGENCY, note="Sai tên người")
    assert Article.objects.published().get().emergency_by == first
    again = working_copy.revise(article, user=first)
    publishing.submit(again, user=first)
    working_copy.publish(again, user=second)
    assert Article.objects.published().get().emergency_at is None


def test_what_is_refused_leaves_both_rows_as_they_were():
    article = make_article(title="Cũ", body="<p>Cũ.</p>")
    copy = working_copy.revise(article)
    with pytest.raises(ValidationError):
        working_copy.publish(copy, body=f'<figure data-image="{make_image().pk}">')
    assert Article.objects.published().get().body == "<p>Cũ.</p>"
    assert Article.objects.get(revision_of=article).body == "<p>Cũ.</p>"
    assert article.revisions.count() == 0


# In the back office


def test_an_editor_changes_a_live_article_through_its_form():
    editor = make_user("editor")
    client = login(editor)
    article = make_article(title="Cũ")
    address = f"/admin/news/article/{article.pk}"
    page = client.get(f"{address}/change/").content.decode()
    assert 'name="title"' not in page
    assert client.get(f"{address}/act/revise/")["Location"].endswith(
        f"/{article.pk}/change/"
    ), "looking makes no copy"
    form = client.post(f"{address}/act/revise/")["Location"]
    copy = Article.objects.get(revision_of=article)
    assert form.endswith(f"/{copy.pk}/change/")
    data = form_data(category=article.category_id, title="Mới", read_version="1")
    date = timezone.localtime(article.published_at)
    data |= {"published_at_0": f"{date:%d/%m/%Y}", "published_at_1": f"{date:%H:%M}"}
    data |= {"_publish": "1", "act-is_major": "1", "act-public_note": "Sửa tên."}
    response = client.post(form, data)
    assert response.status_code == 302, response.context["errors"]
    live = Article.objects.published().get()
    assert (live.title, live.public_notes[0]["note"]) == ("Mới", "Sửa tên.")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"act-is_major": "1"}, "điều gì đã thay đổi"),
        ({"act-public_note": "Lặng lẽ"}, "nhỏ không báo"),
        ({"act-at_0": "01/01/2020"}, "phải ở tương lai"),
    ],
)
def test_a_half_answered_publication_keeps_what_was_typed(typed, sentence):
    client, article = login(make_user("editor")), make_article()
    copy = working_copy.revise(article)
    data = form_data(category=article.category_id, title="Công sức", read_version="1")
    response = client.post(
        f"/admin/news/article/{copy.pk}/change/", data | typed | {"_publish": "1"}
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert sentence in page
    assert "Công sức" in page
    assert Article.objects.get(pk=copy.pk).title != "Công sức"


def test_a_released_revision_can_be_read_and_dropped_but_not_binned():
    client, article = login(make_user("editor")), make_article()
    copy = working_copy.revise(article)
    address = f"/admin/news/article/{copy.pk}/act"
    page = client.post(f"{address}/trash/", {"act-version": copy.version})
    assert page.status_code == 200
    assert Article.objects.filter(pk=copy.pk).exists()
    client.post(f"{address}/discard/", {"act-version": copy.version})
    assert not Article.objects.filter(pk=copy.pk).exists()


def test_a_copy_carries_every_field_of_the_form():
    model_admin = admin.site.get_model_admin(Article)
    shown = set(flatten_fieldsets(model_admin.fieldsets))
    shown -= {*model_admin.readonly_fields, "read_version"}
    # The body and the lists of sections and tags go by save_article.
    assert shown - {"body", "tags", "further_categories"} == set(working_copy.CONTENT)
