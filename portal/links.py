"""Links that staff type: our own paths and http(s) addresses, nothing else."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


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
