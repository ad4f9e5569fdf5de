from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.utils import timezone

from news.models import Article, Category, ListEntry, State, subtree_ids
from news.paging import PER_PAGE, CategoryIds
from tests.factories import make_article, make_category, make_list_entry

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)

VISIBILITY = [
    ("published an hour ago", State.PUBLISHED, -HOUR, None, True),
    ("published at this instant", State.PUBLISHED, timedelta(0), None, True),
    ("scheduled", State.PUBLISHED, HOUR, None, False),
    ("ends later", State.PUBLISHED, -HOUR, HOUR, True),
    ("ends at this instant", State.PUBLISHED, -HOUR, timedelta(0), False),
    ("expired", State.PUBLISHED, -2 * HOUR, -HOUR, False),
    ("draft", State.DRAFT, -HOUR, None, False),
    ("in review", State.IN_REVIEW, -HOUR, None, False),
    ("withdrawn", State.WITHDRAWN, -HOUR, None, False),
    ("trashed", State.TRASHED, -HOUR, None, False),
]


@pytest.mark.parametrize(
    ("state", "begins", "ends", "is_public"),
    [case[1:] for case in VISIBILITY],
    ids=[case[0] for case in VISIBILITY],
)
def test_row_rule_and_set_rule_of_published_agree(state, begins, ends, is_public):
    article = make_article(
        state=state,
        published_at=NOW + begins,
        expires_at=None if ends is None else NOW + ends,
    )
    assert article.is_published(NOW) is is_public
    assert Article.objects.published(NOW).exists() is is_public


def test_published_without_a_date_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_article(published_at=None)


def test_an_end_before_the_beginning_is_refused_twice():
    article = make_article()
    article.expires_at = article.published_at - HOUR
    with pytest.raises(ValidationError):
        article.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        article.save()


def test_in_category_finds_subtree_and_further_categories_once():
    top = make_category()
    child = make_category(parent=top)
    other = make_category()
    in_child = make_article(category=child, further_categories=[top])
    further = make_article(category=other, further_categories=[child])
    make_article(category=other)
    found = list(Article.objects.in_category(top).values_list("pk", flat=True))
    assert sorted(found) == sorted([in_child.pk, further.pk])


def test_articles_of_categories_are_counted_as_they_are_found():
    first, second, third = (make_category() for _ in range(3))
    make_article(category=first)
    make_article(category=first, further_categories=[second, third])
    make_article(category=second, further_categories=[first, third])
    make_article(category=third, further_categories=[first, second])
    make_article(category=third)
    make_article(category=first, state=State.DRAFT)
    public = Article.objects.published()
    for ids in ([first.pk], [first.pk, second.pk], [second.pk, third.pk], []):
        found = public.in_categories(ids)
        counted = sum(number for _pk, number in public.counts_in_categories(ids))
        assert counted == len(found) == found.count()


def test_a_loop_in_the_tree_is_refused_and_survived():
    top = make_category()
    child = make_category(parent=top)
    top.parent = child
    with pytest.raises(ValidationError):
        top.clean()
    Category.objects.filter(pk=top.pk).update(parent=child)
    assert set(subtree_ids(top.pk)) == {top.pk, child.pk}


def test_slug_is_made_once_and_kept():
    article = make_article(title="Đường Đà Nẵng")
    assert article.slug == "duong-da-nang"
    article.title = "Tiêu đề khác"
    article.save()
    assert article.slug == "duong-da-nang"


def test_two_categories_of_one_name_get_two_slugs():
    slugs = {make_category(name="Thời sự").slug for _ in range(3)}
    assert slugs == {"thoi-su", "thoi-su-2", "thoi-su-3"}


def test_list_entry_begins_and_ends_by_itself():
    entry = make_list_entry(starts_at=NOW, ends_at=NOW + HOUR)
    assert not ListEntry.objects.running(NOW - timedelta(seconds=1)).exists()
    assert ListEntry.objects.running(NOW).get() == entry
    assert not ListEntry.objects.running(NOW + HOUR).exists()


def test_an_article_is_once_in_a_list():
    entry = make_list_entry()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_list_entry(article=entry.article)
    make_list_entry(article=entry.article, list=ListEntry.List.FOCUS)


def test_a_list_shows_running_entries_of_what_is_public_in_hand_order():
    third, first, second = (make_list_entry(position=n) for n in (3, 1, 2))
    make_list_entry(article=make_article(state=State.DRAFT))
    ended = make_article(published_at=NOW - 3 * HOUR, expires_at=NOW - HOUR)
    make_list_entry(article=ended)
    make_list_entry(article=make_article(published_at=NOW + HOUR))
    make_list_entry(ends_at=NOW - HOUR)
    assert list(ListEntry.objects.shown(NOW)) == [first, second, third]


def test_ids_of_categories_are_what_in_categories_finds_page_by_page():
    top = make_category()
    below, other = make_category(parent=top), make_category()
    for n in range(23):
        make_article(
            category=(top, below)[n % 2], published_at=NOW - HOUR * (n * 7 % 23 + 1)
        )
    make_article(category=other, further_categories=[below, top])
    make_article(category=below, state=State.DRAFT)
    make_article(category=other)
    for ids in ([top.pk, below.pk], [below.pk], [other.pk], [make_category().pk]):
        public = Article.objects.published().in_categories(ids).newest_first()
        expected = list(public.values_list("pk", flat=True))
        paginator = Paginator(CategoryIds(ids), PER_PAGE)
        assert paginator.count == len(expected)
        found = [pk for page in paginator for pk in page.object_list]
        assert found == expected
