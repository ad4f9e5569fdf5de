"""A site to measure: articles with pictures, tags and files, and all furniture.

The rows are those of a site in use; the files of its pictures and attachments do
not exist, because no measurement reads them.
"""

import itertools
import random
from datetime import time, timedelta

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django.utils.html import escape

from bench.search.articles import Source, source
from news.body import public_html
from news.html import read
from news.models import (
    Article,
    Attachment,
    Author,
    Category,
    Image,
    ListEntry,
    Placement,
    State,
    Tag,
    Unit,
)
from news.signals import articles_changed
from news.text import slugify_vi
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent

TOP_CATEGORIES = 6
IMAGES = 400
TAGS = 60
BATCH = 500
STEP = timedelta(hours=5)  # from one article to the next: 20,000 are eleven years
WIDTHS = (480, 800, 1200)


def build(count: int, corpus: str | None = None) -> Source:
    """Migrate the database and write `count` published articles, unless it has them.

    They come from `corpus` (JSON lines, .gz or not), or are made up.
    """
    call_command("migrate", interactive=False, verbosity=0)
    articles = source(count, corpus)
    if Article.objects.count() >= articles.count:  # a site that was kept
        return articles
    random_ = random.Random(1)
    images = _images()
    makers = {
        "units": _made(Unit, "Phòng chuyên môn", 6),
        "authors": _made(Author, "Phóng viên", 10),
    }
    tags = Tag.objects.bulk_create(
        Tag(name=f"thẻ số {n}", slug=f"the-so-{n}") for n in range(TAGS)
    )
    categories: dict[str, Category] = {}
    numbered = enumerate(articles.rows)
    begin = timezone.now() - STEP * articles.count
    while batch := list(itertools.islice(numbered, BATCH)):
        rows = [
            _article(random_, row, begin + STEP * n, categories, images, **makers)
            for n, row in batch
        ]
        with transaction.atomic():
            made = Article.objects.bulk_create(rows)
            _tag_and_attach(random_, made, tags)
            articles_changed.send(Article, article_ids=[a.pk for a in made])
    _furnish(images[0])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # what its daemon does within minutes
            cursor.execute("VACUUM ANALYZE")
    return articles


def _made(model, name: str, count: int) -> list:
    return model.objects.bulk_create(model(name=f"{name} {n}") for n in range(count))


