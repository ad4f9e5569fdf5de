"""After any public change every stored page is the page that would be made anew.

All public pages are kept in the page cache and on the disk for nginx; then the site is
changed in random ways, and after each change all of them are asked for again and
compared, byte by byte, with a rendering that no memory takes part in. A change that
forgets to move the content generation differs, and a page that holds two states.

The change is made in this worker, which is told at its commit, or in another process,
of which the watcher's look tells. PAGES_SEED=7 puts the changes into another order.
"""

import dataclasses
import difflib
import inspect
import io
import itertools
import os
import random
import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image as Picture

from news import (
    article_page,
    files,
    images,
    library,
    list_order,
    publishing,
    saving,
    working_copy,
)
from news.importing import import_file
from news.models import Article, Author, Category, Image, ListEntry, State, Tag, Unit
from news.workflow import Withdrawal
from portal import generation, watcher
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent
from portal.pagebytes import Bodies
from portal.pagecache import PageCache
from portal.pagedisk import PageDisk
from portal.wsgi import page_cache
from stats import ledger, totals
from tests.door import Reader
from tests.factories import make_article, make_category, make_tag, make_unit
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a form to fill in"
# When the numbers of the counter were read: the only part that may differ.
READ_AT = re.compile(rb'(<p class="visit-counter__time"[^>]*>)[^<]*')
OVER = object()
_numbers = itertools.count(1)


class Clock:
    """The time of the site; it stands still but for `pass_`."""

    def __init__(self, monkeypatch):
        self.now = timezone.now()
        # Neither midnight nor the counter's five minutes may hide what was forgotten.
        local = timezone.localtime(self.now)
        self.now = local.replace(hour=10, minute=0, second=1, microsecond=0)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def pass_(self, **span) -> None:
        self.now += timedelta(**span)


def picture(colour=(30, 90, 60)) -> ContentFile:
    buffer = io.BytesIO()
    Picture.new("RGB", (500, 300), colour).save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), "anh.png")


class Site:
    """The rows that edits change, the clock, and a source of chance."""

    def __init__(self, clock: Clock, seed: int):
        self.clock, self.random = clock, random.Random(seed)
        self.administrator = make_user(is_superuser=True)
        self.categories = [make_category(name=f"Mục {n}") for n in range(3)]
        self.categories[2].parent = self.categories[0]
        self.categories[2].save()
        self.tags = [make_tag(), make_tag()]
        self.units = [make_unit(), make_unit()]
        self.author = Author.objects.create(name="Minh Hà")
        self.image = images.create_image(picture(), title="Ảnh")
        self.unused = images.create_image(picture((9, 9, 99)), title="Không dùng")
        self.articles = [self.write() for _ in range(4)]
        # More than one page of a list.
        for _ in range(16):
            make_article(category=self.categories[0], published_at=self.ago(hours=90))
        for which, article in zip(("hot", "hot", "focus"), self.articles, strict=False):
            list_order.add(which, article, clock.now)
        self.page = Page.objects.create(
            title="Giới thiệu",
            body=f'<p>Sở</p><figure data-image="{self.image.pk}"></figure>',
        )
        self.menu = MenuItem.objects.create(category=self.categories[0])
        MenuItem.objects.create(page=self.page)
        self.linked = LinkedSite.objects.create(name="Cổng", url="https://a.gov.vn")
        self.event = WorkEvent.objects.create(
            day=timezone.localdate(), starts_at=time(8), content="Giao ban"
        )
        SiteSettings(name="Sở Thử").save()

    def ago(self, **span):
        return self.clock.now - timedelta(**span)

    def write(self, **fields) -> Article:
        number = next(_numbers)
        article = Article(
            title=f"Tin {number}",
            sapo="Sapo của bài.",
            category=self.random.choice(self.categories),
            signature_unit=self.units[0],
            author=self.author,
            cover=self.image,
            **fields,
        )
        figure = f'<figure data-image="{self.image.pk}" data-alt="Ảnh"></figure>'
        publishing.publish(
            article,
            at=fields.get("published_at") or self.ago(hours=number),
            body=f"<p>Nội dung {number}.</p>{figure}",
            tags=[self.random.choice(self.tags)],
        )
        files.attach(article, ContentFile(PDF, f"tep-{number}.pdf"))
        return article

    def one(self, state=State.PUBLISHED) -> Article:
        """An article readers can see, or one in another state, as it is stored."""
        rows = Article.objects.filter(pk__in=[a.pk for a in self.articles], state=state)
        if state == State.PUBLISHED:
            rows = rows.published()
        found = list(rows.order_by("pk"))
        if not found:
            self.articles.append(self.write())
            return self.articles[-1]
        return self.random.choice(found)

    def client(self) -> Client:
        return login(self.administrator)

    def addresses(self) -> list[str]:
        """Every public address there is, or was: what is gone must be gone."""
        fixed = [
            *("/", "/tin-nong/", "/tin-tieu-diem/", "/so-do-trang/", "/lich-cong-tac/"),
            "/thong-ke-truy-cap/",
            *("/rss/", "/lich-cong-tac.ics", "/sitemap.xml", "/sitemap-tin-tuc.xml"),
            *("/sitemap-bai-viet-1.xml", "/sitemap-chuyen-muc-1.xml", "/robots.txt"),
            *("/sitemap-the-1.xml", "/sitemap-trang-1.xml", "/sitemap-danh-sach-1.xml"),
        ]
        rows = [*self.articles, *self.categories, *self.tags]
        paths = [row.get_absolute_url() for row in [*rows, *Page.objects.all()]]
        lists = [c.get_absolute_url() for c in self.categories]
        year, week, _ = timezone.localdate().isocalendar()
        return [
            *fixed,
            *paths,
            *(f"{path}rss/" for path in lists),
            f"{lists[0]}?trang=2",
            f"/lich-cong-tac/{year}-W{week}/",
        ]


