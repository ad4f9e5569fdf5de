"""Everything that is read is Vietnamese: our messages and those of the packages.

Not asked for, because nobody meets them here:
* the names of languages (Django's `global_settings.LANGUAGES`): no page offers a
  choice of language;
* Django's welcome page: it needs DEBUG and a project without addresses;
* django.contrib apps that are not installed (flatpages, humanize, sites, ...).
"""

import gettext
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import django
import django_filters
import django_prose_editor
import pytest
from django.conf import global_settings
from django.test import RequestFactory
from django.utils import formats, translation
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JavaScriptCatalog

from tests.portal.catalogues import (
    Entry,
    Message,
    python_messages,
    read_po,
    script_messages,
    template_messages,
)

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "portal" / "locale" / "vi" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
OUR_APPS = ("news", "portal", "search", "stats")

# Vietnamese writes these as English does.
SAME_IN_VIETNAMESE = {
    "%(class_name)s %(instance)s",
    "%(size)d byte",
    "%(truncated_text)s…",
    "%s GB",
    "%s KB",
    "%s MB",
    "%s PB",
    "%s TB",
    "(Hidden field %(name)s) %(error)s",
    "Fax",
    "IPv4",
    "IPv6",
    "RSS",
    "dd/mm/yyyy",
    "fax",
    "…",
}

WELCOME_PAGE = {
    "Connect, get help, or contribute",
    "Django Community",
    "Django Documentation",
    "Get started with Django",
    "The install worked successfully! Congratulations!",
    "Topics, references, &amp; how-to’s",
    "Tutorial: A Polling App",
}
LANGUAGE_NAMES = {name for _code, name in global_settings.LANGUAGES}
# %(name)s, %s, %d, %%, {name}, {}; a space is no flag here ("100% of").
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0+-]?\d*(?:\.\d+)?[a-zA-Z%]|\{\w*\}")
OLD_TONE_PLACEMENT = re.compile(r"[óòỏõọ][ae]\b|[úùủũụ]y\b", re.IGNORECASE)


def _packages() -> dict[str, list[Path]]:
    """Return the folders of locales of what is installed, by domain of message."""
    root = Path(django.__file__).parent
    english = [root / "conf" / "locale"] + [
        root / "contrib" / app / "locale"
        for app in ("admin", "auth", "contenttypes", "sessions")
    ]
    # These ship no English: any other language names the messages.
    others = [
        Path(package.__file__).parent / "locale"
        for package in (django_filters, django_prose_editor)
    ]
    return {
        domain: [
            *(path / "en" / "LC_MESSAGES" / f"{domain}.po" for path in english),
            *(
                found
                for path in others
                for found in sorted(path.glob(f"*/LC_MESSAGES/{domain}.po"))
            ),
        ]
        for domain in DOMAINS
    }


def _our_messages(domain: str) -> Iterable[Message]:
    if domain == "djangojs":
        for folder in (ROOT / "static", *(ROOT / app / "static" for app in OUR_APPS)):
            for path in sorted(folder.rglob("*.js")):
                yield from script_messages(path)
        return
    for app in OUR_APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield from python_messages(path)
    folders = (ROOT / "templates", *(ROOT / app / "templates" for app in OUR_APPS))
    for folder in folders:
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in {".html", ".txt", ".xml"}:
                yield from template_messages(path)


def _editor_messages() -> list[Message]:
    """Return the messages of the editor's script; its own catalogues lack some."""
    path = Path(django_prose_editor.__file__).parent / "static/django_prose_editor"
    text = (path / "editor.js").read_text("utf-8")
    alias = re.search(r"\b(\w+)=window\.gettext\|\|", text)[1]
    found = re.findall(rf'\b{alias}\("((?:[^"\\]|\\.)*)"\)', text)
    return [Message(msgid, where="editor.js") for msgid in found]


def _loaded(domain: str) -> DjangoTranslation:
    """Return the messages as Django merges them: packages first, ours over them."""
    return DjangoTranslation("vi", domain=domain)


def _untranslated(messages: Iterable[Message], domain: str) -> list[str]:
    """List what Django would show in English; ngettext needs a plural entry."""
    catalogue = _loaded(domain)._catalog
    return sorted(
        {
            f"{message.where.removeprefix(f'{ROOT}/')}: {message.key!r}"
            for message in messages
            if not catalogue.get((message.key, 0))
            and (message.plural is not None or not catalogue.get(message.key))
        }
    )


