"""What editors type: dates as they write them, and nothing lost on a mistake."""

import re
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.forms import modelform_factory

from news import forms, html, widgets
from news.forms import AttachmentForm, BodyField, TagsField, tags_named
from news.image_form import ImageForm
from news.models import Tag
from news.widgets import EditorWidget, PictureWidget
from tests.factories import make_image, make_tag

TagForm = modelform_factory(Tag, forms.TagForm, fields=["name", "slug"])
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

READ = [
    (["05/06/2026", "08:30"], datetime(2026, 6, 5, 8, 30)),
    (["05062026", "8h30"], datetime(2026, 6, 5, 8, 30)),
    (["05/06/2026", "14h"], datetime(2026, 6, 5, 14, 0)),
    (["5/6/2026", "8:30"], datetime(2026, 6, 5, 8, 30)),
    (["19-05-2021", ""], datetime(2021, 5, 19, 0, 0)),
    (["2026-06-05", "23:59:59"], datetime(2026, 6, 5, 23, 59, 59)),
    (["29/02/2024", "00:00"], datetime(2024, 2, 29, 0, 0)),
]


@pytest.mark.parametrize(("typed", "meant"), READ)
def test_days_and_times_are_read_as_vietnamese_write_them(typed, meant):
    assert widgets.DateTimeField().clean(typed) == meant.replace(tzinfo=HANOI)


BAD = [
    (["31/02/2026", "08:00"], "05062026"),
    (["06/13/2026", "08:00"], "05062026"),
    (["hôm nay", ""], "05062026"),
    (["05/06/2026", "25:00"], "8h30"),
    (["05/06/2026", "sáng"], "8h30"),
    (["", "08:00"], ""),
    (["01/01/0001", "00:00"], "1900"),
    (["31/12/9999", "23:59"], "1900"),
    (["\0", "\0"], "05062026"),
    (["٠٥/٠٦/٢٠٢٦\u202e", ""], "05062026"),
]


@pytest.mark.parametrize(("typed", "hint"), BAD)
def test_what_is_no_date_is_said_with_an_example(typed, hint):
    with pytest.raises(ValidationError) as refused:
        widgets.DateTimeField(required=False).clean(typed)
    assert hint in " ".join(refused.value.messages)


def test_an_empty_time_is_none_and_a_required_one_is_asked_for():
    assert widgets.DateTimeField(required=False).clean(["", ""]) is None
    with pytest.raises(ValidationError):
        widgets.DateTimeField().clean(["", ""])


def test_the_two_inputs_have_labels_of_their_own():
    html = widgets.SplitDateTime().render(
        "published_at", datetime(2026, 6, 5, 8, 30), {"id": "id_published_at"}
    )
    for part in ("id_published_at_0", "id_published_at_1"):
        assert f'<label for="{part}">' in html
        assert f'id="{part}"' in html
    assert 'value="05/06/2026"' in html


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("05062026", date(2026, 6, 5)), ("5/6/2026", date(2026, 6, 5))],
)
def test_a_day_alone_is_read_the_same_way(typed, meant):
    assert widgets.DateField().clean(typed) == meant


@pytest.mark.parametrize("typed", ["01/01/0001", "31/12/9999", "31/04/2026"])
def test_impossible_days_are_refused(typed):
    with pytest.raises(ValidationError):
        widgets.DateField().clean(typed)


def test_a_time_alone_is_read_with_h():
    assert widgets.TimeField().clean("7h05") == time(7, 5)


