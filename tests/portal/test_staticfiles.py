"""What collectstatic makes of the public site's style: one small file, all of it."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from portal.staticfiles import JOINED_SHEET, StaticStorage

STATIC = Path(settings.STATICFILES_DIRS[0])
_URL = re.compile(r'url\("?([^")]+)"?\)')


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Our own style sheets, fonts and pictures as collectstatic leaves them."""
    folder = tmp_path_factory.mktemp("static")
    source = FileSystemStorage(STATIC)
    storage = StaticStorage(location=folder, base_url="/static/")
    names = [
        str(path.relative_to(STATIC))
        for kind in ("css", "fonts", "img")
        for path in (STATIC / kind).iterdir()
    ]
    for _ in range(2):  # as at the second start: the joined one lies there already
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            if name != JOINED_SHEET or not (folder / name).exists():
                shutil.copy(STATIC / name, folder / name)
        done = list(storage.post_process({name: (source, name) for name in names}))
        assert not [result for *_names, result in done if isinstance(result, Exception)]
    return storage


def bare(css: str) -> str:
    """Nothing but what a browser reads, with the files' names left out."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s+", "", _URL.sub("url()", css))


def test_the_sheets_of_the_public_site_become_one(collected):
    written = (STATIC / JOINED_SHEET).read_text()
    joined = (
        Path(collected.location) / collected.stored_name(JOINED_SHEET)
    ).read_text()
    parts = re.findall(r'@import url\("(.+)"\)', written)
    assert {"tokens.css", "article.css"} <= set(parts)
    assert bare(joined) == "".join(
        bare((STATIC / "css" / p).read_text()) for p in parts
    )
    assert "/*" not in joined
    assert "\n " not in joined


def test_what_the_joined_sheet_names_is_there_under_its_hash(collected):
    sheet = Path(collected.location) / collected.stored_name(JOINED_SHEET)
    names = _URL.findall(sheet.read_text())
    assert len(names) >= 5
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.(woff2|svg)$", name), name
        assert (sheet.parent / name).is_file(), name
    for ending in (".br", ".gz"):
        assert sheet.with_name(sheet.name + ending).stat().st_size < 10_000


def test_every_public_sheet_is_joined_or_named_by_a_template():
    templates = "".join(
        path.read_text() for path in (STATIC.parent / "templates").rglob("*.html")
    )
    joined = (STATIC / JOINED_SHEET).read_text()
    for path in (STATIC / "css").glob("*.css"):
        assert f'"{path.name}"' in joined or f"css/{path.name}" in templates, path


def test_an_address_is_remembered_until_the_files_are_collected_again(tmp_path):
    source = FileSystemStorage(STATIC)
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    name = "img/favicon.svg"

    def collect(content):
        (tmp_path / "img").mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
        list(storage.post_process({name: (storage, name)}))
        return storage.url(name)

    first = collect((STATIC / name).read_bytes())
    assert first == storage.url(name) != source.url(name)
    assert collect(b"<svg/>") != first
