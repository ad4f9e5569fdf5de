"""What is refused before any HTML is parsed: too much, or nested too deeply.

A parser's time grows with length times depth, so a megabyte of open elements would
take minutes. Depth is therefore bounded here, reading tags as a browser does;
news.html counts again, exactly, what the parser made of it.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_BYTES = 2**20  # a book of 150,000 words is shorter
# The parser's time grows with their square: a megabyte of "&" takes 20 seconds.
# A megabyte of Vietnamese written as &agrave; has fewer.
MAX_REFERENCES = 150_000
# A table of 10,000 rows and four columns has as many. Text that stands between the
# rows of a table takes time with the square of its pieces.
MAX_TAGS = 100_000
MAX_DEPTH = 60  # lists in quotes in lists; nobody reads deeper
# Elements that may be left open or closed in the wrong order; old pages have dozens.
MAX_OPEN = 500
# A longer tag keeps its name only; no attribute that is kept is so long. The
# parser's time grows with the square of a tag's attributes.
MAX_TAG_CHARS = 10_000

# The grammar of the HTML standard: a quote means something after "=" only, and
# "<!", "<?" and "</" before anything but a letter begin a comment that ends with
# the next ">". Written without backtracking.
_TAG = re.compile(
    r"""
    <(/?)([a-zA-Z][^\t\n\f\r\ />]*)
    (?>
      [\t\n\f\r\ /]+
      | [^\t\n\f\r\ />][^\t\n\f\r\ />=]*
        (?>[\t\n\f\r\ ]*=[\t\n\f\r\ ]*
          (?>"[^"]*"|'[^']*'|(?!["'])[^\t\n\f\r\ >]*)
        )?
    )*+(?:>|\Z)
    | <[!?/][^>]*(?:>|\Z)
    """,
    re.VERBOSE,
)
# Word puts hundreds of unclosed elements into conditional comments; in drawings and
# formulas elements nest by other rules.
_LEFT_OUT = [
    (re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for begin, end in (
        ("<!--", "--!?>"),
        (r"<svg(?=[\s/>])", r"</svg\s*>"),
        (r"<math(?=[\s/>])", r"</math\s*>"),
    )
]
# They cannot hold themselves: a browser closes the open one. In drawings and
# formulas (svg, math) their names mean nothing.
_NOT_NESTING = re.compile(
    "p|li|d[dt]|t[dhr]|thead|tbody|tfoot|caption|option|br|hr|img|input|meta|link|"
    "col|colgroup|area|base|source|track|wbr|param"
)


def within_limits(html: str) -> str:
    """Return `html` without comments, drawings and over-long tags.

    ValidationError over a limit, with the code "too_large" or "too_deep".
    """
    raw = html.encode("utf-8", "ignore")  # drops lone surrogates
    if len(raw) > MAX_BYTES or raw.count(b"&") > MAX_REFERENCES:
        raise ValidationError(
            _("The text is larger than 1 MB. Put long documents into attachments."),
            code="too_large",
        )
    html = raw.decode()
    for begin, end in _LEFT_OUT:
        html = _without(html, begin, end)
    if _survey(html) > MAX_TAG_CHARS:
        html = _TAG.sub(_shortened, html)
        _survey(html)
    return html


def too_deep() -> ValidationError:
    return ValidationError(
        _("The text is nested too deeply. Paste it without formatting."),
        code="too_deep",
    )


def _survey(html: str) -> int:
    """Return the length of the longest tag; ValidationError over a limit.

    An element counts as closed only by its own end tag with nothing open inside,
    so a browser never has more elements open than are counted here.
    """
    # What is left of these hides tags from the parser: then nothing closes.
    may_close = "<![CDATA[" not in html and "<!--" not in html
    opened: list[str] = []
    foreign = tags = longest = 0
    for tag in _TAG.finditer(html):
        if not tag[2]:
            continue  # a comment of the short kind
        # As a browser: "K" of KELVIN SIGN stays what it is.
        name = tag[2].lower() if tag[2].isascii() else tag[2]
        tags += 1
        longest = max(longest, tag.end() - tag.start())
        if tags > MAX_TAGS:
            raise ValidationError(
                _("The text has too many parts. Put long tables into attachments."),
                code="too_large",
            )
        if not foreign and _NOT_NESTING.fullmatch(name):
            continue
        if not tag[1]:
            opened.append(name)
            foreign += name in ("svg", "math")
        elif opened and opened[-1] == name and may_close:
            opened.pop()
            foreign -= name in ("svg", "math")
        if len(opened) > MAX_OPEN:
            raise too_deep()
    return longest


def _shortened(tag: re.Match) -> str:
    if len(tag[0]) <= MAX_TAG_CHARS:
        return tag[0]
    return f"<{tag[1]}{tag[2]}>" if tag[2] else ""


def _without(html: str, begin: re.Pattern, end: re.Pattern) -> str:
    parts, position = [], 0
    while start := begin.search(html, position):
        stop = end.search(html, start.end())
        if not stop:
            break
        parts.append(html[position : start.start()])
        position = stop.end()
    return "".join([*parts, html[position:]])
