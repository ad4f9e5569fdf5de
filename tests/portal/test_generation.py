from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from news import publishing, saving, working_copy
from news.files import attach
from news.models import Article, ListEntry, Placement, State
from news.signals import articles_changed
from news.sitemaps import NEWS_AGE
from portal import generation, signals
from portal.generation import Edition
from portal.models import ContentState, LinkedSite, MenuItem, Page, SiteSettings
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
)

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


def undisturbed() -> datetime:
    """Now, or later where local midnight would end the edition within minutes."""
    now = timezone.localtime()
    is_late = (now + timedelta(minutes=10)).date() > now.date()
    return now + timedelta(minutes=11 if is_late else 0)


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_every_public_change_moves_the_generation(change):
    article = make_article()
    before = generation.stored_generation()
    change(article)
    assert generation.stored_generation() > before


def a_draft(**overrides) -> Article:
    return make_article(**{"state": State.DRAFT, "published_at": None} | overrides)


def a_working_copy() -> Article:
    article = make_article()
    attach(article, ContentFile(b"a,b\n", name="a.csv"))
    return working_copy.revise(article)


def _write(article: Article) -> None:
    """What a form for an article saves, with a picture more and one less."""
    placement = Placement.objects.create(article=article, image=PICTURES.pop())
    tags, further = article.tags.all(), article.further_categories.all()
    saving.save_article(
        article, body="<p>Một.</p>", tags=tags, further_categories=further
    )
    assert not Placement.objects.filter(pk=placement.pk).exists()
    attach(article, ContentFile(b"a,b\n", name="b.csv")).delete()


PICTURES, TAGS = [], []
HIDDEN = {
    "a draft": a_draft,
    "one that is to be reviewed": lambda: a_draft(state=State.IN_REVIEW),
    "a draft with a day it is planned for": lambda: make_article(state=State.DRAFT),
    "a working copy": a_working_copy,
    "in the bin, never public": lambda: a_draft(state=State.TRASHED),
}


@pytest.fixture
def material():
    PICTURES[:], TAGS[:] = [make_image()], [make_tag()]


@pytest.mark.parametrize("article", list(HIDDEN.values()), ids=list(HIDDEN))
def test_what_readers_know_nothing_of_leaves_the_generation(article, material):
    article = article()
    before = generation.stored_generation()
    _write(article)
    assert generation.stored_generation() == before


def test_the_tags_of_a_draft_move_it():
    """They count among those that are looked through for related articles."""
    article = a_draft()
    before = generation.stored_generation()
    saving.save_article(article, body="<p>Một.</p>", tags=[make_tag()])
    assert generation.stored_generation() > before


def test_a_new_draft_leaves_the_generation():
    article = Article(title="Mới", category=make_category())
    before = generation.stored_generation()
    saving.save_article(article, body="<p>Một.</p>")
    assert generation.stored_generation() == before


KNOWN = {
    "out": lambda: make_article(),
    "to come by itself": lambda: make_article(
        published_at=timezone.now() + timedelta(days=1)
    ),
    "withdrawn with a word": lambda: make_article(
        state=State.WITHDRAWN, withdrawal="notice"
    ),
    "withdrawn with a word and written anew": lambda: make_article(
        state=State.DRAFT, withdrawal="notice"
    ),
}
PARTS = {
    "its text": lambda a: a.save(),
    "a picture": lambda a: Placement.objects.create(article=a, image=make_image()),
    "a file": lambda a: attach(a, ContentFile(b"a,b\n", name="b.csv")),
    "a file less": lambda a: a.attachments.get().delete(),
    "a tag": lambda a: a.tags.add(*TAGS),
    "an article for a tag": lambda a: TAGS[0].articles.add(a),
    "a further category": lambda a: a.further_categories.set([a.category]),
}


@pytest.mark.parametrize("change", list(PARTS.values()), ids=list(PARTS))
@pytest.mark.parametrize("article", list(KNOWN.values()), ids=list(KNOWN))
def test_every_part_of_what_readers_know_moves_it(article, change, material):
    article = article()
    attach(article, ContentFile(b"a,b\n", name="a.csv"))
    before = generation.stored_generation()
    change(article)
    assert generation.stored_generation() > before


WAYS = {
    "to readers": (a_draft, State.PUBLISHED, ""),
    "to readers as a word": (a_draft, State.WITHDRAWN, "notice"),
    "from readers": (make_article, State.DRAFT, ""),
    "from readers, to the bin": (make_article, State.TRASHED, ""),
    "from readers, with a word": (make_article, State.WITHDRAWN, "notice"),
    "the word is taken back": (KNOWN["withdrawn with a word"], State.WITHDRAWN, ""),
}


