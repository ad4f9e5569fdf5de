"""System checks that tell the operator what is missing."""

from django.conf import settings
from django.core.checks import Error, register
from django.utils.translation import gettext as _
from PIL import features


def check_avif(app_configs, **kwargs):
    """Pictures are made as AVIF and JPEG; a Pillow without AVIF cannot."""
    if features.check("avif"):
        return []
    return [
        Error(
            _("Pillow cannot write AVIF."),
            hint=_("Install Pillow from requirements.txt; its wheels have AVIF."),
            id="portal.E001",
        )
    ]


def check_data_dir(app_configs, **kwargs):
    """Every file that must be kept is written to DATA_DIR."""
    probe = settings.DATA_DIR / ".write-test"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return [
            Error(
                _("DATA_DIR cannot be written: %(reason)s.")
                % {"reason": error.strerror},
                hint=_("Give the user that runs the site the right to write there."),
                id="portal.E002",
            )
        ]
    return []


def register_checks() -> None:
    register(check_avif)
    register(check_data_dir)
