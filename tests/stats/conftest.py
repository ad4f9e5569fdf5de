"""A spool of its own for each test, a clock that stands still, a reader."""

import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from stats import (
    beacon,
    clock,
    drainer,
    housekeeping,
    registry,
    salts,
    spool,
    tokens,
    totals,
)
from stats.lines import Hit

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
READER = "203.0.113.77"


def ms(*parts: int) -> int:
    """Milliseconds of a local moment: year, month, day, hour, minute, second, ms."""
    *moment, thousandths = (*parts, 0) if len(parts) < 7 else parts
    return int(datetime(*moment, tzinfo=VIETNAM).timestamp()) * 1000 + thousandths


NOON = ms(2026, 11, 20, 12)


@pytest.fixture(autouse=True)
def spool_dir(tmp_path, settings):
    """The spool of this test; nothing remembered from the one before."""
    settings.SPOOL_DIR = tmp_path / "spool"
    totals.forget()
    salts._memory.clear()
    housekeeping._salts_day = None
    housekeeping._purged_ms = 0
    drainer._sources.clear()
    yield settings.SPOOL_DIR
    spool.writer().close()
    totals.forget()


@pytest.fixture(autouse=True)
def only_known_kinds(monkeypatch):
    """Nothing of another app is asked about; every page counts as public."""
    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(registry, "_public_metric", None)


@pytest.fixture
def noon(monkeypatch):
    """It is noon of 20 November 2026 in Vietnam."""
    monkeypatch.setattr(clock, "now_ms", lambda: NOON)
    return NOON


def hit(at: int = NOON, visitor: int = 1, page: int = 1, **fields) -> Hit:
    values = {"kind": "article", **fields}
    return Hit(ms=at, visitor=visitor, object_id=page, **values)


class Reader:
    """Sends requests to the beacon as a browser would."""

    def __init__(self, at: int = NOON):
        self.at = at
        self.beacon = beacon.Beacon(self._django, now_ms=lambda: self.at)
        self.status = ""
        self.headers: dict[str, str] = {}

    def _django(self, environ, start_response):
        start_response("200 OK", [("X-From", "django")])
        return [b"django"]

    def send(self, method: str, body: bytes = b"", **environ) -> bytes:
        request = {
            "PATH_INFO": "/_s",
            "REQUEST_METHOD": method,
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "REMOTE_ADDR": READER,
            "HTTP_HOST": "testserver",
            "HTTP_USER_AGENT": FIREFOX,
            "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_SEC_FETCH_DEST": "empty" if method == "POST" else "image",
            **environ,
        }
        request = {name: value for name, value in request.items() if value is not None}

        def start_response(status, headers):
            self.status, self.headers = status, dict(headers)

        return b"".join(self.beacon(request, start_response))

    def token(self, kind="article", object_id=1) -> str:
        return tokens.page_token(kind, object_id, clock.local_day(self.at))

    def post(self, report=None, **environ) -> dict:
        report = {"p": self.token()} if report is None else report
        if environ.get("HTTP_ORIGIN") is None:
            environ.setdefault("HTTP_ORIGIN", "http://testserver")
        body = self.send("POST", json.dumps(report).encode(), **environ)
        return json.loads(body) if body else {}

    @property
    def outcome(self) -> str:
        return self.headers.get("X-Visit", "")


@pytest.fixture
def reader(noon):
    return Reader()
