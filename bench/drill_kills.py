"""kill -9 of processes that save articles or take pictures, again and again.

Each is the whole program (middleware, forms, transactions, files) without its server,
forked from one that is loaded: its death is the death of a worker, and twenty die
within seconds. What was acknowledged is compared with what is there.

    python -m bench.drill_kills saves|uploads SECONDS
"""

import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

WORKERS = 2


class _Drill:
    def __init__(self, kind: str, seconds: float):
        import django

        django.setup()
        from django.contrib.auth import get_user_model

        from news.models import Category

        self.work = {"saves": self._save, "uploads": self._upload}[kind]
        self.kind, self.seconds = kind, seconds
        self.folder = Path(tempfile.mkdtemp(prefix="acknowledged-"))
        self.user = get_user_model().objects.filter(is_superuser=True)[0]
        self.category = Category.objects.get_or_create(name="Diễn tập")[0].pk
        self.started = 0

    def run(self) -> dict:
        chance = random.Random(7)
        # Forks then begin with everything loaded, as a worker that has been at work.
        self._repeat(-1, os.open(os.devnull, os.O_WRONLY), times=1)
        living = [self._fork() for _ in range(WORKERS)]
        ends, kills = time.monotonic() + self.seconds, 0
        while time.monotonic() < ends:
            time.sleep(0.5 + chance.random() * (4 if self.kind == "uploads" else 1))
            victim = living.pop(chance.randrange(WORKERS))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            kills += 1
            living.append(self._fork())
        for victim in living:
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            kills += 1
        told = [
            line
            for path in self.folder.iterdir()
            for line in path.read_text().splitlines()
        ]
        shutil.rmtree(self.folder)
        wrong = [line for line in told if line.startswith("!")]
        told = [line for line in told if not line.startswith("!")]
        return {"kills": kills, "told": len(told), "wrong": wrong} | self._compare(told)

    # What is killed

    def _fork(self) -> int:
        from django.db import connections

        connections.close_all()
        number, self.started = self.started, self.started + 1
        child = os.fork()
        if child:
            return child
        try:
            said = os.open(
                self.folder / str(number), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600
            )
            self._repeat(number, said)
        finally:
            os._exit(1)

    def _repeat(self, number: int, said: int, times: int | None = None) -> None:
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(self.user)
        parent, n = os.getppid(), 0
        while os.getppid() == parent and n != times:
            name = f"Diễn tập {number}-{n}"
            answer = self.work(client, name)
            good = answer.status_code == 302
            line = name if good else f"! {name}: {answer.status_code}"
            os.write(said, f"{line}\n".encode())  # from here on it is acknowledged
            if not good:
                return
            n += 1

    def _save(self, client, name: str):
        from bench.drill_away import ATTACHED
        from bench.drill_site import article_form

        files = {}
        if name.endswith("0"):  # every tenth with a file
            files = {
                "attachments-TOTAL_FORMS": "1",
                "attachments-0-title": "Kế hoạch",
                "attachments-0-position": "0",
            }
        form = article_form(name, self.category, **files)
        if files:
            pdf = io.BytesIO(ATTACHED)
            pdf.name = "ke-hoach.pdf"
            form["attachments-0-file"] = pdf
        return client.post("/admin/news/article/add/", form)

    def _upload(self, client, name: str):
        from PIL import Image

        picture = io.BytesIO()
        # Pillow's own noise is the same in every fork, and no picture is taken twice.
        noise = Image.frombytes("L", (70, 46), os.urandom(70 * 46)).resize((700, 460))
        noise.convert("RGB").save(picture, "JPEG", quality=80)
        picture.seek(0)
        picture.name = "anh.jpg"
        form = {"title": name, "upload": picture, "default_alt": name}
        form |= {"focal_x": "0.5", "focal_y": "0.5"}
        return client.post("/admin/news/image/add/", form)

    # What is left

    def _compare(self, told: list[str]) -> dict:
        from collections import Counter

        from django.db.models import Count

        from news.models import Article, Image
        from portal import stray_files
        from portal.models import AuditEntry

        model = Article if self.kind == "saves" else Image
        rows = Counter(
            model.objects.filter(title__startswith="Diễn tập").values_list(
                "title", flat=True
            )
        )
        lost = [name for name in told if not rows[name]]
        twice = [name for name, count in rows.items() if count > 1]
        label = model._meta.label_lower
        entries = AuditEntry.objects.filter(object_type=label, action="added")
        without_entry = model.objects.filter(title__startswith="Diễn tập").count()
        without_entry -= entries.count()
        half = 0
        if model is Article:
            bare = Article.objects.annotate(n=Count("revisions")).filter(n=0)
            half = bare.filter(title__startswith="Diễn tập").count()
        found = stray_files.look(min_age_seconds=0)
        strays = len(found.strays)
        stray_files.remove(found.strays)
        return {
            "lost": len(lost),
            "twice": len(twice),
            "without_entry": without_entry,
            "half": half,
            "without_file": len(found.missing),
            "strays": strays,
            "strays_left": len(stray_files.look(min_age_seconds=0).strays),
            "integrity": _integrity(),
        }


def _integrity() -> str:
    """Return "ok", or what the database says is broken."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            said = [row[0] for row in cursor.fetchall()]
            cursor.execute("PRAGMA foreign_key_check")
            said += [str(row) for row in cursor.fetchall()]
            return "ok" if said == ["ok"] else "; ".join(said)[:200]
        # PostgreSQL checks foreign keys as it writes; left is what hangs.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        hanging = cursor.fetchone()[0]
        return "ok" if not hanging else f"{hanging} transactions hang"


if __name__ == "__main__":
    print(json.dumps(_Drill(sys.argv[1], float(sys.argv[2])).run()))
