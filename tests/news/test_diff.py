"""What differs between two texts, in words: nothing lost, nothing endless."""

from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news import diff
from news.diff import CHANGED, FORMAT, NEW, OLD, SAME, Line, Segment

WORDS = st.lists(
    st.sampled_from(["xã", "Đường", "Lâm", " ", ", ", "\n", "hội nghị", "a", "ạ́"]),
    max_size=40,
).map("".join)


def joined(segments, *kinds):
    return "".join(s.text for s in segments if s.kind in kinds)


@settings(max_examples=300, deadline=None)
@given(st.one_of(WORDS, st.text()), st.one_of(WORDS, st.text()))
def test_both_texts_can_be_put_together_again(old, new):
    segments = diff.word_diff(old, new, diff.Budget())
    assert joined(segments, SAME, OLD) == old
    assert joined(segments, SAME, NEW) == new
    assert all(s.text for s in segments)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=12))
def test_blocks_can_be_put_together_again(old, new):
    changes = diff.line_diff(
        [Line(t) for t in old], [Line(t) for t in new], diff.Budget()
    )
    for text, kinds, skipped in ((old, (SAME, OLD), NEW), (new, (SAME, NEW), OLD)):
        found = [joined(c.segments, *kinds) for c in changes if c.kind != skipped]
        assert found == text


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS, st.integers(0, 300))
def test_nothing_is_lost_when_the_work_is_cut_short(old, new, cells):
    segments = diff.word_diff(old, new, diff.Budget(cells))
    assert joined(segments, SAME, OLD) == old
    assert joined(segments, SAME, NEW) == new


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("giống nhau", "giống nhau", [(SAME, "giống nhau")]),
        (
            "Sáng nay, hội nghị khai mạc.",
            "Chiều nay, hội nghị khai mạc.",
            [(OLD, "Sáng"), (NEW, "Chiều"), (SAME, " nay, hội nghị khai mạc.")],
        ),
        # A word is changed whole: half a Vietnamese syllable says nothing.
        ("tứ", "thứ", [(OLD, "tứ"), (NEW, "thứ")]),
        # The blank between two changed words does not break the change.
        (
            "ngày mười một tháng năm",
            "ngày hai mươi tháng năm",
            [
                *((SAME, "ngày "), (OLD, "mười một")),
                *((NEW, "hai mươi"), (SAME, " tháng năm")),
            ],
        ),
        (
            "xã, huyện",
            "xã; huyện",
            [(SAME, "xã"), (OLD, ","), (NEW, ";"), (SAME, " huyện")],
        ),
    ],
)
def test_changes_are_whole_words(old, new, expected):
    assert diff.word_diff(old, new, diff.Budget()) == [
        Segment(*pair) for pair in expected
    ]


def test_a_changed_paragraph_is_shown_beside_the_added_and_the_removed():
    old = ["Mở đầu.", "Hội nghị có 200 đại biểu dự.", "Sẽ bị bỏ hẳn.", "Kết thúc."]
    new = ["Mở đầu.", "Mới tinh ở đây!", "Hội nghị có 250 đại biểu dự.", "Kết thúc."]
    changes = diff.line_diff(
        [Line(t) for t in old], [Line(t) for t in new], diff.Budget()
    )
    assert [c.kind for c in changes] == [SAME, NEW, CHANGED, OLD, SAME]
    assert Segment(OLD, "200") in changes[2].segments
    assert Segment(NEW, "250") in changes[2].segments


# Bodies


def content(body, **others):
    return {"title": "Tên", "sapo": "", "body": body, "placements": []} | others


def test_equal_contents_have_no_change():
    assert not diff.compare(content("<p>Như nhau.</p>"), content("<p>Như nhau.</p>"))


def test_the_same_picture_in_editors_and_in_stored_form_is_no_change():
    placement = {
        "id": 7,
        "image": 3,
        "caption": "Bến cảng",
        "alt": "",
        "alt_kind": "caption",
    }
    stored = content('<figure data-placement="7"></figure>', placements=[placement])
    typed = content(
        '<figure data-placement="7" data-image="3" data-alt-kind="caption">'
        '<img src="/x.jpg" alt=""><figcaption>Bến cảng</figcaption></figure>'
    )
    assert not diff.compare(stored, typed)
    typed["body"] = typed["body"].replace("Bến cảng", "Bến cảng đêm")
    (change,) = diff.compare(stored, typed).texts[0].changes
    assert change.kind == CHANGED
    assert "Bến cảng đêm" in joined(change.segments, SAME, NEW)
    assert joined(change.segments, NEW).strip() == "đêm"


