"""Blanks around words and marks, and brackets and quotes without their pair."""

import re

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

_BLANK = "[ \t\u00a0]"
_RUN = re.compile(f"(?<=[^ \t\u00a0\n]){_BLANK}{{2,}}(?=[^ \t\u00a0\n])")
# After a word, a figure or a closing mark. " ..." and " .vn" are left alone.
_BEFORE = re.compile(
    rf"(?<=[\w)\]”’\"%]){_BLANK}+"
    rf"(?:([,;:!?.])(?=[\s”\"…]|$)(?!{_BLANK}?[.:)])|([,;])(?=[^\W\d_]))"
)
# "( x", but not the sad face ":( x"; "x )" and "x ”".
_INSIDE = re.compile(
    rf"(?<![:;=-])([(\[“]){_BLANK}+(?=\w)|(?<=[\w.!?%”\"]){_BLANK}+([)\]”])"
)
_TOKEN = re.compile(r"\S+")
_GLUED = re.compile(r"([^\W\d_]{1,12})([.,;:!?])(?=([^\W\d_]{1,2}))")
_ADDRESS = re.compile(
    r"://|@|www\.|\.(?:com|net|org|vn|html?|info|edu|gov|php|aspx?|js|exe)\b|Yahoo!",
    re.IGNORECASE,
)
# "Ths.Nguyễn" is a matter of taste.
_TITLES = {
    "bs", "cn", "dr", "fw", "gs", "jr", "ks", "ls", "mr", "mrs", "ms", "no", "nxb",
    "pgs", "re", "sr", "st", "th", "ths", "tp", "ts", "tx", "vs",
}  # fmt: skip
_PAIRED = re.compile(r"(?<![:;=-])\(|\((?!\s|$)|\)")  # ":( " is a sad face
# "a)", "12)", "iii)" at the head of an item; smileys.
_ITEM = re.compile(r"(?:^|[\s;:,.()/-])\w{1,4}$|[:;=\-)]$")


def blank_runs(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _RUN.finditer(block):
            message = _("There is more than one blank between two words.")
            yield Slip("double-blank", index, *found.span(), message, " ")


def blank_before(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _BEFORE.finditer(block):
            mark = found[1] or found[2]
            if mark == ":" and _between_figures(block, *found.span()):
                continue
            yield Slip(
                "blank-before",
                index,
                *found.span(),
                _("“%(mark)s” stands right after the word, without a blank.")
                % {"mark": mark},
                mark if found[1] else f"{mark} ",
            )


def blank_inside(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _INSIDE.finditer(block):
            mark = found[1] or found[2]
            message = _("Inside brackets and quotes no blank stands beside “%(mark)s”.")
            yield Slip(
                "blank-inside", index, *found.span(), message % {"mark": mark}, mark
            )


def blank_after(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for token in _TOKEN.finditer(block):
            if _ADDRESS.search(token[0]):
                continue
            for found in _GLUED.finditer(token[0]):
                if not _needs_blank(*found.groups()):
                    continue
                mark, start = found[2], token.start() + found.start(2)
                message = _("A blank is missing after “%(mark)s”.") % {"mark": mark}
                yield Slip("blank-after", index, start, start + 1, message, f"{mark} ")


def _needs_blank(before: str, mark: str, after: str) -> bool:
    """Say whether `mark` ends something; `after` is one letter or two.

    Initials, abbreviations, addresses and code hold marks inside a word.
    """
    if mark == ",":
        return len(before) > 1 or len(after) > 1
    if len(before) < 2 or len(after) < 2 or before.lower() in _TITLES:
        return False
    if mark in ";:":
        return True
    if mark == "." and before[0].isupper() and before.isascii():  # "Man.City"
        return False
    return before[1:].islower() and after[0].isupper() and after[1].islower()


def _between_figures(block: str, start: int, end: int) -> bool:
    """3 : 1"""
    return block[start - 1].isdigit() and block[end:].lstrip()[:1].isdigit()


def brackets(blocks: Blocks) -> Slips:
    """Report the first bracket of a block that has no partner there."""
    for index, block in enumerate(blocks):
        if (at := _unpaired(block)) is not None:
            message = _("This bracket has no partner in its paragraph.")
            yield Slip("bracket", index, at, at + 1, message)


def _unpaired(block: str) -> int | None:
    opened: list[int] = []
    for found in _PAIRED.finditer(block):
        at = found.start()
        if found[0] == "(":
            opened.append(at)
        elif opened:
            opened.pop()
        elif not _ITEM.search(block[max(0, at - 6) : at]):
            return at
    return opened[0] if opened else None


def quotes(blocks: Blocks) -> Slips:
    """Report “x" and "x”; a quotation over several paragraphs leaves “ alone."""
    for index, block in enumerate(blocks):
        if block.count("“") == block.count("”") or block.count('"') % 2 == 0:
            continue
        opened = -1
        for at, letter in enumerate(block):
            if letter == "“":
                opened = at
            elif letter == "”":
                if opened < 0:
                    break
                opened = -1
        else:
            at = opened
        if at >= 0:
            message = _("A curly quote is paired with a straight one.")
            yield Slip("quote", index, at, at + 1, message)
