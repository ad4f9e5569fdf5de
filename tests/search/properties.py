"""What holds for any words at all; run by test_sqlite.py and test_postgres.py."""

import unicodedata
from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from news.models import Article
from search.text import _OLD_TONES, fold
from tests.factories import make_article, make_category
from tests.search.helpers import ORDERS, found

SYLLABLES = [
    *("khoa", "khóa", "học", "hoc", "công", "cộng", "nghệ", "hoà", "hòa", "thuỷ"),
    *("thủy", "đường", "dương", "đương", "bạn", "bán", "ban", "quý", "quy", "2021"),
]
TITLES = [
    "Khoa học công nghệ hoà bình",
    "Khóa học công cộng 2021",
    "Đường thủy Thuỷ Hòa",
    "Dương bán đường ban công",
    "Quý bạn đương thời",
    "Xã hội học, công nghệ và hòa bình",
    "bán khoa hoc",
    "công khoa nghệ học",
]
words = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=4)
orders = st.sampled_from(ORDERS)
quoted = st.booleans()
quick = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_NEW_TONES = {old: new for new, old in _OLD_TONES.items()}


def other_tones(token: str) -> str:
    """Move the tone of an open oa, oe, uy to its other vowel."""
    if token.startswith("q"):
        return token
    for table in (_OLD_TONES, _NEW_TONES):
        if token[-2:] in table:
            return token[:-2] + table[token[-2:]]
    return token


class SearchProperties:
    @pytest.fixture(autouse=True)
    def _articles(self, db):
        now = timezone.now()
        parent = make_category()
        child = make_category(parent=parent)
        for number, title in enumerate(TITLES):
            make_article(
                title=title,
                sapo=TITLES[(number + 3) % len(TITLES)],
                body_text=" ".join(TITLES[number:]),
                category=(parent, child)[number % 2],
                further_categories=[parent] if number % 3 == 0 else [],
                published_at=now - timedelta(days=10 * number),
            )
        self.parent, self.child = parent, child

    @quick
    @given(words, orders, quoted)
    def test_typing_habits_change_nothing(self, tokens, order, is_quoted):
        def typed(parts, blank=" "):
            joined = blank.join(parts)
            return f'"{joined}"' if is_quoted else joined

        expected = found(typed(tokens), order=order)
        plain = typed(tokens)
        for variant in (
            unicodedata.normalize("NFD", plain),
            plain.upper(),
            typed(tokens, blank=" \u00a0 \t"),
            typed(tokens, blank="\u200b"),
            typed(map(other_tones, tokens)),
        ):
            assert found(variant, order=order) == expected, variant

    @quick
    @given(words, orders, st.integers(0, 90), st.integers(0, 90), st.booleans())
    def test_adding_a_filter_gives_a_subset(self, tokens, order, back, span, is_child):
        typed = " ".join(tokens)
        everything = found(typed, order=order)
        category = self.child if is_child else self.parent
        last = timezone.localdate() - timedelta(days=back)
        filters = {
            "category_ids": (category.pk,),
            "last_day": last,
            "first_day": last - timedelta(days=span),
        }
        asked = {}
        larger = everything
        for name, value in filters.items():
            asked[name] = value
            smaller = found(typed, order=order, **asked)
            assert set(smaller) <= set(larger)
            larger = smaller

    @quick
    @given(words)
    def test_words_agree_with_a_plain_scan(self, tokens):
        wanted = set(fold(" ".join(tokens)).split())
        scanned = {
            a.pk
            for a in Article.objects.published()
            if wanted <= set(fold(f"{a.title} {a.sapo} {a.body_text}").split())
        }
        for order in ORDERS:
            assert set(found(" ".join(tokens), order=order)) == scanned

    @quick
    @given(words)
    def test_quoted_words_agree_with_a_plain_scan(self, tokens):
        phrase = f" {fold(' '.join(tokens))} "
        scanned = {
            a.pk
            for a in Article.objects.published()
            if any(phrase in f" {fold(t)} " for t in (a.title, a.sapo, a.body_text))
        }
        assert set(found('"' + " ".join(tokens) + '"')) == scanned

    @quick
    @given(st.text(max_size=300), orders)
    def test_any_text_gives_an_answer(self, typed, order):
        found(typed, order=order)
        found(f'"{typed}" khoa', order=order, first_day=date(2000, 1, 1))
