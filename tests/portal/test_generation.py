from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from news.models import Article, ListEntry
from news.signals import articles_changed
from portal import generation
from portal.models import LinkedSite, MenuItem, SiteSettings
from tests.factories import make_article, make_category, make_list_entry, make_tag

pytestmark = pytest.mark.django_db


CHANGES = {
    "an article is saved": lambda a: a.save(),
    "an article is deleted": lambda a: a.delete(),
    "a tag is put on it": lambda a: a.tags.add(make_tag()),
    "a further category": lambda a: a.further_categories.add(make_category()),
    "a category is renamed": lambda a: a.category.save(),
    "a hot entry": lambda a: make_list_entry(article=a),
    "the menu": lambda a: MenuItem.objects.create(category=a.category),
    "a linked site": lambda a: LinkedSite.objects.create(name="x", url="http://x.vn"),
    "the site's name": lambda a: SiteSettings(name="Sở").save(),
    "a bulk change": lambda a: articles_changed.send(Article, article_ids=[a.pk]),
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_every_public_change_moves_the_generation(change):
    article = make_article()
    before = generation.stored_generation()
    change(article)
    assert generation.stored_generation() > before


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_does_not_hide_the_next_one():
    article = make_article()
    before = generation.stored_generation()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        article.save()
        raise ZeroDivisionError
    assert generation.stored_generation() == before
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            article.save()
            raise ZeroDivisionError
        article.save()
    assert generation.stored_generation() > before


def test_edition_ends_at_the_next_publication():
    now = timezone.now()
    soon = now + timedelta(seconds=30)
    make_article(published_at=soon)
    known = generation.refresh(now)
    assert generation.edition(now + timedelta(seconds=29)) == known
    assert generation.edition(soon) is None
    assert generation.refresh(soon) != known


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_edition_ends_when_a_list_entry_begins_or_ends(field):
    now = timezone.now()
    soon = now + timedelta(seconds=30)
    make_list_entry(list=ListEntry.List.FOCUS, **{field: soon})
    assert generation.next_timed_change(now) == soon


def test_edition_ends_at_expiry():
    now = timezone.now()
    soon = now + timedelta(seconds=30)
    make_article(expires_at=soon)
    assert generation.next_timed_change(now) == soon


def test_edition_ends_at_local_midnight_and_after_five_minutes():
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    known = generation.refresh(noon)
    assert generation.edition(noon + timedelta(minutes=4, seconds=59)) == known
    assert generation.edition(noon + timedelta(minutes=5)) is None
    late = noon.replace(hour=23, minute=58)
    assert generation.next_timed_change(late) == late + timedelta(minutes=2)


def test_what_was_known_goes_on_without_the_database_what_was_withdrawn_not():
    now = timezone.now()
    old = generation.refresh(now)
    assert generation.is_last_known(old)
    generation.refresh(now + timedelta(minutes=6))  # only the counter grew old
    assert generation.is_last_known(old)
    make_article()
    new = generation.refresh(now + timedelta(minutes=7))
    assert not generation.is_last_known(old)
    assert generation.is_last_known(new)


def test_a_page_from_before_a_timed_end_is_not_last_known():
    now = timezone.now()
    make_article(expires_at=now + timedelta(seconds=30))
    old = generation.refresh(now)
    generation.refresh(now + timedelta(seconds=31))
    assert not generation.is_last_known(old)


def test_a_hanging_database_lets_the_others_go_on(monkeypatch):
    generation.refresh()
    monkeypatch.setattr(generation, "LOCK_SECONDS", 0)
    with generation._lock, pytest.raises(OperationalError):
        generation.refresh()


def test_a_clock_set_back_does_not_freeze_the_pages():
    now = timezone.now()
    known = generation.refresh(now + timedelta(hours=3))
    assert generation.refresh(now) != known


def test_a_process_without_watcher_always_asks():
    assert generation.edition() is None
    before = generation.current()
    make_article()
    assert generation.current().generation > before.generation
