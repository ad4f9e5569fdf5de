"""What pictures lack is made while the site runs; what is there keeps its address."""

import io
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from news import images, saving
from news.models import Image, Placement
from portal import generation
from tests.factories import make_article
from tests.news.test_images import all_renditions, encoded, files_in, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings):
    """The test run's own storages, emptied, so that what is left can be counted."""
    for name in ("media", "private"):
        shutil.rmtree(settings.DATA_DIR / name, ignore_errors=True)
    with override("en"):  # assertions read the msgids
        yield settings.DATA_DIR


@pytest.fixture
def old_picture():
    """A picture of a time that knew neither AVIF nor its widest rendition."""
    image = images.create_image(upload(encoded(picture())), title="Cảng")
    names = [image.renditions[key].pop("avif") for key in ("480", "800", "1200")]
    names.append(image.renditions.pop("1200")["jpg"])
    image.save()
    images._remove(names)
    return image


def complete(*options) -> str:
    out = io.StringIO()
    call_command("complete_pictures", *options, stdout=out, stderr=out)
    return out.getvalue()


def placed(image):
    article = make_article(body='<figure data-placement="0"></figure>')
    placement = Placement.objects.create(image=image, article=article, caption="Cảng")
    article.body = f'<figure data-placement="{placement.pk}"></figure>'
    saving.rebuild_body(article)
    article.save()
    return article


def test_what_is_lacking_is_made_and_shown(old_picture, folders):
    article = placed(old_picture)
    assert ".avif" not in article.body_html
    before, there = generation.current(), set(files_in(folders))
    jpeg = old_picture.renditions["480"]["jpg"]
    assert complete() == "1 of 1\nAll pictures have their renditions.\n"
    old_picture.refresh_from_db()
    assert set(old_picture.renditions) == {"480", "800", "1200", "og"}
    assert all(all_renditions(old_picture))
    assert old_picture.renditions["480"]["jpg"] == jpeg, "readers' pages name it"
    assert there < set(files_in(folders)), "nothing is taken away"
    article.refresh_from_db()
    for width in ("480", "800", "1200"):
        assert old_picture.renditions[width]["avif"] in article.body_html
    generation.refresh()
    assert generation.current() != before
    assert complete() == "All pictures have their renditions.\n"


def test_a_file_that_is_gone_or_empty_is_made_again(folders):
    image = images.create_image(upload(encoded(picture())), title="Mất")
    (folders / "media" / image.renditions["480"]["jpg"]).unlink()
    (folders / "media" / image.renditions["og"]["jpg"]).write_bytes(b"")
    complete()
    image.refresh_from_db()
    assert all(all_renditions(image))
    assert all(images._is_there(r["jpg"]) for r in image.renditions.values())


def test_a_check_names_what_lacks_and_changes_nothing(old_picture, folders):
    whole = images.create_image(
        upload(encoded(picture(500, 500, (0, 0, 0, 0), "RGBA"), "PNG")), title="Dấu"
    )
    before = files_in(folders)
    with pytest.raises(CommandError, match=rf": {old_picture.pk}$") as stopped:
        complete("--check")
    assert stopped.value.returncode == 1
    assert files_in(folders) == before
    assert not images.lacks(whole)


def test_an_interrupted_run_goes_on_where_it_stopped(old_picture, monkeypatch):
    other = images.create_image(upload(encoded(picture(900, 600))), title="Khác")
    images._remove([other.renditions["800"]["avif"]])
    real, made = images._make, []

    def make(data, focal, token):
        made.append(token)
        if len(made) == 2:
            raise KeyboardInterrupt
        return real(data, focal, token)

    monkeypatch.setattr(images, "_make", make)
    with pytest.raises(KeyboardInterrupt):
        complete()
    assert complete().startswith("1 of 1\n")
    assert made == [old_picture.file.name, other.file.name, other.file.name]


def test_an_editor_who_changes_the_picture_meanwhile_wins(
    old_picture, folders, monkeypatch, django_capture_on_commit_callbacks
):
    real = images._make

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(images, "_make", real)
        made = real(*args, **kwargs)
        theirs = Image.objects.get(pk=old_picture.pk)
        images.replace(theirs, upload(encoded(picture(700, 700, "navy"))))
        return made

    monkeypatch.setattr(images, "_make", meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        assert not saving.complete_picture(old_picture)
    image = Image.objects.get(pk=old_picture.pk)
    assert image.renditions["800"]["w"] == 700
    named = {"media/" + name for name in images._file_names(image)[1]}
    assert {name for name in files_in(folders) if "media/" in name} == named


def test_a_lost_original_is_named_and_the_others_are_completed(old_picture, folders):
    lost = images.create_image(upload(encoded(picture(500, 400))), title="Mất gốc")
    (folders / "private" / lost.file.name).unlink()
    images._remove([lost.renditions["480"]["avif"]])
    with pytest.raises(CommandError, match=rf": {lost.pk}$"):
        complete()
    old_picture.refresh_from_db()
    assert not images.lacks(old_picture)
