"""Backups and restores that are killed: does anything half pass for whole?

A site with pictures, files, visits and an editor who goes on saving is backed up while
backups are killed with SIGKILL at random instants; then the last one is restored, the
restore is killed again and again and repeated, and what came back is compared.

    python -m bench.drill_backup [--kills N] [--engines sqlite,postgresql]
"""

import argparse
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from bench.search import databases

ENGINES = (databases.SQLITE, databases.POSTGRESQL)
KILLS = 20
ARTICLES, PICTURES, ATTACHMENTS, HITS = 60, 4, 8, 50
PAYLOAD_BYTES = 24 * 2**20  # files that take some time to copy
PDF = b"%PDF-1.7 a form to fill in"

Line = tuple[str, str, bool]  # what, its figure, whether that is as promised


def run(engine: str, kills: int = KILLS) -> Iterator[Line]:
    """Yield what was seen on "sqlite" or "postgresql", a line as soon as it is known.

    The server is that of BENCH_DATABASE_URL, or a local one. Everything is made anew
    and is gone afterwards.
    """
    if reason := databases.why_not(engine):
        yield "backup", reason, False
        return
    with databases.database(engine, "portal_drill_backup", None) as environment:
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        command = [sys.executable, "-m", "bench.drill_backup", "--inside"]
        process = subprocess.Popen(
            [*command, "--kills", str(kills)],
            env={**inherited, **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            for line in process.stdout:
                what, figure, is_well = line.rstrip("\n").split("\t")
                yield what, figure, is_well == "1"
        if process.returncode:
            yield "backup drill", f"ended with {process.returncode}", False


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="drill-backup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.fill:
        fill()
        return 0
    if options.inside:
        fill(PAYLOAD_BYTES)
        for what, figure, is_well in _Drill(options.kills).run():
            print(what, figure, int(is_well), sep="\t", flush=True)
        return 0
    failed = False
    for engine in options.engines.split(","):
        for what, figure, is_well in run(engine, options.kills):
            failed |= not is_well
            print(f"{engine:<11}{what:<44}{figure}{'' if is_well else '  FAILED'}")
    return int(failed)


def fill(payload: int = 0) -> None:
    """Make a small site in DATA_DIR and DATABASE_URL: a little of everything."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.core.management import call_command
    from django.utils import timezone
    from PIL import Image as Picture

    from news import images
    from news.files import attach
    from news.models import Article, Category, State
    from portal.audit.models import AuditEntry
    from stats import salts

    call_command("migrate", interactive=False, verbosity=0)
    category = Category.objects.create(name="Tin hoạt động")
    pictures = []
    for number in range(PICTURES):
        file = io.BytesIO()
        Picture.new("RGB", (300, 200), (40 * number, 90, 60)).save(file, "PNG")
        content = ContentFile(file.getvalue(), "anh.png")
        pictures.append(images.create_image(content, title=f"Ảnh {number}"))
    now = timezone.now()
    for number in range(ARTICLES):
        article = Article.objects.create(
            title=f"Tin “số” {number} & đường dây",
            sapo="Tóm tắt",
            body="<p>Nội dung</p>",
            body_html="<p>Nội dung</p>",
            body_text="Nội dung",
            category=category,
            cover=pictures[number % PICTURES] if number % 3 == 0 else None,
            state=State.PUBLISHED,
            published_at=now - timedelta(hours=number + 1),
        )
        if number < ATTACHMENTS:
            attach(article, ContentFile(PDF + bytes([number]), "Mẫu đơn.pdf"))
    # What has to be found after more than twelve months.
    AuditEntry(
        action="changed", note="Từ lâu", created_at=now - timedelta(days=500)
    ).save()
    salts.ensure()
    for number in range(HITS):
        _report(number)
    if payload:
        folder = settings.DATA_DIR / "private" / "originals" / "ff"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(24):
            (folder / f"{number:032x}.jpg").write_bytes(os.urandom(payload // 24))


def _report(number: int) -> None:
    """Write a visit that waits to be counted, as the beacon does."""
    from stats import clock, lines, spool

    hit = lines.Hit(
        ms=clock.now_ms(),
        visitor=number + 1,
        source=number + 1,
        kind="page",
        object_id=-1,
        reason="bot",  # counted one by one, whoever repeats it
    )
    if not spool.append(hit):
        raise SystemExit("the spool cannot be written")


class _Drill:
    def __init__(self, kills: int):
        from django.conf import settings

        from portal.backup import databases as ours

        self.kills, self.chance = kills, random.Random(8)
        self.data_dir = settings.DATA_DIR
        self.database = ours.of_settings()
        self.folder = self.data_dir.parent / f"{self.data_dir.name}-backups"
        self.folder.mkdir()
        self.saved = self.folder / "saved"  # one byte for each save and visit

    def run(self) -> Iterator[Line]:
        import shutil

        self.saved.touch()
        editor = self._fork(self._edit)
        try:
            yield from self._backups()
        finally:
            os.kill(editor, signal.SIGKILL)
            os.waitpid(editor, 0)
        try:
            yield from self._restores()
        finally:
            shutil.rmtree(self.folder)

    # Processes, forked from this one: their death is the death of a process

    def _fork(self, work: Callable, *arguments) -> int:
        from django.db import connections

        connections.close_all()
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            work(*arguments)
            status = 0
        finally:
            os._exit(status)

    def _edit(self) -> None:
        """Save an article, report a visit and count visits, again and again."""
        from news.models import Article, Category
        from stats import drainer

        category, parent = Category.objects.first(), os.getppid()
        acknowledged = os.open(self.saved, os.O_WRONLY | os.O_APPEND)
        number = 0
        while os.getppid() == parent:
            Article.objects.create(title=f"Bài {number}", category=category)
            _report(number)
            os.write(acknowledged, b"+")
            number += 1
            if number % 7 == 0:
                drainer.drain(hold_ms=0)

    def _make(self, target: Path) -> None:
        from portal.backup import making

        with making.only_one(self.data_dir):
            making.make(self.database, self.data_dir, target, lambda text: None)

    def _timed(self, work: Callable, *arguments) -> float:
        began = time.monotonic()
        if os.waitpid(self._fork(work, *arguments), 0)[1]:
            raise SystemExit("a process ended by itself")
        return time.monotonic() - began

    def _killed(self, seconds: float, work: Callable, *arguments) -> bool:
        """Let it work for so long, then kill it; say whether it was still at it."""
        child = self._fork(work, *arguments)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    def _backups(self) -> Iterator[Line]:
        from portal.backup.archive import Archive
        from portal.backup.errors import Damaged

        seconds = self._timed(self._make, self.folder / "cong-tin-0.tar")
        in_time, unnamed = 0, 0
        for number in range(self.kills):
            target = self.folder / f"cong-tin-{number + 1}.tar"
            wait = self.chance.random() * seconds
            in_time += self._killed(wait, self._make, target)
            for path in self.folder.glob("*.tar"):
                with Archive(path) as archive:  # what has its name is whole
                    archive.check(lambda text: None)
            for path in self.folder.glob(".*.part"):
                try:
                    with Archive(path) as archive:
                        archive.check(lambda text: None)
                    unnamed += 1
                except Damaged:
                    pass
            # One that was ready before its instant came is no matter here.
            target.unlink(missing_ok=True)
        # Killed before its last step, one is whole, and nobody takes it for a backup.
        told = f"{self.kills} kills, {in_time} in its midst; 0 half with a name,"
        yield "backup killed -9", f"{told} {unnamed} whole without", in_time > 0
        before = self.saved.stat().st_size
        self.backup = self.folder / "cong-tin-last.tar"
        seconds = self._timed(self._make, self.backup)
        after = self.saved.stat().st_size
        self.acknowledged = before, after
        left = [path.name for path in self.folder.glob(".*")]
        megabytes = self.backup.stat().st_size / 2**20
        yield (
            "backup while an editor saves",
            f"{megabytes:.0f} MB in {seconds:.1f} s, {after - before} saves meanwhile,"
            f" {len(left)} files left over",
            not left,
        )

    def _restore(self, place) -> None:
        from portal.backup import restoring
        from portal.backup.archive import Archive

        with Archive(self.backup) as archive:
            restoring.restore(archive, place, lambda text: None)

    def _compare(self, place) -> tuple[int, int]:
        """Return how many rows and members came back; raise if one is not as it was."""
        from portal.backup import proving
        from portal.backup.archive import Archive

        with Archive(self.backup) as archive:
            proving.compare(archive, place, lambda text: None)
            rows = sum(n for n, _hash in archive.manifest["tables"].values())
            return rows, len(archive.names)

    def _restores(self) -> Iterator[Line]:
        from portal.backup import proving, restoring

        with proving.temporary_place(self.database, self.data_dir) as place:
            seconds = self._timed(self._restore, place)
        with proving.temporary_place(self.database, self.data_dir) as place:
            in_time, finished = 0, 0
            for number in range(self.kills):
                # Each time a little later: every instant has its turn.
                wait = seconds * (number + self.chance.random()) / self.kills
                if not self._killed(wait, self._restore, place):
                    break
                in_time += 1
                is_there = not place.database.is_empty()
                is_marked = restoring.is_unfinished(place.data_dir)
                if is_there and not is_marked:
                    # Killed after its last step, while it put its own things away:
                    # nobody would repeat it, so that it has to be whole (or it raises).
                    self._compare(place)
                    finished += 1
                    break
            if restoring.is_unfinished(place.data_dir) or place.database.is_empty():
                self._timed(self._restore, place)
            yield (
                "restore killed -9 and repeated",
                f"{in_time} kills, 0 half that looked finished, {finished} whole",
                in_time > 0,
            )
            rows, members = self._compare(place)
            yield (
                "restored and compared",
                f"{rows} rows, {members} members, {seconds:.1f} s",
                True,
            )
            yield self._nothing_lost(place)
            proving.render(place)
            yield "pages rendered from it", "home and the newest articles", True

    def _nothing_lost(self, place) -> Line:
        """Compare with what was acknowledged before the backup began, and ended."""
        with place.database.reading() as found:
            ((saves,),) = found.rows("SELECT count(*) FROM news_article")
            ((counted,),) = found.rows(
                "SELECT coalesce(sum(n), 0) FROM stats_dropped_day"
            )
            positions = dict(found.rows("SELECT segment, pos FROM stats_spool_pos"))
        waiting = 0
        for path in (place.data_dir / "spool").glob("*.hits"):
            data = path.read_bytes()[positions.get(path.name, 0) :]
            waiting += data.count(b"\n")
        saves -= ARTICLES
        visits = int(counted) + waiting - HITS
        before, after = self.acknowledged
        # One of each may be made and not acknowledged yet.
        is_well = before <= saves <= after + 1 and before <= visits <= after + 1
        return (
            "acknowledged before, in it, and after",
            f"{before}; {saves} saves, {visits} visits; {after}",
            is_well,
        )


if __name__ == "__main__":
    sys.exit(main())
