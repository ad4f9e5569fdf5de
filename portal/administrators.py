"""Mail to the administrators about the site itself: what the audit found, what failed.

Notices about articles go their own way (portal.notices).
"""

import ssl

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from portal.models import User
from portal.roles import ADMINISTRATOR


def addresses() -> list[str]:
    """Return the addresses of the active administrators who take mail."""
    people = User.objects.filter(
        Q(is_superuser=True) | Q(groups__name=ADMINISTRATOR),
        is_active=True,
        notify_by_mail=True,
    ).exclude(email="")
    return sorted(set(people.values_list("email", flat=True)))


def why(error: Exception) -> str:
    """Name what a mail server met, without its text: that may repeat what was sent.

    Of a certificate that was refused also the reason, which is OpenSSL's own.
    """
    name = type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{name} ({error.verify_message})"
    return name


def mail(subject: str, body: str) -> int:
    """Send one mail to each administrator; return how many went out.

    Raises OSError and smtplib.SMTPException of a mail server.
    """
    messages = [
        EmailMessage(
            subject=" ".join(subject.split()),
            body=body,
            to=[address],
            headers={"Auto-Submitted": "auto-generated"},
        )
        for address in addresses()
    ]
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    return connection.send_messages(messages) or 0
