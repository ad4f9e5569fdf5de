"""What an audit finds: a place, what is there, and what should be."""

from collections.abc import Callable
from dataclasses import dataclass

# Told now and then what is being looked at and how much of it is done.
Tell = Callable[[str, int], None]


@dataclass(frozen=True)
class Finding:
    """`kind` is a word for machines, `place` an address, a row or a file."""

    kind: str
    place: str
    what: str
    expected: str = ""

    def __str__(self):
        return ": ".join(filter(None, [self.place, self.what]))