def _images() -> list[Image]:
    def size(number: int, width: int, height: int) -> dict:
        path = f"anh/{number % 256:02x}/{number:016x}-{width}"
        return {"avif": f"{path}.avif", "jpg": f"{path}.jpg", "w": width, "h": height}

    return Image.objects.bulk_create(
        Image(
            title=f"Ảnh {number}",
            file=f"originals/{number:032x}.jpg",
            file_hash=f"{number:064x}",
            width=1800,
            height=1200,
            default_alt="Đại biểu tại hội nghị",
            credit="Ảnh: Minh Hà",
            renditions={
                **{str(w): size(number, w, w * 2 // 3) for w in WIDTHS},
                "og": size(number, 1200, 630),
                "logo": {"png": f"anh/{number:016x}.png", "w": 72, "h": 72},
            },
        )
        for number in range(IMAGES)
    )


def _category(categories: dict[str, Category], name: str) -> Category:
    """The first names are sections, the others stand below them."""
    if name not in categories:
        tops = [c for c in categories.values() if c.parent is None]
        parent = None
        if len(tops) >= TOP_CATEGORIES:
            parent = tops[len(categories) % TOP_CATEGORIES]
        categories[name] = Category.objects.create(
            name=name, parent=parent, position=len(categories)
        )
    return categories[name]


def _article(random_, row, published_at, categories, images, units, authors):
    paragraphs = [p for p in row.body.split("\n") if p]
    stored = [f"<p>{escape(p)}</p>" for p in paragraphs]
    cover = random_.choice(images) if random_.random() < 0.8 else None
    shown = [*stored]
    if cover and random_.random() < 0.5:
        shown.insert(min(2, len(shown)), _figure(random_.choice(images)))
    return Article(
        title=row.title[:300],
        slug=slugify_vi(row.title),
        category=_category(categories, row.category),
        sapo=row.lead[:2000],
        cover=cover,
        show_cover=bool(cover),
        cover_caption="Quang cảnh hội nghị" if cover else "",
        signature_unit=random_.choice(units),
        author=random_.choice(authors),
        state=State.PUBLISHED,
        published_at=published_at,
        body="".join(stored),
        body_html="".join(shown),
        body_text="\n".join(paragraphs),
    )


def _figure(image: Image) -> str:
    placement = Placement(image=image, caption="Đại biểu dự hội nghị", alt="Hội nghị")
    return public_html(read('<figure data-placement="1"></figure>'), {1: placement})


def _tag_and_attach(random_, articles: list[Article], tags: list[Tag]) -> None:
    tagging = Article.tags.through
    tagging.objects.bulk_create(
        tagging(article=article, tag=tag)
        for article in articles
        for tag in random_.sample(tags, 3)
    )
    Attachment.objects.bulk_create(
        Attachment(
            article=article,
            title="Kế hoạch kèm theo",
            file=f"attachments/{article.pk}.pdf",
            file_name="ke-hoach.pdf",
            content_type="application/pdf",
            size_bytes=120_000,
        )
        for article in articles[::5]
    )


def _furnish(emblem: Image) -> None:
    """Identity, menu, calendar, linked sites, hot news and focus."""
    SiteSettings.objects.create(
        name="Sở Khoa học và Công nghệ",
        parent_name="Uỷ ban nhân dân tỉnh",
        slogan="Vì nhân dân phục vụ",
        emblem=emblem,
        address="12 Trần Hưng Đạo",
        phone="0203 3 123 456",
        email="skhcn@example.gov.vn",
        responsible_person="Nguyễn Văn An – Phó Giám đốc",
        licence="Giấy phép số 45/GP-TTĐT",
        description="Tin tức và hoạt động của Sở Khoa học và Công nghệ.",
    )
    pages = [
        Page.objects.create(title=f"Giới thiệu {n}", body="<p>Chức năng.</p>" * 20)
        for n in range(3)
    ]
    about = MenuItem.objects.create(page=pages[0], position=0)
    for page in pages[1:]:
        MenuItem.objects.create(parent=about, page=page)
    for position, top in enumerate(Category.objects.filter(parent=None), 1):
        item = MenuItem.objects.create(category=top, position=position)
        for child in top.children.all():
            MenuItem.objects.create(parent=item, category=child)
    today = timezone.localdate()
    WorkEvent.objects.bulk_create(
        WorkEvent(
            day=today + timedelta(days=n // 2),
            starts_at=time(8 + n % 2 * 6),
            content="Họp giao ban, kiểm điểm công tác tuần và triển khai nhiệm vụ",
            leader="Giám đốc Sở",
            place="Phòng họp số 1",
        )
        for n in range(10)
    )
    LinkedSite.objects.bulk_create(
        LinkedSite(name=f"Cổng thông tin {n}", url=f"https://p{n}.example.gov.vn/")
        for n in range(8)
    )
    newest = Article.objects.published().newest_first()
    hot, focus = newest[10:16], newest[20:26]
    ListEntry.objects.bulk_create(
        ListEntry(list=name, article=article, position=n)
        for name, articles in (("hot", hot), ("focus", focus))
        for n, article in enumerate(articles)
    )


def addresses() -> dict[str, str]:
    """One address of each kind of page, by its name in the tables."""
    articles = Article.objects.published().newest_first().filter(cover__isnull=False)
    # In the midst of the years, with everything an article can show.
    article = articles.filter(attachments__isnull=False)[articles.count() // 25]
    category = Category.objects.filter(parent=None).first()
    words = " ".join(article.title.split()[:2])
    return {
        "article": article.get_absolute_url(),
        "home": "/",
        "category": category.get_absolute_url(),
        "category, page 2": category.get_absolute_url() + "?trang=2",
        "hot list": "/tin-nong/",
        "tag": Tag.objects.all()[0].get_absolute_url(),
        "search": f"/tim-kiem/?q={words}",
        "standing page": Page.objects.all()[0].get_absolute_url(),
        "calendar": "/lich-cong-tac/",
        "site map": "/so-do-trang/",
    }
