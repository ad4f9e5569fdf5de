import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats import lines
from stats.lines import Hit

HITS = st.builds(
    Hit,
    ms=st.integers(0, 10**14),
    visitor=st.integers(-(2**63), 2**63 - 1),
    source=st.integers(-(2**63), 2**63 - 1),
    kind=st.from_regex(r"[a-z]{1,12}", fullmatch=True) | st.just(""),
    object_id=st.integers(-(10**9), 10**17),
    host=st.sampled_from(["", "google.com", "xn--abc-1.vn"]),
    reason=st.sampled_from(["", "bot", "bad_token"]),
    flags=st.sampled_from(["", "n", "p", "np"]),
)


@given(HITS)
def test_a_line_brings_back_its_hit(hit):
    line = lines.encode(hit)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert lines.decode(line[:-1]) == hit


@given(HITS, st.data())
def test_a_flipped_bit_is_noticed(hit, data):
    line = bytearray(lines.encode(hit)[:-1])
    position = data.draw(st.integers(0, len(line) - 1))
    line[position] ^= 1 << data.draw(st.integers(0, 7))
    assert lines.decode(bytes(line)) is None


@pytest.mark.parametrize("line", [b"", b"x", b"\0" * 80, b"00000000 ", b"1 2 3"])
def test_rubbish_is_no_hit(line):
    assert lines.decode(line) is None
