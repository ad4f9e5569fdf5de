"""What a rule of the proofreader reports, and what it reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Rules yield these in reading order; proofread() cuts the text of each out.
Slips = Iterator["Slip"]
Blocks = Sequence[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an editor should look at; offsets are code points of the block."""

    rule: str
    block: int
    start: int
    end: int
    text: str
    message: str
    # What replaces `text` by one click; None when only a person can decide.
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Slip:
    """A finding as a rule yields it, before its text is cut out."""

    rule: str
    block: int
    start: int
    end: int
    message: str
    suggestion: str | None = None
