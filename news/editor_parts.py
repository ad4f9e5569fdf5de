"""What the modules beside static/admin_theme/editor.js are told, as data attributes."""

import json

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from news.embeds import PROVIDERS


def editor_attrs() -> dict[str, str]:
    """Attributes of the editor's text area; a module without its own stays away."""
    parts = {"data-editor-keys": _keys()}
    try:
        parts["data-editor-embed"] = _embed(reverse("admin:news_article_embed"))
        parts["data-editor-links"] = _links(reverse("admin:news_article_links"))
    except NoReverseMatch:  # a site without our articles in its back office
        pass
    return {
        name: json.dumps(value, ensure_ascii=False) for name, value in parts.items()
    }


def _embed(address: str) -> dict:
    """For embed_node.js."""
    return {
        "check": address,
        "providers": {p.key: p.name for p in PROVIDERS.values()},
        "hosts": [p.hosts.pattern for p in PROVIDERS.values()],
        "labels": {
            "insert": _("Insert a video or map"),
            "edit": _("Change the video or map"),
            "remove": _("Remove the video or map"),
            "address": _("Address or embed code"),
            "hint": _(
                "From YouTube or Vimeo the address of the video; from Google Maps the "
                "code of Share, Embed a map."
            ),
            "title": _("Title"),
            "titleHint": _(
                "Says what is shown, to people who cannot see it and on paper."
            ),
            "titleNeeded": _("Give it a title."),
            "titleMissing": _("The title is missing"),
            "asLink": _("Put in the address only"),
            "apply": _("Put into the text"),
            "update": _("Apply"),
            "cancel": _("Cancel"),
            "checking": _("Checking the address…"),
            "failed": _("The server did not answer. Try again."),
        },
    }


def _links(address: str) -> dict:
    """For link_picker.js."""
    return {
        "search": address,
        "labels": {
            "search": _("Find an article of this site"),
            "hint": _("Words of the title, with or without accents"),
            "newest": _("The newest articles"),
            "found": _("articles found"),
            "empty": _("No article found."),
            "failed": _("The server did not answer. Try again."),
        },
    }


def _keys() -> dict:
    """For editor_keys.js: what is listed, a key and what it does."""
    return {
        "help": _("Keys"),
        "close": _("Close"),
        "toolbar": _("Alt+F10: tool bar"),
        "keys": [
            ["Alt+F10", _("To the tool bar; arrows move inside, Esc leads back")],
            ["Ctrl+B", _("Bold")],
            ["Ctrl+I", _("Italic")],
            ["Ctrl+U", _("Underline")],
            ["Ctrl+K", _("Link")],
            ["Ctrl+Shift+8", _("Bulleted list")],
            ["Ctrl+Shift+7", _("Numbered list")],
            ["Ctrl+Shift+B", _("Quotation")],
            ["Ctrl+Alt+2", _("Heading")],
            ["Ctrl+Alt+3", _("Subheading")],
            ["Ctrl+Alt+0", _("Paragraph")],
            ["Tab, Shift+Tab", _("In a table: to the next cell, to the one before")],
            [
                "Ctrl+Enter",
                _("Out of a table, picture or video: a new paragraph below"),
            ],
            ["Ctrl+Shift+Enter", _("The same above")],
            ["Shift+Enter", _("New line in the same paragraph")],
            ["Ctrl+Z, Ctrl+Y", _("Undo, redo")],
            ["Esc, Tab", _("Out of the text, to the next field")],
        ],
    }
