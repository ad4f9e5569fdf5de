"""What people confirm with besides an app, whose rows are django-otp's TOTPDevice."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin


class Passkey(TimestampMixin, Device):
    """A credential of WebAuthn. The two keys are base64url, as browsers send them.

    https://www.w3.org/TR/webauthn-3/#credential-record
    """

    credential_id = models.CharField(max_length=1364, unique=True)  # of 1023 bytes
    public_key = models.TextField()
    # Goes up with each use where the authenticator counts; 0 where it does not.
    sign_count = models.PositiveBigIntegerField(default=0)
    # How browsers reach it: "internal", "usb", "hybrid", ...
    transports = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")


class RecoveryCodes(ThrottlingMixin, Device):
    """The codes that one person has left, as salted digests; see codes.py."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    salt = models.CharField(max_length=32)
    digests = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("recovery codes")
        verbose_name_plural = _("recovery codes")

    def __str__(self):
        return self.user.get_username()

    def get_throttle_factor(self):
        return 1  # seconds after the first wrong code, doubled by each further one
