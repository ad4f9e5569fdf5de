"""Names: capitals of institutions, and people spelled two ways."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips
from news.proofreading.reading import (
    capital_runs,
    tone_on_second,
    without_marks,
)

# Decree 30/2020/NĐ-CP, appendix II. Only what is written one way wherever it stands:
# "Ban chấp hành" of a club and "Viện (K|k)iểm sát" are matters of house style.
_INSTITUTIONS = (
    "Ban Bí thư",
    "Ban Chấp hành Trung ương",
    "Ban Thường vụ",
    "Bộ Chính trị",
    "Chủ tịch Quốc hội",
    "Hội đồng nhân dân",
    "Mặt trận Tổ quốc",
    "Thủ tướng Chính phủ",
    "Tòa án nhân dân",
    "Toà án nhân dân",
    "Ủy ban nhân dân",
    "Uỷ ban nhân dân",
    "Văn phòng Chính phủ",
    "Văn phòng Quốc hội",
)
_RIGHT = {name.lower(): name for name in _INSTITUTIONS}
_INSTITUTION = re.compile(rf"(?<!\w)(?:{'|'.join(_RIGHT)})(?!\w)", re.IGNORECASE)

_SURNAMES = {
    "Bạch", "Bùi", "Cao", "Chu", "Dương", "Đàm", "Đặng", "Đào", "Đinh", "Đoàn", "Đỗ",
    "Hà", "Hồ", "Hoàng", "Huỳnh", "Kiều", "Lâm", "Lê", "Lương", "Lưu", "Lý", "Mạc",
    "Mai", "Ngô", "Nghiêm", "Nguyễn", "Phạm", "Phan", "Phùng", "Quách", "Tạ", "Tăng",
    "Thái", "Tô", "Tống", "Trần", "Triệu", "Trịnh", "Trương", "Từ", "Võ", "Vũ", "Vương",
}  # fmt: skip


def institutions(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _INSTITUTION.finditer(block):
            name = found[0]
            right = _RIGHT.get(name.lower(), name)
            if name == right or not name[0].isupper() or name.isupper():
                continue
            message = _("The institution is written “%(right)s”.") % {"right": right}
            yield Slip("institution", index, *found.span(), message, right)


def people(blocks: Blocks) -> Slips:
    """Report a name that stands once beside another, a letter apart, in the text.

    Only a person can tell. Brothers are often named Trần Văn Biên and Trần Văn
    Biển, so three words with Văn or Thị are left alone, and so is whoever is named
    twice. Names that differ by the place of a mark only (Thuý, Thúy) are left to
    `consistency.tone_placement`.
    """
    places = []
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    written: dict[str, str] = {}
    for index, start, end in _full_names(blocks):
        name = blocks[index][start:end]
        form = tone_on_second(name)
        folded = without_marks(form)
        forms[folded][form] += 1
        written.setdefault(form, name)
        places.append((index, start, end, folded, form))
    usual = {key: count.most_common(1)[0][0] for key, count in forms.items()}
    for index, start, end, folded, form in places:
        other = usual[folded]
        once = forms[folded][form] == 1
        if form != other and once and _one_letter_apart(form, other):
            message = _("This text also writes the name “%(other)s”: check it.")
            message %= {"other": written[other]}
            yield Slip("person", index, start, end, message)


def _full_names(blocks: Blocks) -> Iterator[tuple[int, int, int]]:
    """Yield block, start and end of names of three or four words with a surname."""
    for index, block in enumerate(blocks):
        for run in capital_runs(block):
            if run[0][0] not in _SURNAMES:  # "Ông Trần Văn Biển"
                run = run[1:]
            if len(run) not in (3, 4) or run[0][0] not in _SURNAMES:
                continue
            if len(run) == 4 or run[1][0] not in ("Văn", "Thị"):
                yield index, run[0].start(), run[-1].end()


def _one_letter_apart(name: str, other: str) -> bool:
    pairs = zip(name, other, strict=False)
    apart = sum(ours != theirs for ours, theirs in pairs)
    return len(name) == len(other) and apart == 1
