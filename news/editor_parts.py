"""What the scripts of the editor and of the library are told, as data attributes."""

import json

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from news.decode import ACCEPT
from news.embeds import PROVIDERS


def editor_attrs() -> dict[str, str]:
    """Attributes of the editor's text area; a module without its own stays away.

    `data-editor` is the hashed address of ProseMirror's module.
    """
    parts = {
        "data-editor-labels": _editor(),
        "data-editor-keys": _keys(),
        "data-paste-labels": _paste(),
        "data-editor-embed": _embed(reverse("admin:news_article_embed")),
        "data-editor-links": _links(reverse("admin:news_article_links")),
    }
    return {
        "data-editor": static("django_prose_editor/editor.js"),
        "data-paste": reverse("admin:news_article_paste"),
        "data-docx": reverse("admin:news_article_word"),
        **{name: _json(value) for name, value in parts.items()},
    }


def library_attrs() -> dict[str, str]:
    """What library.js and upload.js need to know."""
    return {
        "data-library": reverse("admin:news_image_library"),
        "data-library-labels": _json(_library()),
    }


def _json(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _editor() -> dict[str, str]:
    """For editor.js."""
    return {
        "area": _("Body of the text"),
        "toolbar": _("Formatting"),
        "paragraph": _("Paragraph"),
        "h2": _("Heading"),
        "h3": _("Subheading"),
        "h4": _("Small heading"),
        "style": _("Paragraph style"),
        "bold": _("Bold"),
        "italic": _("Italic"),
        "underline": _("Underline"),
        "strike": _("Strike through"),
        "subscript": _("Subscript"),
        "superscript": _("Superscript"),
        "bulletList": _("Bulleted list"),
        "orderedList": _("Numbered list"),
        "blockquote": _("Quotation"),
        "link": _("Link"),
        "unlink": _("Remove the link"),
        "figure": _("Insert a picture"),
        "table": _("Insert a table"),
        "horizontalRule": _("Separator"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "addRowBefore": _("Add a row above"),
        "addRowAfter": _("Add a row below"),
        "deleteRow": _("Delete the row"),
        "addColumnBefore": _("Add a column to the left"),
        "addColumnAfter": _("Add a column to the right"),
        "deleteColumn": _("Delete the column"),
        "toggleHeaderRow": _("Header row"),
        "toggleHeaderColumn": _("Header column"),
        "toggleHeaderCell": _("Header cell"),
        "mergeCells": _("Merge or split cells"),
        "tableCaption": _("Title of the table"),
        "deleteTable": _("Delete the table"),
        "linkAddress": _("Address (https://… or /path/)"),
        "linkBad": _("Start with https://, http://, mailto:, tel: or /"),
        "apply": _("Apply"),
        "cancel": _("Cancel"),
        "editFigure": _("Words of the picture"),
        "removeFigure": _("Remove the picture"),
        "captionHere": _("Type the caption here"),
        "altMissing": _("Alternative text is missing"),
        "altDecorative": _("Decorative"),
        "altCaption": _("The caption says it"),
        "failed": _("The editor could not be loaded; you are writing HTML."),
    }


def _paste() -> dict[str, str]:
    """For paste.js."""
    return {
        "cleaning": _("Cleaning…"),
        "offline": _(
            "The server did not answer, so this was pasted as it came. Look at its "
            "lists and headings."
        ),
        "accept": ACCEPT,
        "choose": _("Upload pictures into the text"),
        "screenshot": _("Screenshot"),
        "uploading": _("Uploading pictures; you can go on writing."),
        "placed": _("The picture is in the text. Type its caption."),
        "failed": _("The upload failed. Check the connection and try again."),
        "duplicate": _(
            "This picture was already in the library; it was not stored twice."
        ),
        "word": _("A Word file is not put into the text. Use “Import from Word”."),
        "wordLink": _("Import from Word"),
        "wait": _(
            "Something is still on its way into the text. Wait for it or cancel it, "
            "then save again."
        ),
        "cancel": _("Cancel"),
        "dismiss": _("Dismiss this notice"),
    }


def _library() -> dict[str, str]:
    """For library.js."""
    return {
        "title": _("Choose a picture"),
        "search": _("Search the library"),
        "show": _("Show"),
        "showAll": _("All pictures, newest first"),
        "showMine": _("Uploaded by me"),
        "showUnused": _("Not used yet"),
        "searchHint": _("Title, caption or credit, with or without accents"),
        "upload": _("Upload a picture"),
        "uploading": _("Uploading…"),
        "uploadFailed": _("The upload failed. Check the connection and try again."),
        "empty": _("No picture found."),
        "loading": _("Loading…"),
        "more": _("More pictures"),
        "found": _("pictures shown"),
        "close": _("Close"),
        "back": _("Choose another picture"),
        "words": _("Words of the picture"),
        "name": _("Name of the picture"),
        "nameHint": _("By this name it is found in the library again."),
        "caption": _("Caption"),
        "captionHint": _("Printed under the picture, for this article only."),
        "altHint": _("For this article only; the library keeps its own suggestion."),
        "newHint": _("Kept in the library too, as the suggestion for next time."),
        "creditHint": _("Example: Ảnh: Minh Hà"),
        "accept": ACCEPT,
        "altKind": _("For people who cannot see the picture"),
        "altText": _("Describe what it shows"),
        "altDecorative": _("It is decorative: nothing is read out"),
        "altCaption": _("The caption already says it"),
        "alt": _("Alternative text"),
        "altNeeded": _("Describe the picture, or choose another answer above."),
        "captionNeeded": _("Type the caption first."),
        "insert": _("Put into the text"),
        "update": _("Apply"),
        "duplicate": _(
            "This picture was already in the library; it was not stored twice."
        ),
        "credit": _("Credit"),
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