def test_the_body_keeps_what_was_typed_and_refuses_what_it_cannot_hold():
    field = BodyField(required=False)
    assert field.clean("<p>a</p>") == "<p>a</p>"
    with pytest.raises(ValidationError):
        field.clean("a" * (2**20 + 1))
    caption = "a" * 501
    with pytest.raises(ValidationError) as refused:
        field.clean(
            '<figure data-image="1"></figure><figure data-image="1">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    assert "2" in refused.value.messages[0], "which picture it is"


def test_text_typed_without_the_editor_keeps_its_paragraphs():
    """A text area without scripts: blank lines part paragraphs, as people type."""
    field = BodyField(required=False)
    typed = "Đoạn một.\r\n\r\n \r\nĐoạn hai,\r\ndòng hai: 3 < 5 & 7.\r\n"
    body = html.clean(field.clean(typed))
    assert body.splitlines() == [
        "<p>Đoạn một.</p>",
        "<p>Đoạn hai,<br>dòng hai: 3 &lt; 5 &amp; 7.</p>",
    ]
    assert field.clean(" \n") == ""
    as_html = "<p>a</p>\n\n<p>b</p>"
    assert field.clean(as_html) == as_html


def test_the_same_body_in_the_editors_words_is_no_change():
    field = BodyField()
    assert not field.has_changed("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>")
    assert field.has_changed("<p>a</p>", "<p>b</p>")


def test_the_editor_is_a_text_area_without_script():
    html = EditorWidget().render("body", "<p>a</p>", {"id": "id_body"})
    assert html.strip().startswith("<textarea")
    assert "&lt;p&gt;a&lt;/p&gt;" in html
    assert "<script" not in html


def test_every_script_of_the_editor_finds_its_attributes_on_the_text_area():
    shown = EditorWidget().render("body", "<p>a</p>")
    for script in EditorWidget.Media.js:
        name = Path(script.path).name
        source = Path(finders.find(f"admin_theme/{name}")).read_text()
        for name in re.findall(r"(?:textarea|target)\.dataset\.(\w+)", source):
            attribute = re.sub(r"([A-Z])", r"-\1", name).lower()
            assert f"data-{attribute}=" in shown, f"{script.path}: {attribute}"


@pytest.mark.django_db
def test_the_picture_field_shows_what_is_chosen():
    image = make_image(title="Cầu <Bãi Cháy>")
    html = PictureWidget().render("cover", image.pk, {"id": "id_cover"})
    assert "Cầu &lt;Bãi Cháy&gt;" in html
    assert f'value="{image.pk}"' in html
    for wrong in ("", None, "x", 10**12, "1; DROP"):
        assert "picture-field" in PictureWidget().render("cover", wrong, {})


def test_tags_are_typed_with_commas():
    field = TagsField(required=False)
    assert field.clean("chuyển đổi số,  Nông nghiệp ; nông nghiệp,, ") == [
        "chuyển đổi số",
        "Nông nghiệp",
    ]
    assert field.clean("") == []
    with pytest.raises(ValidationError):
        field.clean(",".join(str(n) for n in range(16)))
    with pytest.raises(ValidationError):
        field.clean("a" * 81)


@pytest.mark.django_db
def test_known_tags_are_used_and_new_ones_made():
    known = make_tag(name="Ocop")
    tags = tags_named(["OCOP", "hải sản"])
    assert tags[0] == known
    assert Tag.objects.count() == 2


@pytest.mark.django_db
def test_tags_that_differ_by_vietnamese_case_are_one():
    known = make_tag(name="Đổi mới")
    assert tags_named(["ĐỔI MỚI"]) == [known]
    assert tags_named(["doi moi"]) != [known], "marks make another word"
    form = TagForm({"name": "đổi MỚI", "slug": ""})
    assert "name" in form.errors
    assert not TagForm({"name": "ĐỔI mới", "slug": "x"}, instance=known).errors


@pytest.mark.django_db
def test_tags_are_changed_only_when_their_names_are():
    field, tag = TagsField(required=False), make_tag(name="OCOP")
    assert not field.has_changed([], "")
    assert not field.has_changed(None, " , ")
    assert not field.has_changed([tag], " OCOP,")
    assert field.has_changed([tag], "")
    assert field.has_changed([], "OCOP")


@pytest.mark.django_db
def test_a_picture_form_says_what_is_wrong_with_the_file():
    form = ImageForm({"title": ""}, {"upload": ContentFile(b"<svg/>", name="a.jpg")})
    assert not form.is_valid()
    assert "upload" in form.errors


@pytest.mark.django_db
def test_an_attachment_takes_its_title_from_its_name():
    file = ContentFile(b"%PDF-1.7 x", name="Kế hoạch.pdf")
    form = AttachmentForm({"title": "", "position": "0"}, {"file": file})
    form.instance.article_id = 1
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "Kế hoạch"
    assert form.instance.content_type == "application/pdf"


def test_an_attachment_of_a_refused_kind_is_said_at_the_field():
    file = ContentFile(b"MZ", name="a.pdf")
    form = AttachmentForm({"title": "x", "position": "0"}, {"file": file})
    assert not form.is_valid()
    assert "file" in form.errors
