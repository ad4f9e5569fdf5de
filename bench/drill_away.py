"""The database away, the disk full: what readers and editors meet."""

import contextlib
import json
import re
import sqlite3
import threading
import time
from pathlib import Path

from bench.drill_site import Answer, Browser, Cluster, Site, article_form, ask

TITLE = "Bài đang viết lúc cơ sở dữ liệu đi vắng"
ADD = "/admin/news/article/add/"
# A reader's: robots are not counted.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
ATTACHED = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_COUNT = f"Article.objects.filter(title={TITLE!r}).count()"
_A_CATEGORY = "from news.models import Category; print(Category.objects.all()[0].pk)"


class Wrong(Exception):
    """A promise that was not kept, in words."""


def expect(condition, sentence: str) -> None:
    if not condition:
        raise Wrong(sentence)


def database_stopped(folder: Path, static_root: Path) -> str:
    """PostgreSQL goes away at once and comes back."""
    cluster = Cluster(folder / "cluster")
    cluster.create()
    cluster.start()
    try:
        site = Site(folder, static_root, cluster.url)
        site.prepare(40)
        with site.running():
            return _while_away(site, cluster)
    finally:
        cluster.stop()


def _while_away(site: Site, cluster: Cluster) -> str:
    pages = site.addresses()
    article, browser = pages["article"], site.browser()
    category = site.python(_A_CATEGORY)
    # Both workers keep these pages.
    kept = [article, "/", "/tin-nong/"]
    token = ""
    for _ in range(30):
        for path in kept:
            token = re.search(r'data-visit="([^"]+)"', ask(site.port, path).text)[1]
    expect(browser.get("/admin/").status == 200, "the desk did not open before")
    cluster.stop()
    answers: dict[str, list[Answer]] = {"kept": [], "beacon": [], "503": []}
    for _ in range(10):
        answers["kept"] += [ask(site.port, path) for path in kept]
        answers["beacon"].append(_report(site, token))
        answers["503"] += [
            ask(site.port, "/tim-kiem/?q=nghi"),
            ask(site.port, pages["category, page 2"]),
            browser.get("/admin/"),
            browser.get("/admin/login/"),
            browser.post("/admin/login/", {"username": "an", "password": "x"}),
        ]
    typed = browser.post(ADD, article_form(TITLE, category))
    answers["503"].append(typed)
    for name, status in (("kept", {200}), ("beacon", {200, 204}), ("503", {503})):
        met = {answer.status for answer in answers[name]}
        expect(met <= status, f"{name}: {sorted(met)}")
    for answer in answers["503"]:
        expect(answer.headers.get("retry-after") == "5", "a 503 without Retry-After")
        expect("tạm thời gián đoạn" in answer.text, "a 503 that is not ours")
    expect(TITLE in typed.text, "what was typed did not come back")
    expect(ask(site.port, "/readyz").status == 503, "/readyz says ready")
    slowest = max(a.seconds for found in answers.values() for a in found)
    expect(slowest < 2, f"an answer took {slowest:.1f} s")
    begun = time.monotonic()
    cluster.start()
    up = time.monotonic()
    waited = _until(lambda: browser.post(ADD, _again(typed)).status == 302, 15)
    _until(lambda: ask(site.port, "/tim-kiem/?q=nghi").status == 200, 15)
    recovery = time.monotonic() - up
    expect(recovery <= 5, f"recovery took {recovery:.1f} s")
    there = site.python(f"from news.models import Article; print({_COUNT})")
    expect(there == 1, f"the article is there {there} times")
    counted = _until(
        lambda: (
            site.python(
                "import json; from django.db.models import Sum;"
                "from stats.models import Day;"
                "d = Day.objects.aggregate(v=Sum('views'), b=Sum('bot_views'));"
                "print(json.dumps((d['v'] or 0) + (d['b'] or 0)))"
            )
            >= 1
        ),
        20,
    )
    return (
        f"{len(answers['kept'])} stored pages 200, {len(answers['503'])} others 503 in"
        f" at most {slowest * 1000:.0f} ms; text handed back and saved"
        f" {waited:.1f} s, all well {recovery:.1f} s after it answered again"
        f" ({up - begun:.1f} s of start); visits counted after {counted:.1f} s"
    )


def _report(site: Site, token: str) -> Answer:
    body = json.dumps({"p": token, "r": "", "w": 0})
    return ask(site.port, "/_s", "POST", body, User_Agent=AGENT)


def _again(page: Answer) -> dict:
    """What the page that came back sends when its button is pressed."""
    import html

    found = re.findall(
        r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text
    )
    return {name: html.unescape(value) for name, value in found}