@pytest.fixture(params=DOMAINS)
def entries(request) -> list[Entry]:
    return read_po(CATALOGUES / f"{request.param}.po")


@pytest.mark.parametrize("domain", DOMAINS)
def test_compiled_catalogue_says_what_the_po_file_says(domain):
    expected = {}
    for entry in read_po(CATALOGUES / f"{domain}.po"):
        key = entry.message.key
        expected[(key, 0) if entry.message.plural is not None else key] = entry.text
    with (CATALOGUES / f"{domain}.mo").open("rb") as file:
        compiled = dict(gettext.GNUTranslations(file)._catalog)
    header = compiled.pop("")
    assert "nplurals=1; plural=0;" in header
    assert compiled == expected


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="msgfmt is not installed")
@pytest.mark.parametrize("domain", DOMAINS)
def test_msgfmt_compiles_the_po_file_to_the_same(domain, tmp_path):
    made = tmp_path / "made.mo"
    source = CATALOGUES / f"{domain}.po"
    subprocess.run(["msgfmt", "--check-format", "-o", made, source], check=True)
    catalogues = []
    for path in (made, CATALOGUES / f"{domain}.mo"):
        with path.open("rb") as file:
            catalogues.append(gettext.GNUTranslations(file)._catalog)
    assert catalogues[0] == catalogues[1]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_message_of_ours_is_translated(domain):
    messages = list(_our_messages(domain))
    assert domain == "djangojs" or len(messages) > 300
    missing = _untranslated(messages, domain)
    assert not missing, "\n".join(["no Vietnamese for:", *missing])


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_message_of_the_packages_is_translated(domain):
    messages = [
        entry.message
        for path in _packages()[domain]
        if path.exists()
        for entry in read_po(path)
        if entry.message.msgid not in LANGUAGE_NAMES | WELCOME_PAGE
        and "docs.djangoproject.com" not in entry.message.msgid
    ]
    if domain == "djangojs":
        messages += _editor_messages()
    assert len(messages) > 100
    missing = _untranslated(messages, domain)
    assert not missing, "\n".join(["no Vietnamese for:", *missing])


def test_entries_are_finished_sorted_and_said_once(entries):
    keys = [(entry.message.msgid, entry.message.context or "") for entry in entries]
    assert keys == sorted(set(keys))
    unfinished = [e.message.msgid for e in entries if e.is_fuzzy or not e.text.strip()]
    assert unfinished == []


def test_placeholders_agree(entries):
    """One form serves one and many, so it carries what the plural carries."""
    differing = [
        entry.message.msgid
        for entry in entries
        if set(PLACEHOLDER.findall(entry.message.plural or entry.message.msgid))
        != set(PLACEHOLDER.findall(entry.text))
    ]
    assert differing == []


def test_only_words_that_are_the_same_in_vietnamese_stay_english(entries):
    english = {e.message.msgid for e in entries if e.text == e.message.msgid}
    assert english - SAME_IN_VIETNAMESE == set()


def test_tone_marks_stand_where_the_newsroom_writes_them(entries):
    """Write toà, hoá, uỷ, huỷ everywhere; a mixture looks careless."""
    mixed = {
        e.message.msgid: e.text for e in entries if OLD_TONE_PLACEMENT.search(e.text)
    }
    assert mixed == {}


def test_lines_begin_and_end_alike(entries):
    """A space or a line break at an end is there because a template needs it."""
    differing = [
        entry.message.msgid
        for entry in entries
        if [entry.message.msgid[:1].isspace(), entry.message.msgid[-1:].isspace()]
        != [entry.text[:1].isspace(), entry.text[-1:].isspace()]
    ]
    assert differing == []


def test_django_says_required_and_weekdays_in_our_words():
    with translation.override("vi"):
        assert translation.gettext("This field is required.").startswith("Thông tin")
        assert translation.gettext("Wednesday") == "Thứ Tư"
        assert translation.ngettext("%(num)d day", "%(num)d days", 3) == "%(num)d ngày"
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


def test_scripts_of_the_back_office_get_our_words():
    """The admin asks for its own package only; LOCALE_PATHS come along."""
    view = JavaScriptCatalog.as_view(packages=["django.contrib.admin"])
    with translation.override("vi"):
        text = view(RequestFactory().get("/")).content.decode()
    assert '"Insert Table": "Ch\\u00e8n b\\u1ea3ng"' in text
    assert '"Cancel": "Hu\\u1ef7"' in text
