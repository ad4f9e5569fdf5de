"""The newsroom that the walk through the back office finds: people and rows."""

import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from axes.models import AccessAttempt
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from news import saving
from news.models import Article, Author, Autosave
from portal.audit.models import Action, AuditEntry
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, User, WorkEvent
from portal.notices.models import Kind, Notice
from portal.sessions.models import Session
from search.models import Abbreviation, SoughtWords
from stats.models import LedgerEntry
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
    make_unit,
)
from tests.news.conftest import make_user
from tests.portal.admin_table import STAFF

PASSWORD = "cu"
# Written by looking or by being here, not by an act; and a log of what happened.
UNWATCHED = {
    *("admin.LogEntry", "news.Presence", "portal.ContentState"),
    *(
        "portal.AuditEntry",
        "portal.Notice",
        "portal.Seal",  # follows what is sealed
        "auth.Permission",
        "contenttypes.ContentType",
    ),
}
# Fields of a row that no form may set, posted along with everything.
FORGED = {
    "state": "published",
    "version": "99",
    "slug": "gia-mao",
    "import_key": "x",
    "is_superuser": "on",
    "is_staff": "on",
    "source": "gia-mao",
    "published_at": "2020-01-01",
    "emergency_at": "",
    "apply_at": "2020-01-01",
    "withdrawal": "gone",
    "withdrawal_url": "/",
    "public_notes": "[]",
}
# Columns that say what a row is, not what it says.
NEVER_SET = {"created_by_id", "revision_of_id", "import_key", "slug", "id"}
_PEOPLE = ("created_by", "submitted_by", "approved_by", "emergency_by", "uploaded_by")


class World:
    def __init__(self):
        self.inside = make_category(name="Mục trong")
        self.below = make_category(name="Mục dưới", parent=self.inside)
        self.outside = make_category(name="Mục ngoài")
        self.colleague = make_user("editor", username="dong-nghiep")
        self.people = {
            name: make_user("editor" if name == "limited" else name, username=name)
            for name in STAFF
        }
        for user in self.people.values():
            user.set_password(PASSWORD)
            user.save()
        self.people["limited"].categories.set([self.inside])
        self.people["reader"] = User.objects.create_user("reader", is_staff=False)
        self.sessions = {name: _session(user) for name, user in self.people.items()}
        self.kept = Autosave.objects.create(
            user=self.colleague,
            token=uuid4(),
            content={"title": ["Của đồng nghiệp"]},
            saved_at=timezone.now(),
        )
        self.notice = Notice.objects.create(
            user=self.colleague, kind=Kind.SUBMITTED, title="Của đồng nghiệp"
        )
        session = Session.objects.get(pk=_session(self.colleague))
        self.handle = session.handle
        self.attempt = AccessAttempt.objects.create(
            username="dong-nghiep", ip_address="203.0.113.9", failures_since_start=99
        )
        self.rows = self._rows()
        ended = timezone.now() - timedelta(hours=1)
        make_list_entry(list="focus", ends_at=ended, starts_at=ended - timedelta(1))
        self.forged = FORGED | {
            **dict.fromkeys(_PEOPLE, str(self.colleague.pk)),
            "revision_of": str(self.rows["news_listentry"].article_id),
        }

    def _rows(self) -> dict:
        """One row of each model, on which nothing else depends."""
        return {
            "news_image": make_image(),
            "news_listentry": make_list_entry(
                article=make_article(title="Bài nóng", category=self.inside)
            ),
            "news_category": make_category(name="Mục trống"),
            "news_unit": make_unit(),
            "news_author": Author.objects.create(name="Tác giả"),
            "news_tag": make_tag(),
            "portal_page": Page.objects.create(title="Giới thiệu"),
            "portal_menuitem": MenuItem.objects.create(label="Mục", link="/"),
            "portal_linkedsite": LinkedSite.objects.create(
                name="Tỉnh", url="https://tinh.gov.vn/"
            ),
            "portal_workevent": WorkEvent.objects.create(
                day=timezone.localdate(), content="Họp"
            ),
            "portal_sitesettings": SiteSettings.load(),
            "portal_user": self.colleague,
            "portal_auditentry": AuditEntry.objects.create(action=Action.EXPORTED),
            "auth_group": Group.objects.create(name="Nhóm trống"),
            "search_abbreviation": Abbreviation.objects.create(
                short="VBC", long="viết bằng chữ"
            ),
            "search_soughtwords": SoughtWords.objects.create(
                day=timezone.localdate(), words="xe buýt", searches=1
            ),
            "stats_ledgerentry": LedgerEntry.objects.create(
                metric="visits", delta=10, day=timezone.localdate(), reason="Số dư cũ"
            ),
        }

    def client(self, person: str) -> Client:
        """A browser of `person`, signed in before the walk began."""
        client = Client()
        if person in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        return client

    def fill(self, text: str) -> str:
        """Put numbers of rows into a value of the table."""
        return str(text).format(
            colleague=self.colleague.pk,
            token=self.kept.token,
            notice=self.notice.pk,
            session=self.handle,
            attempt=self.attempt.pk,
            image=self.rows["news_image"].pk,
            entry=self.rows["news_listentry"].pk,
            other=self.below.pk,
            hot=self.rows["news_listentry"].article_id,
        )

    def article(self, kind: str, person: str, *, outside=False, title="Bài") -> Article:
        """Make an article of `kind`, a row of the table ARTICLES."""
        whose, state = kind.split(" ", 1)
        owner = self.people[person] if whose == "own" else self.colleague
        section = self.outside if outside else self.inside
        made = {"title": title, "created_by": owner, "category": section}
        now = timezone.now()
        if state.endswith("copy"):
            live = make_article(**made | {"title": "Bài đang đăng"})
            if state == "moved copy":
                made["category"] = self.inside
            copy = make_article(**made, state="draft", revision_of=live)
            return _with_history(copy)
        if state == "scheduled":
            made["published_at"] = now + timedelta(days=2)
        elif state == "urgent":
            made |= {"emergency_by": self.colleague, "emergency_at": now}
            if whose == "other's":
                made["emergency_by"] = self.people["groupless"]
        else:
            made["state"] = state
        return _with_history(make_article(**made))