EDITS: dict[str, Callable[[Site], object]] = {}


def edit(function):
    EDITS[function.__name__] = function
    return function


# Articles


@edit
def an_article_is_published(site):
    site.articles.append(site.write())


@edit
def an_article_is_withdrawn_without_a_word(site):
    publishing.withdraw(site.one(), note="Sai")


@edit
def an_article_is_withdrawn_with_a_notice(site):
    kind = {"kind": Withdrawal.NOTICE, "notice": "Có sai sót."}
    publishing.withdraw(site.one(), note="Sai", **kind)


@edit
def an_article_is_withdrawn_and_leads_elsewhere(site):
    kind = {"kind": Withdrawal.REDIRECT, "url": "/tin-nong/"}
    publishing.withdraw(site.one(), note="Sai", **kind)


@edit
def a_withdrawn_article_comes_back(site):
    article = site.one(State.WITHDRAWN)
    if article.state == State.WITHDRAWN:
        publishing.publish(article)


@edit
def a_withdrawn_article_goes_into_the_bin(site):
    article = site.one()
    publishing.withdraw(article, kind=Withdrawal.NOTICE, notice="Có sai sót.")
    publishing.trash(Article.objects.get(pk=article.pk))


@edit
def an_article_is_deleted(site):
    site.articles.append(site.write())
    Article.objects.get(pk=site.articles[-1].pk).delete()


@edit
def an_article_ends_by_time(site):
    article = site.one()
    article.expires_at = site.clock.now + timedelta(seconds=20)
    saving.save_article(article)
    yield
    site.clock.pass_(seconds=20)


@edit
def an_article_appears_by_time(site):
    site.articles.append(
        site.write(published_at=site.clock.now + timedelta(seconds=20))
    )
    yield
    site.clock.pass_(seconds=20)


@edit
def an_article_becomes_two_days_old(site):
    site.articles.append(
        site.write(published_at=site.ago(days=2) + timedelta(seconds=20))
    )
    yield
    site.clock.pass_(seconds=20)


@edit
def an_article_gets_another_address(site):
    article = site.one()
    article.slug = f"dia-chi-moi-{next(_numbers)}"
    saving.save_article(article)


@edit
def a_title_is_changed_in_the_form(site):
    article = site.one()
    article.title = f"Tin đã sửa {next(_numbers)}"
    saving.save_article(article)


@edit
def a_revision_of_a_live_article_goes_out(site):
    copy = working_copy.revise(site.one())
    copy.title = f"Bản sửa {next(_numbers)}"
    copy.attachments.all().delete()
    yield
    working_copy.publish(copy, public_note="Sửa số liệu")


@edit
def a_revision_goes_out_at_its_time(site):
    copy = working_copy.revise(site.one())
    copy.title = f"Bản hẹn giờ {next(_numbers)}"
    working_copy.publish(copy, at=site.clock.now + timedelta(seconds=20))
    yield
    site.clock.pass_(seconds=20)
    working_copy.apply_due()


@edit
def a_file_is_attached(site):
    files.attach(site.one(), ContentFile(PDF, "them.pdf"))


@edit
def a_file_is_taken_away(site):
    site.one().attachments.all().delete()


@edit
def a_tag_is_put_on(site):
    site.one().tags.set(site.tags)


@edit
def a_tag_loses_its_articles(site):
    site.tags[0].articles.clear()


