"""Texts of attachments: read once for each stored file, by housekeeping.

A file is read by search.extraction in a process of its own, so nothing that is in it
harms or holds up this one. Its text is stored and its article indexed in one
transaction; killed before that, it is read again.
"""

import heapq
import json
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from news.models import Article, Attachment, State
from search import extraction, indexing
from search.models import AttachmentText

logger = logging.getLogger(__name__)
BATCH = 50  # files chosen by one query
COMMAND = [sys.executable, "-m", "search.extraction"]
GRACE_SECONDS = 5  # after which a process that must have ended is killed
# When files wait and nobody reads them.
STALE = timedelta(days=1)
QUIET = timedelta(hours=1)

MISSING, TOO_SLOW, KILLED = "missing", "too slow", "killed"


@dataclass(frozen=True)
class Reading:
    state: str  # of AttachmentText
    text: str = ""
    reason: str = ""  # a short word; with a text it says that more was there


def refused(reason: str) -> Reading:
    return Reading(AttachmentText.State.REFUSED, reason=reason)


def waiting():
    """Attachments of published articles whose stored file was not read yet."""
    read = AttachmentText.objects.filter(
        attachment=OuterRef("pk"), file_name=OuterRef("file")
    )
    # Not as a join, in which SQLite begins with a million articles.
    published = Article.objects.filter(pk=OuterRef("article_id"), state=State.PUBLISHED)
    return Attachment.objects.filter(
        ~Exists(read), Exists(published), content_type__in=extraction.READERS
    )


def read_waiting(progress: Callable[[int], None] = lambda done: None) -> int:
    """Read all that waits, the newest articles first; return how many files."""
    done = 0
    # In SQL an order makes PostgreSQL walk through all articles, though none waits.
    rows = waiting().order_by().values_list("article__published_at", "pk")
    while newest := heapq.nlargest(BATCH, rows.iterator()):
        for _, attachment_id in newest:
            done += read(attachment_id)
            progress(done)
    return done


def read(attachment_id: int) -> bool:
    """Read one file if it still waits; return whether its text was stored."""
    attachment = waiting().filter(pk=attachment_id).first()
    if attachment is None:
        return False
    reading = reading_of(attachment)
    if reading.reason:
        logger.warning("text of attachment %s: %s", attachment_id, reading.reason)
    return _store(attachment, reading)


def reading_of(attachment: Attachment) -> Reading:
    try:
        if attachment.file.size > extraction.MAX_FILE_BYTES:
            return refused(extraction.TOO_LARGE)
        file = attachment.file.open("rb")
    except OSError:
        return refused(MISSING)
    with file:
        return extract(file, attachment.content_type)


def extract(file: BinaryIO, content_type: str) -> Reading:
    """Read a file in a process of its own.

    RuntimeError when that cannot work for any file.
    """
    with tempfile.TemporaryFile() as answer:  # its size is limited, a pipe's is not
        try:
            code = subprocess.run(  # noqa: S603
                [*COMMAND, content_type],
                stdin=file,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=settings.BASE_DIR,
                env={},
                timeout=extraction.WALL_SECONDS + GRACE_SECONDS,
            ).returncode
        except subprocess.TimeoutExpired:
            return refused(TOO_SLOW)
        if code in (-signal.SIGXCPU, -signal.SIGALRM):
            return refused(TOO_SLOW)
        if code < 0:
            return refused(KILLED)
        if code > 0:
            raise RuntimeError(
                f"search.extraction does not start: it ended with {code}"
            )
        answer.seek(0)
        try:
            return Reading(**json.load(answer))
        except (TypeError, ValueError):
            return refused(extraction.DAMAGED)


def _store(attachment: Attachment, reading: Reading) -> bool:
    """Store a text unless the file was replaced or deleted in between."""
    with transaction.atomic():
        # As everywhere the article's lock comes first: its editors hold it when they
        # delete the attachment.
        article = Article.objects.select_for_update(no_key=True)
        if not article.filter(pk=attachment.article_id).exists():
            return False
        same = Attachment.objects.filter(pk=attachment.pk, file=attachment.file.name)
        if not same.exists():
            return False
        AttachmentText.objects.filter(attachment=attachment).delete()
        AttachmentText.objects.create(
            attachment=attachment,
            file_name=attachment.file.name,
            state=reading.state,
            reason=reading.reason,
            text=reading.text,
        )
        indexing.index_articles([attachment.article_id])
    return True


def forget_refused() -> int:
    """Let files that could not be read be read again; return how many."""
    refused_rows = AttachmentText.objects.filter(state=AttachmentText.State.REFUSED)
    return refused_rows.delete()[0]


def stands_still(now=None) -> bool:
    """Whether new files have waited for a day and none was read in the last hour."""
    now = now or timezone.now()
    # Rows are written once, so the last one is the latest.
    last = AttachmentText.objects.order_by("-pk").values_list("read_at", flat=True)
    latest = last.first()
    if latest is not None and latest > now - QUIET:
        return False
    # Not all files: the desk asks at each visit.
    newest = list(Attachment.objects.order_by("-pk").values_list("pk", flat=True)[:50])
    late = waiting().filter(pk__in=newest, article__updated_at__lt=now - STALE)
    return late.exists()
