"""Django's sessions in the database, with an owner and two limits (SESSION_ENGINE)."""

from datetime import datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from portal.sessions.models import Session, end_of

SEEN_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    row: Session | None = None  # as it was loaded
    # Of the browser that a new session is for; see portal.sessions.middleware.
    address = browser = system = ""

    @classmethod
    def get_model_class(cls):
        return Session

    def _validate_session_key(self, key):
        # A cookie can hold anything; PostgreSQL refuses NUL.
        is_ours = key and key.isascii() and key.isalnum() and len(key) <= 40
        return is_ours and super()._validate_session_key(key)

    def _get_session_from_db(self):
        self.row = super()._get_session_from_db()
        return self.row

    def create_model_instance(self, data):
        now = timezone.now()
        return self.model(
            session_key=self._get_or_create_session_key(),
            session_data=self.encode(data),
            user_id=data.get(SESSION_KEY),
            created_at=now,
            last_seen_at=now,
            expire_date=end_of(now, now),
            address=self.address,
            browser=self.browser,
            system=self.system,
        )

    def touch(self, now: datetime) -> None:
        """Note that its owner did something; at most one write a minute.

        A session that was ended meanwhile does not come back.
        """
        row = self.row
        if row is None or row.user_id is None or row.pk != self.session_key:
            return
        if now - row.last_seen_at >= SEEN_EVERY:
            same = Session.objects.filter(pk=row.pk, last_seen_at=row.last_seen_at)
            same.update(last_seen_at=now, expire_date=end_of(row.created_at, now))