def _with_history(article: Article) -> Article:
    """Give it two revisions, 0 and 1."""
    saving.write_revision(article)
    article.version = 1
    article.save()
    saving.write_revision(article)
    return article


def _session(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def picture() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Pillow.new("RGB", (64, 48), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile("a.jpg", buffer.getvalue(), "image/jpeg")


def tried(send, before: dict) -> tuple:
    """Send a request and undo what it did; return (response, what had changed).

    `before` is a snapshot of what the database holds.
    """
    with transaction.atomic():
        written = _rows_written()
        response = send()
        is_untouched = written is not None and written == _rows_written()
        changed = {} if is_untouched else difference(before, snapshot())
        transaction.set_rollback(True)
    return response, changed


def _rows_written() -> int | None:
    """Count what this connection has written, undone or not; SQLite alone knows.

    A refusal writes nothing, and most of what is tried is refused: there is no need
    to read every table for it.
    """
    return getattr(connection.connection, "total_changes", None)


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: dict[tuple, tuple]  # by primary key


def snapshot() -> dict[str, Table]:
    """Return every watched row of the database by the label of its model."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label in UNWATCHED:
                continue
            # Not by a queryset: the walk asks for this a thousand times.
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            columns = [column[0] for column in cursor.description]
            key = [columns.index(field.column) for field in model._meta.pk_fields]
            rows = {tuple(row[i] for i in key): row for row in cursor.fetchall()}
            found[model._meta.label] = Table(columns, rows)
    return found


def difference(before: dict, after: dict) -> dict[str, set[str]]:
    """Return the names of what differs by model: columns, or "a row"."""
    return {
        label: _changes(table, after[label])
        for label, table in before.items()
        if table.rows != after[label].rows
    }


def _changes(old: Table, new: Table) -> set[str]:
    found = set()
    for key in old.rows.keys() | new.rows.keys():
        if key not in old.rows or key not in new.rows:
            found.add("a row")
            continue
        pairs = zip(old.columns, old.rows[key], new.rows[key], strict=True)
        found |= {name for name, was, now in pairs if was != now}
    return found


def errors(response) -> str:
    """What was wrong with a form, for the message of a test."""
    shown = response.context and response.context.get("adminform")
    return str(shown.form.errors) if shown else str(response.status_code)
