"""The portal under the restrictions of its systemd unit, without systemd.

Read-only file systems, no rights of root and no memory that can be written and run are
set for real; the filter of system calls is not (docs/operations.md says how it was
looked at).
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Server
from tests.journeys.nginx import ask
from tests.run import may_mount

# prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN): MemoryDenyWriteExecute of the unit, kept
# by every process that is started (Linux 6.3).
START = """
import ctypes, os, runpy, sys
print("MDWE", ctypes.CDLL(None).prctl(65, 1, 0, 0, 0), flush=True)
runpy.run_module("portal.serve", run_name="__main__", alter_sys=True)
"""
# What an editor does, in the same sandbox: a picture in all widths and formats, a file
# whose words are read by a process with limits of its own.
WORK = """
import ctypes, io, os
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image
from news import files, images
from search.attachment_text import read_waiting
from search.models import AttachmentText
from tests.factories import make_article
from tests.search import pdf_builder
data = io.BytesIO()
Image.new("RGB", (1600, 900), "teal").save(data, "JPEG")
row = images.create_image(ContentFile(data.getvalue(), "a.jpg"), title="Anh")
made = [r[k] for r in row.renditions.values() for k in ("avif", "jpg") if k in r]
assert any(name.endswith(".avif") for name in made)
assert all((Path(settings.MEDIA_ROOT) / name).is_file() for name in made)
article = make_article(title="Trong hop cat")
files.attach(article, ContentFile(pdf_builder.written("chuyển đổi số"), "a.pdf"))
read_waiting()
text = AttachmentText.objects.get()
assert text.state == "read", text.state
program = Path(settings.DATA_DIR) / "program"
program.write_text("#!/bin/sh\\n")
program.chmod(0o755)
try:
    os.execv(program, [str(program)])
except PermissionError:
    print("WORKED")
"""


def nightly(data: Path, url: str):
    """Yield what the timers run, as their units say; they have the same sandbox."""
    for name in ("portal-backup", "portal-audit"):
        unit = (ROOT / "deploy" / f"{name}.service").read_text()
        line = re.search(r"^ExecStart=\S+ (.+)$", unit, re.M)[1]
        line = line.replace("/srv/portal/data", str(data))
        yield line.replace("http://127.0.0.1:8000", url).split()


@pytest.mark.skipif(
    not may_mount(), reason="không được phép tạo không gian mount (cần root)"
)
def test_the_portal_works_and_writes_in_its_data_alone(tmp_path):
    server = Server(tmp_path, DEMO="0", DATABASE_URL="")
    port = server.port
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    data.mkdir()
    scratch.mkdir()
    environment = {
        **server.environment,
        "STATIC_ROOT": str(data / "static"),
        "PAGE_DISK_MB": "16",
        "TMPDIR": str(scratch),
        "HOME": "/nonexistent",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    sandbox = ["unshare", "-m", "--", "sh", str(ROOT / "tests/journeys/sandbox.sh")]
    log = tmp_path / "server.log"
    python = [*sandbox, sys.executable]
    with open(log, "ab") as said:
        server.process = subprocess.Popen(
            [*python, "-c", START],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        server.wait()
        assert "MDWE 0" in log.read_text() or "MDWE -1" in log.read_text()
        for path, wanted in (
            *(("/", 200), ("/admin/login/", 200), ("/tim-kiem/?q=a", 200)),
            *(("/healthz", 200), ("/khong-co/", 404), ("/static/css/site.css", 200)),
        ):
            assert ask(port, path).status == wanted, path
        assert ask(port, "/_s", "POST", body="{}").status in (200, 204)
        work = subprocess.run(
            [*python, "manage.py", "shell", "-v", "0", "-c", WORK],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert work.stdout.strip() == "WORKED", work.stderr[-3000:]
        for command in nightly(data, server.url):
            done = subprocess.run(
                [*python, *command],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
            assert "Traceback" not in done.stderr, done.stderr[-2000:]
        assert b"Trong hop cat" in ask(port, "/tim-kiem/?q=chuyen+doi+so").body
    finally:
        server.stop()
    assert "Traceback" not in log.read_text()
    assert (data / "portal.sqlite3").is_file() and (data / "spool").is_dir()
