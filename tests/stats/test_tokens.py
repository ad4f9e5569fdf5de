from datetime import date, timedelta

import pytest

from stats import tokens

DAY = date(2026, 11, 20)


def test_a_token_names_its_page():
    token = tokens.page_token("article", 1234, DAY)
    assert tokens.read(token, DAY) == tokens.Page("article", 1234)


def test_named_pages_have_numbers_of_their_own():
    home = tokens.read(tokens.page_token("page", "home", DAY), DAY)
    search = tokens.read(tokens.page_token("page", "search", DAY), DAY)
    assert home != search
    assert home.object_id < 0 and search.object_id < 0
    unknown = tokens.page_token("page", "no such name", DAY)
    assert unknown == tokens.page_token("page", "other", DAY)


@pytest.mark.parametrize("age, good", [(0, True), (35, True), (36, False), (-2, False)])
def test_a_token_is_good_for_35_days(age, good):
    token = tokens.page_token("article", 1, DAY)
    day = DAY + timedelta(days=age)
    if good:
        assert tokens.read(token, day).object_id == 1
    else:
        with pytest.raises(tokens.BadToken, match="old_token"):
            tokens.read(token, day)


def _flipped(token: str, position: int) -> str:
    other = "x" if token[position] != "x" else "y"
    return token[:position] + other + token[position + 1 :]


def test_every_changed_character_is_noticed():
    token = tokens.page_token("article", 12, DAY)
    # The last character carries two bits that no byte needs; all others all bits.
    for position in range(len(token) - 1):
        with pytest.raises(tokens.BadToken):
            tokens.read(_flipped(token, position), DAY)


@pytest.mark.parametrize(
    "token",
    ["", ".", "...", "article.1.2.x", "é.1.2.3", "a" * 10_000, "article.1", "\0"],
)
def test_rubbish_is_a_bad_token(token):
    with pytest.raises(tokens.BadToken, match="bad_token"):
        tokens.read(token, DAY)


def test_a_token_of_another_site_is_refused(settings):
    token = tokens.page_token("article", 1, DAY)
    settings.SECRET_KEY = "another secret"
    with pytest.raises(tokens.BadToken):
        tokens.read(token, DAY)
    settings.SECRET_KEY_FALLBACKS = ["the first one"]
    settings.SECRET_KEY = "the first one"
    token = tokens.page_token("article", 1, DAY)
    settings.SECRET_KEY = "the second one"
    assert tokens.read(token, DAY).object_id == 1


def test_a_kind_is_a_plain_word():
    for kind in ("", "Article", "a.b", "a b", "x" * 13):
        with pytest.raises(ValueError, match="not a kind"):
            tokens.page_token(kind, 1)