def test_how_a_picture_is_told_is_a_difference_in_words():
    place = {"id": 7, "image": 3, "caption": "", "alt": "", "alt_kind": "caption"}
    stored = content('<figure data-placement="7"></figure>', placements=[place])
    other = stored | {"placements": [place | {"alt_kind": "decorative"}]}
    (change,) = diff.compare(stored, other).texts[0].changes
    assert "trang trí" in joined(change.segments, NEW)


def test_another_video_is_seen():
    video = '<figure data-embed="youtube:{}"><figcaption>Hội thi</figcaption></figure>'
    old, new = (
        content(video.format("aaaaaaaaaaa")),
        content(video.format("bbbbbbbbbbb")),
    )
    (change,) = diff.compare(old, new).texts[0].changes
    assert "bbbbbbbbbbb" in joined(change.segments, NEW)
    assert "Hội thi" in joined(change.segments, SAME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>Một câu.</p>", "<p>Một <strong>câu</strong>.</p>"),
        ("<p>Một câu.</p>", "<h2>Một câu.</h2>"),
        ("<ul><li>Một</li></ul>", "<ol><li>Một</li></ol>"),
        ("<table><tr><td>1</td></tr></table>", "<table><tr><th>1</th></tr></table>"),
    ],
)
def test_a_change_of_form_alone_is_named_so(old, new):
    (text,) = diff.compare(content(old), content(new)).texts
    assert [change.kind for change in text.changes] == [FORMAT]


def test_a_link_that_leads_elsewhere_is_seen():
    old = '<p>Xem <a href="https://a.example.vn/">tại đây</a>.</p>'
    new = old.replace("a.example.vn", "lua-dao.example")
    (change,) = diff.compare(content(old), content(new)).texts[0].changes
    assert "lua-dao" in joined(change.segments, NEW)


def test_a_table_is_compared_row_by_row():
    row = "<tr><td>{}</td><td>{}</td></tr>"
    old = f"<table>{row.format('Xã A', 10)}{row.format('Xã B', 20)}</table>"
    new = old.replace("20", "25")
    changes = diff.compare(content(old), content(new)).texts[0].changes
    assert [c.kind for c in changes] == [SAME, CHANGED]
    assert joined(changes[1].segments, SAME, NEW) == "Xã B | 25"


def test_other_fields_are_compared_as_values_and_only_where_both_have_them():
    found = diff.compare(
        content("", category=1, tags=["a"], slug="x"),
        content("", category=2, tags=["a"]),
    )
    assert [(c.name, c.old, c.new) for c in found.values] == [("category", 1, 2)]
    assert found.names() == ["category"]


def test_a_body_that_the_sanitiser_refuses_is_compared_as_source():
    deep = "<blockquote>" * 80 + "sâu" + "</blockquote>" * 80
    (text,) = diff.compare(content("<p>Cũ.</p>"), content(deep)).texts
    assert "sâu" in "".join(joined(c.segments, NEW) for c in text.changes)


# Large texts


@pytest.fixture
def cells(monkeypatch):
    """Return the list of the sizes (product) that difflib was given."""
    seen = []

    class Counting(SequenceMatcher):
        def __init__(self, junk, a, b, autojunk):
            seen.append(len(a) * len(b))
            super().__init__(junk, a, b, autojunk)

    monkeypatch.setattr(diff, "SequenceMatcher", Counting)
    return seen


MEGABYTE = 2**20
LARGE = {
    "short paragraphs, all alike": (["a"] * 30_000, ["b"] * 30_000),
    "two words in turn": (["a", "b"] * 15_000, ["b", "a", "a"] * 10_000),
    "one paragraph of a megabyte": (["một hai ba " * 30_000], ["ba hai bốn " * 30_000]),
    "every paragraph another": (
        [f"đoạn {n} cũ" for n in range(20_000)],
        [f"khúc {n} mới" for n in range(20_000)],
    ),
    "every second paragraph another": (
        [f"đoạn {n} cũ" for n in range(20_000)],
        [f"đoạn {n} {'cũ' if n % 2 else 'mới'}" for n in range(20_000)],
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_texts_are_compared_within_a_fixed_amount_of_work(cells, name):
    old, new = LARGE[name]
    changes = diff.line_diff(
        [Line(t) for t in old], [Line(t) for t in new], diff.Budget()
    )
    assert sum(cells) <= diff.MAX_CELLS
    assert max(cells, default=0) <= 40_000
    kept = [joined(c.segments, SAME, NEW) for c in changes if c.kind != OLD]
    assert kept == new


def test_a_small_change_in_a_large_text_is_found_exactly(cells):
    old = [f"Đoạn số {n} của một bài rất dài." for n in range(20_000)]
    new = [*old[:9_000], "Đoạn chen vào giữa.", *old[9_000:15_000], *old[15_001:]]
    changes = diff.line_diff(
        [Line(t) for t in old], [Line(t) for t in new], diff.Budget()
    )
    assert [c.kind for c in changes if c.kind != SAME] == [NEW, OLD]
