"""How often the proofreader speaks on real news, and what it says.

    python -m bench.proofreading FILE [--source VNTC] [--sample 50] [--rule NAME]

FILE holds one article a line as JSON (.jsonl or .jsonl.gz): title, lead, body with
its paragraphs on lines of their own, and, where known, source and published_at with
date_kind "source". Articles without a known day are read as of the last day there
is, so no document in them lies ahead. `--sample` prints that many alarms drawn with
a fixed seed, to be judged by hand.
"""

import argparse
import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

SEED = 20261125
CONTEXT = 40  # characters either side of an alarm


def articles(path: Path, source: str | None) -> Iterator[tuple[list[str], date]]:
    """Yield the blocks of each article and the day it is read as of."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if source and row.get("source") != source:
                continue
            day = date.max
            if row.get("date_kind") == "source":
                day = datetime.fromisoformat(row["published_at"]).date()
            yield [row["title"], row["lead"], *row["body"].split("\n")], day


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.proofreading", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--source", help="only the rows of this source")
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--rule", help="draw the sample from this rule only")
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    from news.proofreading import proofread

    total, alarmed, beyond_blanks = 0, 0, 0
    alarms, with_rule = Counter(), Counter()
    examples = []
    for number, (blocks, day) in enumerate(articles(options.file, options.source)):
        total += 1
        findings = proofread(blocks, day=day)
        alarmed += bool(findings)
        beyond_blanks += any("blank" not in finding.rule for finding in findings)
        alarms.update(finding.rule for finding in findings)
        with_rule.update({finding.rule for finding in findings})
        for finding in findings:
            if options.rule in (None, finding.rule):
                examples.append((number, finding, _context(blocks, finding)))

    if not total:
        parser.error("no article of that source in the file")
    print(f"{total} articles; with an alarm: {alarmed} ({alarmed / total:.1%})")
    print(
        f"with an alarm not about blanks: {beyond_blanks} ({beyond_blanks / total:.1%})"
    )
    print(f"{'rule':24}{'alarms':>8}{'articles':>10}{'per 1,000':>11}")
    for rule, count in with_rule.most_common():
        print(f"{rule:24}{alarms[rule]:8}{count:10}{1000 * count / total:11.1f}")

    drawn = random.Random(SEED).sample(examples, min(options.sample, len(examples)))
    for number, finding, context in drawn:
        print(f"#{number} {finding.rule}: {context} -> {finding.suggestion!r}")


def _context(blocks: list[str], finding) -> str:
    block = blocks[finding.block]
    before = block[max(0, finding.start - CONTEXT) : finding.start]
    return f"{before}⟦{finding.text}⟧{block[finding.end : finding.end + CONTEXT]}"


if __name__ == "__main__":
    main()
