"""What a password must be, and one form for each.

As long as TCVN 14423 asks of one that stands alone; shorter with a second factor. No
rules about kinds of signs: they make passwords alike (NIST SP 800-63B, 3.1.1.2).
"""

import unicodedata
from difflib import SequenceMatcher

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.library import fold

ALONE = 14  # characters
# Bringing a mountain of accents into one order takes CPython minutes; nothing longer is
# a password, nor looked at as one.
LONGEST = 4096
WITH_SECOND_FACTOR = 8
FEWEST_DIFFERENT = 5
# How alike, of 1, a password and a name may be; Django's own bound.
MOST_ALIKE = 0.7
# Begun by everybody here who is asked for a password; without accents and figures.
_COMMON = {
    *("admin", "administrator", "anhyeuem", "congthongtin", "congthongtindientu"),
    *("emyeuanh", "hanoi", "khongcomatkhau", "khongnho", "matkhau", "matkhaucuatoi"),
    *("matkhaumoi", "password", "passw", "quantri", "quantrivien", "qwerty"),
    *("qwertyuiop", "toiyeuvietnam", "vietnam", "vietnamdatnuoctoi", "yeuem"),
}
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def normalized(password: str | None) -> str | None:
    """Return the one form (NFC) in which a password is stored and compared."""
    if not password or len(password) > LONGEST:
        return password
    return unicodedata.normalize("NFC", password)


class Characters:
    """Only what can be seen and typed again."""

    def validate(self, password, user=None):
        # Controls, format signs, halves of pairs, private, unassigned, line ends.
        shown = normalized(password)[:LONGEST]
        if any(unicodedata.category(c) in _UNSEEN for c in shown):
            raise ValidationError(
                _("The password holds a character that cannot be seen."),
                code="password_unseen_character",
            )

    def get_help_text(self):
        return _(
            "Letters with accents, blanks and all signs may be used; a sentence that "
            "only you know is easy to remember and hard to guess."
        )


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Length:
    def validate(self, password, user=None):
        if len(password) > LONGEST:
            raise ValidationError(
                _("A password has at most %(count)d characters."),
                code="password_too_long",
                params={"count": LONGEST},
            )
        least = ALONE
        if len(normalized(password)) < ALONE and _has_second_factor(user):
            least = WITH_SECOND_FACTOR
        if len(normalized(password)) < least:
            raise ValidationError(
                ngettext(
                    "The password must have at least %(count)d character.",
                    "The password must have at least %(count)d characters.",
                    least,
                ),
                code="password_too_short",
                params={"count": least},
            )

    def get_help_text(self):
        return _(
            "At least %(alone)d characters, or %(second)d when you sign in with a "
            "second factor."
        ) % {"alone": ALONE, "second": WITH_SECOND_FACTOR}


def _has_second_factor(user) -> bool:
    if user is None or user.pk is None:
        return False
    from portal.secondfactor import has_second_factor

    return has_second_factor(user)


class NotCommon(CommonPasswordValidator):
    """Neither on Django's list of 20,000, nor a Vietnamese one, nor a mere pattern."""

    def validate(self, password, user=None):
        plain = _plain(password)
        letters = _once("".join(c for c in plain if c.isalpha()))
        if (
            letters in _COMMON
            or plain.isdigit()
            or _once(plain) in self.passwords
            or password.lower().strip() in self.passwords
            or len(set(plain)) < FEWEST_DIFFERENT
            or _is_row(plain)
        ):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self):
        return _("This password is one of the first that anybody would try.")

    def get_help_text(self):
        return _("Not a common password, a row of keys, or a few characters repeated.")


class NotOneself:
    """Not much like the account's names or address, accents and blanks aside."""

    def validate(self, password, user=None):
        if user is None:
            return
        plain = _plain(password)
        if any(_alike(plain, name) for name in _names(user)):
            raise ValidationError(
                _("The password is too much like your name, username or address."),
                code="password_too_similar",
            )

    def get_help_text(self):
        return _("Not your name, username or e-mail address, with or without accents.")


def _names(user) -> set[str]:
    family, given = user.last_name, user.first_name
    mail = user.email or ""
    words = [*family.split(), *given.split()]
    texts = [
        *(user.get_username(), mail, mail.partition("@")[0], family, given),
        *(f"{family} {given}", f"{given} {family}", *words),
    ]
    return {_plain(text) for text in texts} - {""}


def _alike(plain: str, name: str) -> bool:
    return SequenceMatcher(a=plain, b=name).quick_ratio() >= MOST_ALIKE and (
        SequenceMatcher(a=plain, b=name).ratio() >= MOST_ALIKE
    )


def _once(text: str) -> str:
    """Return what `text` repeats: "abab" is "ab" twice."""
    return text[: (text * 2).find(text, 1)] if text else text


def _is_row(plain: str) -> bool:
    """Keys in a row or the alphabet, once or repeated, either way round."""
    long_rows = [row * (len(plain) // len(row) + 2) for row in _ROWS]
    return any(plain in row or plain[::-1] in row for row in long_rows)


def _plain(text: str) -> str:
    """Letters without accents and figures, nothing else."""
    return "".join(c for c in fold(text[:LONGEST]) if c.isalnum())