def _until(condition, seconds: float) -> float:
    """Wait until it is true; return how long that took. Wrong when it never was."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        with contextlib.suppress(OSError):
            if condition():
                return time.monotonic() - begun
        time.sleep(0.1)
    raise Wrong(f"not well after {seconds:.0f} s")


def database_locked(folder: Path, static_root: Path) -> str:
    """Another process holds SQLite's only place to write for longer than one waits."""
    site = Site(folder, static_root, "")
    site.prepare(40)
    with site.running():
        article, browser = site.addresses()["article"], site.browser()
        category = site.python(_A_CATEGORY)
        other = sqlite3.connect(
            folder / "data" / "portal.sqlite3", isolation_level=None
        )
        other.execute("BEGIN IMMEDIATE")
        saved: list[Answer] = []
        saving = threading.Thread(
            target=lambda: saved.append(
                browser.post(ADD, article_form(TITLE, category))
            )
        )
        saving.start()
        answers = []
        try:
            while saving.is_alive():
                for path in (article, "/", "/tim-kiem/?q=nghi", "/lich-cong-tac/"):
                    answers.append(ask(site.port, path))
                time.sleep(0.2)
        finally:
            other.execute("ROLLBACK")
            other.close()
        met = {answer.status for answer in answers}
        expect(met == {200}, f"readers met {sorted(met)}")
        expect(saved[0].status == 503, f"the save was answered {saved[0].status}")
        expect(TITLE in saved[0].text, "what was typed did not come back")
        waited = _until(lambda: browser.post(ADD, _again(saved[0])).status == 302, 5)
        slowest = max(answer.seconds for answer in answers)
        return (
            f"{len(answers)} pages 200 in at most {slowest * 1000:.0f} ms; the save was"
            f" refused after {saved[0].seconds:.0f} s with its text, and done"
            f" {waited:.1f} s after the lock was gone"
        )


def disk_full(folder: Path, static_root: Path, database_url: str) -> str:
    """DATA_DIR is a file system of 64 MB; something else fills it."""
    from bench.drill_site import small_disk

    disk = folder / "disk"
    with small_disk(disk, 64):
        site = Site(
            folder, static_root, database_url, DATA_DIR=str(disk), PAGE_DISK_MB="32"
        )
        site.prepare(40)
        with site.running():
            return _while_full(site, disk)


def _while_full(site: Site, disk: Path) -> str:
    pages, browser = site.addresses(), site.browser()
    article = ask(site.port, pages["article"])
    token = re.search(r'data-visit="([^"]+)"', article.text)[1]
    before = _files(disk)
    category = site.python(_A_CATEGORY)
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 2**16)
        with contextlib.suppress(OSError):
            while True:
                file.write(b"x")
    noise = _picture()
    refused = _upload(browser, noise)
    attached = _attach(browser, category)
    report = _report(site, token)
    kinds = ("article", "home", "category", "search", "hot list", "site map")
    readers = [ask(site.port, pages[kind]) for kind in kinds for _ in range(5)]
    ready = ask(site.port, "/readyz")
    after = _files(disk)
    filler.unlink()
    expect(refused.status == 503, f"the upload was answered {refused.status}")
    expect(attached.status == 503, f"the attachment was answered {attached.status}")
    expect(TITLE in attached.text, "what was typed did not come back")
    expect("hết chỗ" in refused.text, "the upload was not told why")
    expect(after == before, f"left behind: {sorted(after ^ before)[:3]}")
    met = {answer.status for answer in readers}
    expect(met == {200}, f"readers met {sorted(met)}")
    expect(report.status in (200, 204), f"the beacon answered {report.status}")
    expect(ready.status == 503, "/readyz says ready")
    rows = (
        "from news.models import Image;print(Image.objects.filter(title='Ảnh').count())"
    )
    expect(site.python(rows) == 0, "a row without its picture")
    articles = f"from news.models import Article; print({_COUNT})"
    expect(site.python(articles) == 0, "an article without its file")
    waited = _until(lambda: _upload(browser, noise).status == 302, 10)
    expect(site.python(rows) == 1, "the picture is not there once")
    _until(lambda: _attach(browser, category).status == 302, 10)
    expect(site.python(articles) == 1, "the article is not there once")
    _until(lambda: ask(site.port, "/readyz").status == 200, 10)
    outcome = report.headers.get("x-visit", "")
    return (
        f"picture and attachment refused with 503 and a sentence, no row, no file,"
        f" text handed back; {len(readers)}"
        f" pages 200; beacon answers ({outcome}); the same picture taken {waited:.1f} s"
        " after there was room"
    )


def _upload(browser: Browser, picture: bytes) -> Answer:
    fields = {"title": "Ảnh", "default_alt": "Ảnh", "focal_x": "0.5", "focal_y": "0.5"}
    return browser.post(
        "/admin/news/image/add/", fields, [("upload", "anh.jpg", picture)]
    )


def _attach(browser: Browser, category: int) -> Answer:
    """An article with a file that is larger than what is left."""
    form = article_form(TITLE, category)
    form |= {"attachments-TOTAL_FORMS": "1", "attachments-0-title": "Kế hoạch"}
    form["attachments-0-position"] = "0"
    pdf = ATTACHED + b"%" + b"x" * 2**22
    return browser.post(ADD, form, [("attachments-0-file", "ke-hoach.pdf", pdf)])


def _picture() -> bytes:
    import io

    from PIL import Image

    made = io.BytesIO()
    noise = Image.effect_noise((1600, 1000), 60).convert("RGB")
    noise.save(made, "JPEG", quality=92)
    return made.getvalue()


def _files(disk: Path) -> set[str]:
    """What uploads leave; the database, pages and the spool change by themselves."""
    return {
        str(path)
        for name in ("private", "media")
        for path in (disk / name).rglob("*")
        if path.is_file()
    }
