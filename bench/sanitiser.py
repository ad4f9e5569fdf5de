"""The sanitiser beside nh3 alone on the same input: the hostile set, and megabytes."""

import statistics
import time

import nh3
from django.core.exceptions import ValidationError

from news import html
from tests.news.hostile import CASES, HEAVY

PARAGRAPH = (
    "<p>Sáng 25/11, tại xã Đường Lâm, <strong>Sở Khoa học và Công nghệ</strong> khai "
    'trương phòng đọc số; xem <a href="/tin-tuc/ke-hoach-7/">kế hoạch</a>.</p>\n'
)
WORD = (
    '<p class="MsoNormal" style="text-align:justify;line-height:150%"><span lang="VI" '
    'style="font-size:14.0pt;font-family:&quot;Times New Roman&quot;,serif">Kế hoạch '
    "số 12/KH-SKHCN ngày 05/6/2026<o:p></o:p></span></p>\n"
)
TABLE_ROW = "<tr><td>Đường Lâm</td><td>1.200</td><td>95,5%</td></tr>\n"


def _filled(unit: str, around: str = "{}") -> str:
    """Return as much of `unit` as stays under the limits, a megabyte at most."""
    tags = unit.count("<") or 1
    times = min(2**20 // len(unit.encode()) - 1, 99_000 // tags)
    return around.format(unit * times)


HONEST = {
    "an article's paragraphs": _filled(PARAGRAPH),
    "paragraphs of Word": _filled(WORD),
    "a long table": _filled(TABLE_ROW, "<table>{}</table>"),
}


def seconds(function, source: str, times: int = 3) -> tuple[float, str]:
    """Return the median CPU seconds and what happened."""
    taken, outcome = [], ""
    for _ in range(times):
        begun = time.process_time()
        try:
            outcome = f"{len(function(source)) >> 10} KiB"
        except ValidationError as refused:
            outcome = refused.code
        taken.append(time.process_time() - begun)
    return statistics.median(taken), outcome


def run() -> None:
    sources = [case[1] for case in CASES]
    ours, _size = seconds(lambda _: "".join(map(html.clean, sources)), "")
    bare, _size = seconds(
        lambda _: "".join(map(nh3.clean, map(_storable, sources))), ""
    )
    print(f"hostile set, {len(sources)} cases: {1000 * ours:.1f} ms,")
    print(f"nh3.clean with its own list: {1000 * bare:.1f} ms; {ours / bare:.1f}x")
    print(f"\n{'honest, at the limits':<34}{'ms':>8}{'nh3 ms':>8}{'ratio':>7}  result")
    for name, source in HONEST.items():
        ours, outcome = seconds(html.clean, source)
        bare, _outcome = seconds(nh3.clean, source)
        print(
            f"{name:<34}{1000 * ours:>8.0f}{1000 * bare:>8.0f}{ours / bare:>6.1f}x"
            f"  {len(source.encode()) >> 10} KiB to {outcome}"
        )
    # nh3 alone would take minutes for some of these: the reference is an honest one.
    reference, _outcome = seconds(html.clean, HONEST["an article's paragraphs"])
    print(f"\n{'hostile megabyte':<42}{'ms':>8}{'to honest':>10}  result")
    for name, source in HEAVY.items():
        ours, outcome = seconds(html.clean, source, times=1)
        print(f"{name:<42}{1000 * ours:>8.0f}{ours / reference:>9.2f}x  {outcome}")


def _storable(source: str) -> str:
    return source.encode("utf-8", "ignore").decode()