@pytest.mark.parametrize(
    ("article", "state", "said"), list(WAYS.values()), ids=list(WAYS)
)
def test_the_way_to_readers_and_from_them_moves_it(article, state, said):
    """Whatever the instance was read as: the row decides what was before."""
    pk = article().pk
    before = generation.stored_generation()
    stale = Article.objects.get(pk=pk)
    stale.state, stale.withdrawal, stale.published_at = state, said, timezone.now()
    stale.save()
    assert generation.stored_generation() > before


def test_a_draft_that_is_deleted_moves_it_since_it_may_have_been_published_since():
    article = a_draft()
    Article.objects.filter(pk=article.pk).update(
        state=State.PUBLISHED, published_at=timezone.now()
    )
    before = generation.stored_generation()
    article.delete()
    assert generation.stored_generation() > before


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nobody_says_what_is_hidden():
    article = a_draft()
    before = generation.stored_generation()
    article.save()
    assert generation.stored_generation() > before


@pytest.mark.skipif(
    "not __import__('django.db').db.connection.features.has_select_for_update",
    reason="SQLite has one writer at a time and no row locks",
)
@pytest.mark.parametrize("part", ["its text", "a picture", "a file", "a file less"])
def test_who_publishes_a_draft_waits_for_what_is_written_in_it(
    part, material, django_assert_max_num_queries
):
    """Or the page made of it would lack that, with nothing that makes it anew."""
    article = a_draft()
    attach(article, ContentFile(b"a,b\n", name="a.csv"))
    with django_assert_max_num_queries(20) as queries:
        PARTS[part](article)
    asked = [q["sql"] for q in queries.captured_queries]
    assert any('"news_article"' in q and "FOR NO KEY UPDATE" in q for q in asked)


@pytest.mark.parametrize(
    "model", list(signals.public_models()), ids=lambda model: model.__name__
)
def test_changes_in_bulk_move_the_generation_too(model):
    """Neither sends signals of its own; bulk_update is made of the first."""
    rows = model.objects.all()
    before = generation.stored_generation()
    rows.update(id=F("id"))
    updated = generation.stored_generation()
    rows.bulk_create([])
    assert before < updated < generation.stored_generation()


@pytest.mark.django_db(transaction=True)
def test_a_change_in_bulk_and_the_generation_are_one_transaction(monkeypatch):
    article = make_article(title="Trước")

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(generation, "bump", fail)
    with pytest.raises(ZeroDivisionError):
        Article.objects.update(title="Sau")
    article.refresh_from_db()
    assert article.title == "Trước"


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
    now = undisturbed()
    soon = now + timedelta(seconds=30)
    make_article(published_at=soon)
    known = generation.refresh(now)
    assert generation.edition(now + timedelta(seconds=29)) == known
    assert generation.edition(soon) is None
    assert generation.refresh(soon) != known


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_edition_ends_when_a_list_entry_begins_or_ends(field):
    now = undisturbed()
    soon = now + timedelta(seconds=30)
    make_list_entry(list=ListEntry.List.FOCUS, **{field: soon})
    assert generation.next_timed_change(now) == soon


def test_edition_ends_at_expiry():
    now = undisturbed()
    soon = now + timedelta(seconds=30)
    make_article(expires_at=soon)
    assert generation.next_timed_change(now) == soon


def test_edition_ends_when_an_article_leaves_the_site_map_of_news():
    now = undisturbed()
    make_article(published_at=now - timedelta(days=3))
    soon = now + timedelta(seconds=30)
    make_article(published_at=soon - NEWS_AGE)
    assert generation.next_timed_change(now) == soon


@pytest.mark.by_the_clock
def test_edition_ends_at_local_midnight_and_after_five_minutes():
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    known = generation.refresh(noon + timedelta(minutes=2))
    assert generation.edition(noon + timedelta(minutes=4, seconds=59)) == known
    assert generation.edition(noon + timedelta(minutes=5)) is None
    late = noon.replace(hour=23, minute=58)
    assert generation.next_timed_change(late) == late + timedelta(minutes=2)


def test_what_was_known_goes_on_without_the_database_what_was_withdrawn_not():
    now = undisturbed()
    old = generation.refresh(now)
    assert generation.is_last_known(old)
    generation.refresh(now + timedelta(minutes=6))  # only the counter grew old
    assert generation.is_last_known(old)
    make_article()
    new = generation.refresh(now + timedelta(minutes=7))
    assert not generation.is_last_known(old)
    assert generation.is_last_known(new)


def test_a_page_from_before_a_timed_end_is_not_last_known():
    now = undisturbed()
    make_article(expires_at=now + timedelta(seconds=30))
    old = generation.refresh(now)
    generation.refresh(now + timedelta(seconds=31))
    assert not generation.is_last_known(old)


