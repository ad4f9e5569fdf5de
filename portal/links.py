"""Links and domains that staff type: what is taken, and how a wrong one is told."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from news.link_check import domain_of


def validate_link(value: str) -> None:
    """Raise ValidationError unless `value` is /path or a full http(s) address."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = None
    if parts is not None and not any(c.isspace() or c == "\\" for c in value):
        if value.startswith("/") and not value.startswith("//"):
            return
        if parts.scheme in ("http", "https") and parts.hostname:
            return
    raise ValidationError(
        _("Enter a path such as /lich-cong-tac/ or an address with https://.")
    )


def validate_domains(value: str) -> None:
    """Raise ValidationError unless each line of `value` names a domain."""
    for line in filter(None, map(str.strip, value.splitlines())):
        if not domain_of(line):
            raise ValidationError(
                _("“%(line)s” is no domain. Write for example baochinhphu.vn."),
                params={"line": line},
            )