@edit
def articles_are_imported(site):
    line = (
        '{"id": "%d", "title": "Tin nhập", "lead": "x", "body": "Một đoạn.",'
        ' "category": "Mục 0", "published_at": "2020-01-02T03:04:05+07:00",'
        ' "source": "Báo"}\n'
    )
    path = site.folder / f"{next(_numbers)}.jsonl"
    path.write_text(line % next(_numbers))
    assert import_file(path, lambda *_: None, lambda *_: None).written == 1


# What readers know nothing of


@edit
def a_draft_is_written_and_deleted(site):
    for category in (site.categories[0], site.categories[2]):  # related by their tags
        site.articles.append(site.write())
        publishing.move(site.articles[-1], category)
        site.articles[-1].tags.set(site.tags)
    yield
    draft = Article(title="Nháp", category=site.random.choice(site.categories))
    figure = f'<figure data-image="{site.image.pk}" data-alt="Ảnh"></figure>'
    saving.save_article(draft, body="<p>Một.</p>", tags=site.tags)
    yield
    saving.save_article(draft, body=f"<p>Hai.</p>{figure}", tags=[])
    yield
    files.attach(draft, ContentFile(PDF, "nhap.pdf"))
    draft.tags.set(site.tags)
    yield
    publishing.submit(draft)
    yield
    draft.delete()


@edit
def a_revision_is_begun_and_dropped(site):
    copy = working_copy.revise(site.one())
    yield
    saving.save_article(copy, body="<p>Bản sửa dở.</p>", tags=site.tags)
    yield
    working_copy.discard(copy)


# The list of the back office: many at once