def test_a_hanging_database_lets_the_others_go_on(monkeypatch):
    generation.refresh()
    monkeypatch.setattr(generation, "LOCK_SECONDS", 0)
    with generation._lock, pytest.raises(OperationalError):
        generation.refresh()


@pytest.mark.django_db(transaction=True)
def test_a_change_is_not_refused_after_its_commit(monkeypatch):
    generation.refresh()
    monkeypatch.setattr(generation, "LOCK_SECONDS", 0)
    with generation._lock:
        make_article()
    assert generation.moved.is_set(), "the watcher looks at once"


def test_a_clock_set_back_does_not_freeze_the_pages():
    now = undisturbed()
    known = generation.refresh(now + timedelta(hours=3))
    assert generation.refresh(now) != known


@pytest.mark.by_the_clock
def test_two_processes_name_the_same_edition():
    now = timezone.localtime().replace(hour=12, minute=1, second=0, microsecond=0)
    make_article(published_at=now + timedelta(seconds=30))
    one = generation.refresh(now)
    generation.forget()
    assert generation.refresh(now + timedelta(seconds=20)) == one
    generation.forget()
    assert generation.refresh(now + timedelta(seconds=30)) != one
    four = generation.refresh(now + timedelta(minutes=4))
    generation.forget()
    assert generation.refresh(now + timedelta(minutes=8, seconds=59)) == four


def test_an_edition_is_read_from_its_name():
    known = generation.refresh()
    assert Edition.named(known.name) == known
    for name in ("current", "1-2026", "..", "1-20261399T000000000000Z", "", "a-b"):
        assert Edition.named(name) is None, name


def test_the_edition_before_is_told_for_a_second_after_its_last_look(monkeypatch):
    clock = {"now": 100.0}
    monkeypatch.setattr(generation.time, "monotonic", lambda: clock["now"])
    old = generation.refresh()
    clock["now"] = 100.4
    generation.refresh()
    SiteSettings(name="Sở mới").save()
    clock["now"] = 100.9
    generation.refresh()
    assert generation.just_ended(1.0) == old
    clock["now"] = 101.3
    assert generation.just_ended(1.0) == old
    clock["now"] = 101.5  # it may have ended right after 100.4
    assert generation.just_ended(1.0) is None


def test_a_new_version_begins_a_new_edition_of_a_site_in_use_only():
    generation.renew()
    assert not ContentState.objects.exists()
    make_article()
    before = generation.refresh()
    generation.renew()
    assert generation.refresh() != before


# What may be shown of an earlier edition while the application is down


def hide(instance, name):
    setattr(instance, name, False)
    instance.save()


LOSSES = {
    "an article is withdrawn": lambda a: publishing.withdraw(a, note="Sai số liệu."),
    "an article is deleted": lambda a: a.delete(),
    "its time is put off": lambda a: change(
        a, published_at=timezone.now() + timedelta(days=1)
    ),
    "a bulk change": lambda a: articles_changed.send(Article, article_ids=[a.pk]),
    "a category is hidden": lambda a: hide(a.category, "is_visible"),
    "a page is hidden": lambda a: hide(Page.objects.get(), "is_published"),
    "a linked site goes": lambda a: LinkedSite.objects.all().delete(),
}
NO_LOSSES = {
    "another article comes": lambda a: make_article(),
    "a draft is written": lambda a: change(
        make_article(state=State.DRAFT, published_at=None)
    ),
    "a word is corrected": lambda a: change(a, title="Tiêu đề đúng"),
    "the counter grows old": lambda a: None,
}


def change(article, **values):
    for name, value in values.items():
        setattr(article, name, value)
    article.save()


@pytest.mark.parametrize("change_", list(LOSSES.values()), ids=list(LOSSES))
def test_what_readers_lost_ends_the_use_of_earlier_editions(change_):
    article = make_article()
    LinkedSite.objects.create(name="x", url="http://x.vn")
    Page.objects.create(title="Trang")
    before = generation.refresh()
    assert generation.may_follow(before)
    change_(article)
    assert not generation.may_follow(before)
    assert generation.may_follow(generation.refresh())


@pytest.mark.parametrize("change_", list(NO_LOSSES.values()), ids=list(NO_LOSSES))
def test_what_only_came_does_not(change_):
    article = make_article()
    before = generation.refresh()
    change_(article)
    assert generation.may_follow(before)


def test_an_end_by_time_ends_the_use_of_earlier_editions():
    now = undisturbed()
    make_article(expires_at=now + timedelta(seconds=30))
    before = generation.refresh(now)
    assert generation.may_follow(before, now + timedelta(seconds=29))
    assert not generation.may_follow(before, now + timedelta(seconds=30))


def test_a_process_without_watcher_always_asks():
    assert generation.edition() is None
    before = generation.current()
    make_article()
    assert generation.current().generation > before.generation
