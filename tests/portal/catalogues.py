"""What the translation tests read: PO files, and the messages in code and templates.

xgettext is not on a bare machine, so the messages are collected with `ast` and
with Django's own template extraction.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# Name in django.utils.translation (without `_lazy`, `_noop`) -> what its
# positional arguments are.
FUNCTIONS = {
    "gettext": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
}
_STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*((?:{_STRING}\s*,?\s*)+)")


@dataclass(frozen=True)
class Message:
    msgid: str
    plural: str | None = None
    context: str | None = None
    where: str = ""  # the file, for the one who must translate it

    @property
    def key(self) -> str:
        """The msgid as a .mo file writes it."""
        return self.msgid if self.context is None else f"{self.context}\x04{self.msgid}"


@dataclass(frozen=True)
class Entry:
    """A message of a PO file; Vietnamese has one plural form."""

    message: Message
    text: str
    is_fuzzy: bool


def read_po(path: Path) -> list[Entry]:
    """Read a PO file in order, header left out; an obsolete entry (#~) is none."""
    entries: list[Entry] = []
    fields: dict[str, str] = {}
    flags = ""
    field = ""
    for line in [*path.read_text("utf-8").splitlines(), "#"]:
        begins_anew = line.startswith(("#", "msgctxt", "msgid "))
        if begins_anew and any(name.startswith("msgstr") for name in fields):
            if fields["msgid"]:
                entries.append(_entry(fields, flags, path))
            fields, flags = {}, ""
        if line.startswith("#,"):
            flags += line
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith('"'):
            field, line = line.split(None, 1)
            fields[field] = ""
        fields[field] += ast.literal_eval(line)
    return entries


def _entry(fields: dict[str, str], flags: str, path: Path) -> Entry:
    message = Message(
        fields["msgid"], fields.get("msgid_plural"), fields.get("msgctxt"), str(path)
    )
    text = fields.get("msgstr", fields.get("msgstr[0]", ""))
    return Entry(message, text, "fuzzy" in flags)


def python_messages(path: Path) -> Iterator[Message]:
    """Find the calls by the names under which the module imports the functions."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    names = {
        alias.asname or alias.name: re.sub("_(lazy|noop)$", "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            roles = FUNCTIONS.get(names.get(node.func.id, ""), ())
            values = [getattr(argument, "value", None) for argument in node.args]
            if roles and all(isinstance(v, str) for v in values[: len(roles)]):
                yield Message(**dict(zip(roles, values, strict=False)), where=str(path))


def template_messages(path: Path) -> Iterator[Message]:
    """Let Django turn the template into calls, as makemessages does."""
    yield from _calls(templatize(path.read_text("utf-8"), str(path)), path)


def script_messages(path: Path) -> Iterator[Message]:
    yield from _calls(path.read_text("utf-8"), path)


def _calls(text: str, path: Path) -> Iterator[Message]:
    for name, arguments, *_ in _CALL.findall(text):
        roles = FUNCTIONS["gettext" if name == "_" else name]
        strings = (match[1] for match in re.finditer(_STRING, arguments))
        values = [
            value[1:-1] if value[0] == "`" else ast.literal_eval(value)
            for value in strings
        ]
        yield Message(**dict(zip(roles, values, strict=False)), where=str(path))
