"""Text typed for the fonts of before Unicode: TCVN3 (ABC) and VNI, to Unicode.

Offices still have Word files in .VnTime and VNI-Times. Outside those fonts they
read "§¶ng bé" and "Ñaûng boä" for "Đảng bộ". Call this on text as it came,
before news.text.clean_text: TCVN3 writes ư as the soft hyphen that is dropped
there.

Whether a text is old is decided by words: how many become Vietnamese syllables
by conversion that were none before. Clean Vietnamese, French or Swedish gains
nothing from it, and neither do § 5, © or «quotes».

TCVN3 has no codes for capitals with a tone. "Ủy ban" was written with a small
letter, or in a font of capitals (.VnTimeH). `convert` makes them capitals where
a sentence begins and in words of capitals; elsewhere the editor has to.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, islice

# Code tables

_TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
# What programs on the way make of three of the codes: micro sign, middle dot and
# soft hyphen as letter, operator and minus.
_TCVN3 |= {"μ": "à", "∙": "ã", "\u2212": "ư"}

_TONES = {"": "", "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303"}
_TONES |= {"ï": "\u0323"}
# Marks that stand for a circumflex or breve together with a tone.
_CIRCUMFLEX = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303"}
_CIRCUMFLEX |= {"ä": "\u0323"}
_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303"}
_BREVE |= {"ë": "\u0323"}


def _vni_table() -> dict[str, str]:
    """Return VNI's codes, one or two characters each, in both cases.

    The case of the letter decides; its mark is often typed in the other one.
    """
    small = dict(zip("ñæóòî", "đỉĩịỵ", strict=True))
    letters = dict(zip("aeouyôö", "aeouyơư", strict=True))
    for code, letter in letters.items():
        for mark, tone in _TONES.items():
            if letter != "y" or mark != "ï":
                small[code + mark] = letter + tone
    for letter in "aeo":
        for mark, tone in _CIRCUMFLEX.items():
            small[letter + mark] = letter + "\u0302" + tone
    for mark, tone in _BREVE.items():
        small["a" + mark] = "a\u0306" + tone
    table = {}
    for code, letter in small.items():
        for written in (code, code[0] + code[1:].upper()):
            table[written] = unicodedata.normalize("NFC", letter)
            capital = written[0].upper() + written[1:]
            table[capital] = unicodedata.normalize("NFC", letter.upper())
    return {code: letter for code, letter in table.items() if code != letter}


_VNI = _vni_table()
_VNI_CODE = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))


# Vietnamese syllables

_TONE_MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_SYLLABLE = re.compile(
    r"(?P<onset>ngh?|nh|gh|gi|g|kh|ch|th|tr|ph|qu|[bcdđhklmnprstvx])?"
    r"(?P<rime>(?:"
    r"o?[aă](?P<stop1>ch|[cpt])|o?[aă](?:nh|ng|[mn])|o?a[ioy]?|a[uy]|oe[otn]?"
    r"|u?â(?:y|ng|[mn]|(?P<stop2>[cpt]))|âu"
    r"|ê(?:u|nh|ng|[mn]|(?P<stop3>ch|[cpt]))?|e(?:o|ng|[mn]|(?P<stop4>[cpt]))?"
    r"|uê(?:nh|ch)?|u[iy]|ua|uơ|uy(?:a|u|nh|[np]|ên|(?P<stop5>ch|t|êt))"
    r"|[iy](?:u|nh|ng|[mn]|a|(?P<stop6>ch|[cpt]))?|[iy]ê(?:u|ng|[mn]|(?P<stop7>[cpt]))"
    r"|o(?:i|o?ng|[mn]|(?P<stop8>o?c|[pt]))?|ô(?:i|ng|[mn]|(?P<stop9>[cpt]))?"
    r"|ơ(?:i|[mn]|(?P<stop10>[pt]))?|u(?:ng|[mn]|(?P<stop11>[cpt]))?"
    r"|uô(?:i|ng|[mn]|(?P<stop12>[ct]))|ư(?:[aiu]|ng|m|n|(?P<stop13>[ct]))?"
    r"|ươ(?:[iu]|ng|[mn]|(?P<stop14>[cpt]))"
    r"))"
)


# The tone may stand on their last letter: not "baõ", which is VNI for "bã".
_OPEN_RIMES = {*"aăâeêioôơuưy", "oa", "oe", "uê", "uơ", "uy"}


def is_syllable(word: str) -> bool:
    """Say whether `word` can be a Vietnamese syllable; case does not matter.

    It knows how sounds combine, not which words exist: "flo" is none, "bểnh" is.
    """
    return len(word) < 15 and _is_syllable(word)  # nghiêng, in seven or ten characters


@lru_cache(maxsize=20_000)
def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in letters if mark in _TONE_MARKS]
    bare = "".join(letter for letter in letters if letter not in _TONE_MARKS)
    match = _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare))
    if not match or len(tones) > 1:
        return False
    last = unicodedata.normalize("NFD", unicodedata.normalize("NFC", word)[-1])
    if tones and tones[0] in last and match["rime"] not in _OPEN_RIMES:
        return False
    stopped = any(
        stop for name, stop in match.groupdict().items() if name.startswith("stop")
    )
    return not stopped or tones in (["\u0301"], ["\u0323"])


# Recognising

# Blanks, digits and the signs that are no code of a letter part words.
_WORD = re.compile(r"[^\s\d!-/:-@\[-`{-~\xa0\u2010-\u2046\u20ac]+")
# "tÕ" may be a syllable, but nobody writes it: it is "tế".
_SMALL_THEN_CAPITAL = re.compile("[a-zà-öø-ÿ][A-ZÀ-ÖØ-Þ]")
_LETTERS = re.compile(r"[^\W\d_]+")
MIN_CODES = 2  # in words that conversion mends: one may be 5 µm or a footnote
MAX_WORDS = 20_000  # that are looked at; a book is decided by its first pages
MIN_SHARE = 0.8  # of the words with a letter beyond ASCII that decide
MIN_VIETNAMESE = 0.5  # of all words but names, once converted


def _letters(word: str) -> str:
    return "".join(_LETTERS.findall(word))


def _evidence(text: str, encoding: str) -> int:
    """Return how many codes speak for `encoding`; 0 when it is not that.

    They are counted once in different words that become Vietnamese by it.
    """
    mended, against, vietnamese, total = [], 0, 0, 0
    for match in islice(_WORD.finditer(text), MAX_WORDS):
        word = match[0]
        converted = _letters(_decode(word, encoding))
        after = is_syllable(converted)
        if word.isascii():
            if word.islower():  # names and abbreviations tell nothing
                vietnamese += after
                total += 1
            continue
        if is_syllable(_letters(word)) and not _SMALL_THEN_CAPITAL.search(word):
            # Unicode, or spoilt by it; others are a word either way: là.
            against += max(word) > "ÿ" or not after
        elif not after:
            against += not converted[:1].isupper()
        elif re.search("[A-Za-z]", word):  # « or § that stands alone is no word
            mended.append(word.lower())
    vietnamese += len(mended)
    total += len(mended) + against
    codes = sum(not code.isascii() for word in set(mended) for code in word)
    if (
        codes >= MIN_CODES
        and len(mended) >= MIN_SHARE * (len(mended) + against)
        and vietnamese >= MIN_VIETNAMESE * total
    ):
        return codes
    return 0


def detect(text: str) -> str | None:
    """Return "tcvn3" or "vni" when `text` is in that encoding, else None."""
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return None
    found = {encoding: _evidence(text, encoding) for encoding in ("tcvn3", "vni")}
    best = max(found, key=found.__getitem__)
    return best if found[best] else None


def font_encoding(font: str) -> str | None:
    """Return the encoding that a font's name tells: ".VnTime", "VNI-Times".

    "tcvn3-capitals" is the one of the fonts whose small letters look like
    capitals (.VnTimeH).
    """
    name = font.strip(" \"'").lower()
    if name.startswith(".vn"):
        return "tcvn3-capitals" if font.strip(" \"'").endswith("H") else "tcvn3"
    return "vni" if name.startswith("vni") else None


# Converting


def _decode(text: str, encoding: str) -> str:
    if encoding == "vni":
        return _VNI_CODE.sub(lambda match: _VNI[match[0]], text)
    return "".join(_TCVN3.get(letter, letter) for letter in text)


_SMALL_CODES = "".join(code for code, letter in _TCVN3.items() if letter.islower())
_SENTENCE = re.compile(
    rf"((?:^|[.!?…]\s)[\s\"“‘(–-]{{0,9}})([{_SMALL_CODES}])", re.MULTILINE
)
_CAPITAL = re.compile("[A-Z¡-§]")


def _decode_tcvn3(text: str, starts_sentence: bool) -> str:
    """Decode, and give back the capitals that the encoding cannot write."""
    letters = list(_decode(text, "tcvn3"))  # one for each code
    for match in _SENTENCE.finditer(text):
        if starts_sentence or match[1].strip():
            letters[match.end() - 1] = letters[match.end() - 1].upper()
    words = re.finditer(r"[^ \xa0\n]+", text)
    for are_capitals, group in groupby(words, lambda w: not re.search("[a-z]", w[0])):
        if are_capitals:
            _raise(letters, list(group))
    return "".join(letters)


def _raise(letters: list[str], words: list[re.Match]) -> None:
    """Make capitals of `words`, which stand in a row without a small ASCII letter."""
    while words and not _CAPITAL.search(words[-1][0]):
        words.pop()
    while words and not _CAPITAL.search(words[0][0]):
        words.pop(0)
    # "Hµ" beside "UBND" is Hà: only a Vietnamese word in capitals tells.
    if any(
        len(_CAPITAL.findall(word[0])) > 1
        and is_syllable(_letters("".join(letters[slice(*word.span())])))
        for word in words
    ):
        here = slice(words[0].start(), words[-1].end())
        letters[here] = [letter.upper() for letter in letters[here]]


def convert(
    text: str, encoding: str | None = None, *, starts_sentence: bool = True
) -> str:
    """Return `text` in Unicode NFC; unchanged when it is not in an old encoding.

    `encoding` is "tcvn3", "tcvn3-capitals", "vni", or None to find out. Pass
    `starts_sentence=False` for a piece from the middle of a paragraph.
    """
    encoding = encoding or detect(text)
    if not encoding:
        return text
    text = unicodedata.normalize("NFC", text)
    if encoding == "vni":
        return _decode(text, "vni")
    if encoding == "tcvn3":
        return _decode_tcvn3(text, starts_sentence)
    return _decode(text, "tcvn3").upper()


def encodings(blocks: Sequence[str]) -> list[str | None]:
    """Return each block's encoding; a document that is clear decides for all.

    So a heading of one word follows its document, and one old paragraph in a
    Unicode text is still found.
    """
    document = detect("\n".join(blocks))
    if document:
        return [None if has_unicode(block) else document for block in blocks]
    return [detect(block) for block in blocks]


def has_unicode(text: str) -> bool:
    """Say whether `text` has Vietnamese letters that no old code looks like."""
    return bool(_UNICODE.search(text))


_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")
