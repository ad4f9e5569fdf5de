"""Blanks: runs of them, before punctuation, missing after it."""

import re

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

BLANK = "[ \t\u00a0]"
_RUN = re.compile(f"(?<=[^ \t\u00a0\n]){BLANK}{{2,}}(?=[^ \t\u00a0\n])")
# After a letter, a digit or a closing mark; " ..." and " .vn" are left alone.
_BEFORE = re.compile(
    rf"(?<=[\w)\]”’\"%…])(?:{BLANK})+([,;:!?]|\.(?![\w.]))(?![\w.,;:!?)(/\\|*=-])"
)
_TOKEN = re.compile(r"\S+")
_GLUED = re.compile(r"(?<=[^\W\d_])[,;:!?](?=[^\W\d_])|(?<=[^\W\d_A-ZĐ])\.(?=[A-ZĐ])")
_ADDRESS = re.compile(r"://|@|www\.|\.(?:com|net|org|vn|html?|info|edu|gov)\b", re.I)


def runs(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _RUN.finditer(block):
            yield Slip(
                "double-blank",
                index,
                found.start(),
                found.end(),
                _("There is more than one blank between two words."),
                " ",
            )


def before_punctuation(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _BEFORE.finditer(block):
            yield Slip(
                "blank-before",
                index,
                found.start(),
                found.end(),
                _("“%(mark)s” stands right after the word, without a blank.")
                % {"mark": found[1]},
                found[1],
            )


def after_punctuation(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for token in _TOKEN.finditer(block):
            if _ADDRESS.search(token[0]):
                continue
            for found in _GLUED.finditer(token[0]):
                start = token.start() + found.start()
                yield Slip(
                    "blank-after",
                    index,
                    start,
                    start + 1,
                    _("A blank is missing after “%(mark)s”.") % {"mark": found[0]},
                    f"{found[0]} ",
                )
