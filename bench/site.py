"""A synthetic site: enough articles for lists and search to have work to do."""

import random
from datetime import timedelta

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from news.models import Article, Category, ListEntry, State
from news.signals import articles_changed

WORDS = """
sở khoa học công nghệ tỉnh chuyển đổi số hội nghị triển khai kế hoạch năm đề tài nghiên
cứu ứng dụng nông nghiệp sáng tạo doanh nghiệp cải cách hành chính đảng bộ thông báo kết
quả đo lường chất lượng tiêu chuẩn giáo dục đường biển rừng núi hạ tầng dữ liệu người
dân phường xã thành phố quản lý nhà nước hợp tác quốc tế
"""
SYLLABLES = WORDS.split()


def sentence(random_, words: int) -> str:
    text = " ".join(random_.choices(SYLLABLES, k=words))
    return text[0].upper() + text[1:] + "."


def build(count: int) -> None:
    """Migrate the empty database and write `count` published articles."""
    call_command("migrate", interactive=False, verbosity=0)
    random_ = random.Random(1)
    parents = [
        Category.objects.create(name=f"Chuyên mục {n}", position=n) for n in range(4)
    ]
    categories = parents + [
        Category.objects.create(name=f"Mục con {n}", parent=parents[n % 4])
        for n in range(4)
    ]
    now = timezone.now()
    rows = []
    for number in range(count):
        paragraphs = [sentence(random_, 60) for _ in range(10)]
        html = "".join(f"<p>{p}</p>" for p in paragraphs)
        rows.append(
            Article(
                title=sentence(random_, 14)[:-1],
                slug=f"bai-{number}",
                category=random_.choice(categories),
                sapo=sentence(random_, 40),
                body=html,
                body_html=html,
                body_text="\n".join(paragraphs),
                state=State.PUBLISHED,
                published_at=now - timedelta(minutes=7 * number + 1),
            )
        )
    for start in range(0, count, 500):
        with transaction.atomic():
            made = Article.objects.bulk_create(rows[start : start + 500])
            articles_changed.send(Article, article_ids=[a.pk for a in made])
    newest = Article.objects.order_by("-published_at")[:8]
    ListEntry.objects.bulk_create(
        ListEntry(
            list=ListEntry.List.HOT if n < 5 else ListEntry.List.FOCUS,
            article=article,
            position=n,
        )
        for n, article in enumerate(newest)
    )