def act_on(site, action: str, articles, **answers) -> None:
    answer = site.client().post(
        "/admin/news/article/",
        {
            "action": action,
            "_selected_action": [article.pk for article in articles],
            "apply": "1",
            **answers,
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]


@edit
def several_articles_are_moved_at_once(site):
    target = site.random.choice(site.categories)
    act_on(site, "move_selected", [site.one(), site.one()], category=target.pk)


@edit
def several_articles_are_withdrawn_at_once(site):
    kind = {"act-kind": "gone", "act-note": "Sai sót nhiều"}
    act_on(site, "withdraw_selected", [site.one(), site.one()], **kind)


@edit
def several_articles_become_hot_at_once(site):
    act_on(site, "place_selected", [site.one(), site.one()], list="hot")


@edit
def a_field_is_changed_by_the_queryset(site):
    """Past all signals, as a shell does; the queryset itself tells."""
    Article.objects.filter(pk=site.one().pk).update(title=f"Lô {next(_numbers)}")


@edit
def rows_are_changed_and_made_in_bulk(site):
    site.linked.name = f"Cổng {next(_numbers)}"
    LinkedSite.objects.bulk_update([site.linked], ["name"])
    WorkEvent.objects.bulk_create(
        [WorkEvent(day=timezone.localdate(), content=f"Họp {next(_numbers)}")]
    )


# Lists


@edit
def hot_news_is_put_into_another_order(site):
    entries = ListEntry.objects.filter(list="hot").order_by("position", "-pk")
    seen = [entry.pk for entry in entries]
    wanted = site.random.sample(seen, len(seen))
    list_order.save_order(site.administrator, "hot", seen, wanted, site.clock.now)


@edit
def an_entry_begins_and_ends_by_time(site):
    article = site.write()
    site.articles.append(article)
    second = timedelta(seconds=1)
    begin, end = site.clock.now + 20 * second, site.clock.now + 40 * second
    list_order.add("focus", article, site.clock.now, begin, end)
    yield
    site.clock.pass_(seconds=20)
    yield
    site.clock.pass_(seconds=20)


@edit
def an_entry_is_ended_and_removed(site):
    now = site.clock.now
    ListEntry.objects.filter(starts_at=None).update(starts_at=now - timedelta(hours=1))
    yield
    for entry in ListEntry.objects.filter(ends_at=None)[:1]:
        list_order.end_now(entry, now)
    yield
    list_order.remove_ended(site.administrator, "hot", now)


# Categories, tags, units, authors


@edit
def a_category_is_renamed(site):
    category = site.random.choice(site.categories)
    category.name = f"Mục mới {next(_numbers)}"
    category.save()


@edit
def a_category_gets_another_address(site):
    category = Category.objects.get(pk=site.random.choice(site.categories).pk)
    category.slug = f"muc-{next(_numbers)}"
    category.save()
    # The old address stays among those asked for: site.categories keeps it.


@edit
def a_category_is_hidden_or_shown(site):
    category = Category.objects.get(pk=site.categories[1].pk)
    category.is_visible = not category.is_visible
    category.save()


@edit
def a_category_moves_under_another(site):
    category = Category.objects.get(pk=site.categories[2].pk)
    category.parent = None if category.parent else site.categories[1]
    category.save()


@edit
def a_tag_is_renamed(site):
    tag = Tag.objects.get(pk=site.tags[1].pk)
    tag.name = f"thẻ mới {next(_numbers)}"
    tag.save()


@edit
def a_tag_is_deleted(site):
    tag = make_tag()
    site.one().tags.add(tag)
    yield
    tag.delete()


@edit
def a_unit_and_an_author_are_renamed(site):
    site.units[0].name = f"Phòng {next(_numbers)}"
    site.units[0].save()
    yield
    site.author.name = f"Tác giả {next(_numbers)}"
    site.author.save()


@edit
def an_unused_unit_is_deleted(site):
    Unit.objects.filter(pk=make_unit().pk).delete()


# Pictures


@edit
def a_picture_gets_another_file(site):
    image = Image.objects.get(pk=site.image.pk)
    colour = tuple(site.random.randrange(256) for _ in range(3))
    images.replace(image, picture(colour))
    saving.picture_changed(image)


@edit
def a_picture_gets_other_words(site):
    image = Image.objects.get(pk=site.image.pk)
    image.credit = f"Ảnh: Hà {next(_numbers)}"
    image.default_alt = f"Cảnh {next(_numbers)}"
    image.save()
    saving.picture_changed(image)


@edit
def a_picture_is_deleted(site):
    image = images.create_image(picture(), title="Bỏ")
    article = site.one()
    article.cover = image
    saving.save_article(article)
    yield
    article.cover = None
    saving.save_article(article)
    library.only_unused(Image.objects.filter(pk=image.pk)).get().delete()


# What stands around


@edit
def the_menu_is_edited(site):
    site.menu.label = f"Mục lục {next(_numbers)}"
    site.menu.save()
    yield
    MenuItem.objects.create(label="Ngoài", link="https://b.gov.vn", position=9)
    yield
    MenuItem.objects.filter(label="Ngoài").delete()


@edit
def a_linked_site_is_changed(site):
    linked = LinkedSite.objects.get(pk=site.linked.pk)
    linked.name, linked.logo = f"Cổng {next(_numbers)}", site.image
    linked.save()
    yield
    LinkedSite.objects.create(name="Thêm", url="https://c.gov.vn")
    yield
    LinkedSite.objects.filter(name="Thêm").delete()


@edit
def the_site_settings_are_changed(site):
    settings = SiteSettings.load()
    settings.name, settings.phone = f"Sở {next(_numbers)}", "0236 3 555 666"
    settings.banner = site.random.choice([None, site.image])
    settings.save()


@edit
def a_standing_page_is_changed_hidden_and_shown(site):
    page = Page.objects.get(pk=site.page.pk)
    page.body = f"<p>Chức năng {next(_numbers)}</p>"
    page.save()
    yield
    page.is_published = False
    page.save()
    yield
    page.is_published, page.slug = True, f"gioi-thieu-{next(_numbers)}"
    page.save()


@edit
def the_calendar_is_changed(site):
    event = WorkEvent.objects.get(pk=site.event.pk)
    event.is_cancelled = not event.is_cancelled
    event.save()
    yield
    other = WorkEvent.objects.create(day=timezone.localdate(), content="Họp báo")
    yield
    other.delete()


@edit
def the_day_changes(site):
    site.clock.pass_(days=1)


@edit
def visits_are_carried_over_and_corrected(site):
    today = timezone.localdate()
    entry = ledger.LedgerEntry(delta=next(_numbers) * 1000, day=today, reason="Bù số")
    ledger.add(entry)
    yield
    ledger.undo(entry)


# The comparison


@contextmanager
def nothing_remembered(monkeypatch):
    """As in a process that has just started: what is kept by edition is not found."""
    unlike_any_other = dataclasses.replace(
        generation.current(), generation=-next(_numbers)
    )
    with monkeypatch.context() as patched:
        patched.setattr(generation, "current", lambda now=None: unlike_any_other)
        patched.setattr(generation, "edition", lambda now=None: unlike_any_other)
        totals.forget()
        yield


class Watch:
    """Keeps every page of a site in a page cache and compares it with a fresh one."""

    def __init__(self, site: Site, monkeypatch):
        self.site, self.monkeypatch = site, monkeypatch
        self.rendered = 0
        self.disk = PageDisk(site.folder / "pages", 500 * 2**20)
        self.cached = Reader(PageCache(self.render, 50_000_000, self.disk))
        self.fresh = Reader(page_cache.app)
        self.known: dict[str, None] = {}

    def render(self, environ, start_response):
        self.rendered += 1
        return page_cache.app(environ, start_response)

    def ask(self, reader, address: str) -> tuple[int, str, bytes]:
        path, _, query = address.partition("?")
        status, headers, body = reader(path, query=query)
        return status, headers.get("Location", ""), READ_AT.sub(rb"\1", body)

    def keep_all(self) -> None:
        """Have every page stored, those of addresses that were once there too."""
        self.known |= dict.fromkeys(self.site.addresses())
        statuses = {a: self.ask(self.cached, a)[0] for a in self.known}
        before = self.rendered
        for address, status in statuses.items():
            if status in (200, 410):
                self.ask(self.cached, address)
        assert self.rendered == before, "every page is answered from the store"
        self.disk.write_waiting()
        self.disk.follow()
        assert len(self.files()) > 10
        self.disk.sweep()

    def files(self) -> dict[str, bytes]:
        """Return what nginx answers with, by address."""
        root = self.disk.root / "current"
        return {
            f"/{'' if folder == root else f'{folder.relative_to(root)}/'}": READ_AT.sub(
                rb"\1", (folder / "index.html").read_bytes()
            )
            for folder in (file.parent for file in root.rglob("index.html"))
        }

    def compare(self, after: str) -> None:
        self.known |= dict.fromkeys(self.site.addresses())
        kept = {address: self.ask(self.cached, address) for address in self.known}
        self.disk.follow()
        files = self.files()
        with nothing_remembered(self.monkeypatch):
            fresh = {address: self.ask(self.fresh, address) for address in self.known}
        wrong = [
            f"{address}: {kept[address][:2]} is {fresh[address][:2]}\n"
            + difference(kept[address][2], fresh[address][2])
            for address in self.known
            if kept[address] != fresh[address]
        ]
        wrong += [
            f"{address} on the disk\n" + difference(file, fresh[address][2])
            for address, file in files.items()
            if (200, "", file) != fresh[address]
        ]
        assert not wrong, f"out of date after: {after}\n" + "\n".join(wrong[:3])


def difference(kept: bytes, fresh: bytes) -> str:
    lines = difflib.unified_diff(
        kept.decode(errors="replace").splitlines(),
        fresh.decode(errors="replace").splitlines(),
        "stored",
        "fresh",
        lineterm="",
        n=0,
    )
    return "\n".join(line[:300] for line in itertools.islice(lines, 20))


def parts_of(name: str, site: Site):
    """Do an edit; yield after each part that readers may see by itself."""
    parts = EDITS[name](site)
    if inspect.isgenerator(parts):
        yield from parts
    yield


@pytest.fixture
def watch(monkeypatch, tmp_path):
    def make(seed: int) -> Watch:
        site = Site(Clock(monkeypatch), seed)
        site.folder = tmp_path
        # Other encodings of the same words, and power failures, are tested elsewhere.
        monkeypatch.setattr(Bodies, "all", lambda self: {"": self[""]})
        monkeypatch.setattr(os, "fsync", lambda file: None)
        # So few that a tag of one more article decides what is related.
        monkeypatch.setattr(article_page, "TAGGED_CANDIDATES", 3)
        article_page._neighbours_of._compiled.clear()
        totals.forget()
        generation.refresh()
        return Watch(site, monkeypatch)

    yield make
    totals.forget()
    article_page._neighbours_of._compiled.clear()


@pytest.mark.parametrize(
    ("seed", "place"),
    # Both look at the same row for what is new; only who tells them to differs. So each
    # database sees one of them.
    [
        (2, "another process")
        if connection.vendor == "postgresql"
        else (1, "this worker")
    ],
)
def test_no_stored_page_is_ever_out_of_date(
    watch, seed, place, django_capture_on_commit_callbacks
):
    seed = int(os.environ.get("PAGES_SEED", seed))
    watch = watch(seed)
    order = list(EDITS)
    watch.site.random.shuffle(order)
    for name in order:
        parts, is_over = parts_of(name, watch.site), False
        for number in itertools.count(1):
            watch.keep_all()
            # What an earlier edit left there belongs to the other process.
            connection.run_on_commit.clear()
            if place == "this worker":
                with django_capture_on_commit_callbacks(execute=True):
                    is_over = next(parts, OVER) is OVER
            else:
                is_over = next(parts, OVER) is OVER
                watcher.tick()
            if is_over:
                break
            watch.compare(f"{name}, part {number} (seed {seed}, {place})")
