"""Where the articles come from: a corpus, its paragraphs mixed, or none at all.

All are given oldest first, as a newsroom writes them, and the same arguments give
the same articles.
"""

import gzip
import itertools
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

FIRST_DAY = datetime(2015, 1, 5, tzinfo=UTC)
LAST_DAY = datetime(2026, 11, 19, tzinfo=UTC)

ONSETS = re.findall(r"\w+", "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x")
RIMES = re.findall(
    r"\w+",
    """
    a á à ả ạ an án àn ang áng àng anh ành ăn ân ấp âm e ê ế em i í ị iên iến iện inh
    ình o ó on ong òng ô ố ông ồng ơ ớ ới ở u ú ủ ung ư ứ ưng ứng ương ường ưa ua ui uy
    uyên uyến uyển yên ao áo au ai ái ay ây ấy iêu iếp oan oán oàn oà oẻ oạt
    """,
)
FUNCTION_WORDS = 80  # one syllable each, as frequent as `và`, `của`, `các`
VOCABULARY = 30_000
TOPIC_WORDS = 10  # what one article is about, more frequent in it than elsewhere


class Row(NamedTuple):
    title: str
    lead: str
    body: str  # paragraphs parted by \n
    category: str
    published_at: datetime


class Source(NamedTuple):
    """`kind` is "synthetic", "corpus" (as it is) or "mixed" (also its paragraphs)."""

    kind: str
    count: int
    rows: Iterator[Row]
    # Rows that are there, of a growing source at every size: what is asked comes
    # from their words.
    asked: list[Row]


def source(count: int, corpus: str | None, asked: int = 10_000) -> Source:
    """Return `count` articles; 0 means all of the corpus, or 5,000."""
    if not corpus:
        count = count or 5000
        first = list(itertools.islice(synthetic(count), asked))
        return Source("synthetic", count, synthetic(count), first)
    rows = read(corpus)
    count = count or len(rows)
    kind = "corpus" if count <= len(rows) else "mixed"
    there = rows if kind == "mixed" else list(mixed(rows, count))
    return Source(kind, count, mixed(rows, count), there)


def read(path: str) -> list[Row]:
    """Return the articles of a file of JSON lines, plain or packed, oldest first."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        found = [
            Row(
                line["title"],
                line["lead"],
                line["body"],
                line["category"],
                datetime.fromisoformat(line["published_at"]),
            )
            for line in map(json.loads, file)
        ]
    return sorted(found, key=lambda row: row.published_at)


def mixed(corpus: list[Row], count: int, seed: int = 1) -> Iterator[Row]:
    """Yield `count` articles, spread evenly over a corpus sorted by date.

    Above its size each article is followed by others of mixed paragraphs, with
    halves of two titles, dated before the next.
    """
    rng = random.Random(seed)
    paragraphs = [p for row in corpus for p in row.body.split("\n") if p]
    last = None
    for number in range(count):
        position, rest = divmod(number * len(corpus), count)
        row = corpus[position]
        if position != last:
            last = position
            yield row
            continue
        following = corpus[min(position + 1, len(corpus) - 1)].published_at
        pace = (following - row.published_at) * (rest / count)
        head, tail = rng.choice(corpus).title.split(), rng.choice(corpus).title.split()
        yield Row(
            " ".join(head[: (len(head) + 1) // 2] + tail[len(tail) // 2 :]),
            rng.choice(corpus).lead,
            "\n".join(rng.choices(paragraphs, k=row.body.count("\n") + 1)),
            row.category,
            row.published_at + pace,
        )


def synthetic(count: int, seed: int = 1) -> Iterator[Row]:
    """Yield articles of words whose frequencies follow Zipf's law.

    As long as those of the corpus: titles of 8-14 syllables, 2.8 KB of body. Many
    syllables differ from others by their accents alone.
    """
    words, weights = _vocabulary()
    rng = random.Random(seed)
    pace = (LAST_DAY - FIRST_DAY) / count

    def choose(size: int) -> list[str]:
        return rng.choices(words, cum_weights=weights, k=size)

    for number in range(count):
        topic = choose(TOPIC_WORDS)

        def text(size: int, topic=topic) -> str:
            chosen = choose(size)
            for _ in range(size // 6):
                chosen[int(rng.random() * size)] = topic[
                    int(rng.random() * TOPIC_WORDS)
                ]
            return " ".join(chosen).capitalize()

        yield Row(
            text(rng.randint(5, 8)),
            text(22) + ".",
            ".\n".join(text(30) for _ in range(rng.randint(5, 14))) + ".",
            f"Chuyên mục {rng.randrange(10)}",
            FIRST_DAY + pace * (number + rng.random()),
        )


def _vocabulary() -> tuple[list[str], list[float]]:
    """Return words and their cumulated weights, the most frequent first."""
    rng = random.Random(1)
    syllables = [onset + rime for onset in ONSETS for rime in RIMES]
    rng.shuffle(syllables)
    zipf = list(itertools.accumulate(1 / (n + 30) for n in range(len(syllables))))
    words = syllables[:FUNCTION_WORDS]
    while len(words) < VOCABULARY:
        words.append(" ".join(rng.choices(syllables, cum_weights=zipf, k=2)))
    return words, list(itertools.accumulate(1 / (n + 12) for n in range(len(words))))
