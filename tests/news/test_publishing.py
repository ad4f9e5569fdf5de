"""Saving, publishing, withdrawing: one transaction and one revision each."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from news import publishing, saving
from news.models import AltKind, Article, Placement, State
from news.signals import articles_changed
from tests.factories import make_article, make_category, make_image, make_tag

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def new_article(**overrides) -> Article:
    overrides.setdefault("title", "Khai mạc hội nghị")
    overrides.setdefault("sapo", "Sáng nay, hội nghị khai mạc.")
    if "category" not in overrides:
        overrides["category"] = make_category()
    return Article(**overrides)


def figure(image, alt="Quang cảnh", caption="Hội nghị", kind="text", placement=""):
    number = f' data-placement="{placement}"' if placement else ""
    return (
        f'<figure{number} data-image="{image.pk}" data-alt-kind="{kind}">'
        f'<img src="x" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
    )


def test_a_save_cleans_the_body_and_makes_html_and_text():
    article = new_article(body="<p onclick=x>Xin&nbsp; chào</p><script>1</script>")
    saving.save_article(article)
    article.refresh_from_db()
    assert article.body == article.body_html == "<p>Xin chào</p>"
    assert article.body_text == "Xin chào"
    assert article.state == State.DRAFT


def test_every_save_writes_one_revision_with_all_it_held():
    image, tag = make_image(), make_tag(name="nông nghiệp")
    article = new_article()
    saving.save_article(article, body=figure(image), tags=[tag], note="lần đầu")
    article.title = "Bế mạc hội nghị"
    saving.save_article(article, note="sửa tiêu đề")
    newer, older = article.revisions.all()
    assert (older.number, newer.number, article.version) == (1, 2, 2)
    assert older.content["title"] == "Khai mạc hội nghị"
    assert newer.content["title"] == "Bế mạc hội nghị"
    assert newer.note == "sửa tiêu đề"
    assert newer.content["tags"] == [tag.pk]
    (placement,) = newer.content["placements"]
    assert (placement["image"], placement["caption"]) == (image.pk, "Hội nghị")


def test_a_figure_becomes_a_placement_with_its_own_words():
    image = make_image(default_alt="mặc định", default_caption="mặc định")
    article = new_article()
    saving.save_article(article, body="<p>a</p>" + figure(image))
    placement = Placement.objects.get()
    assert (placement.alt, placement.caption) == ("Quang cảnh", "Hội nghị")
    assert article.body.endswith(f'<figure data-placement="{placement.pk}"></figure>')
    assert 'alt="Quang cảnh"' in article.body_html
    assert "480w" in article.body_html
    assert "Hội nghị" in article.body_text


def test_saving_again_keeps_the_placement_and_takes_new_words():
    image = make_image()
    article = new_article()
    saving.save_article(article, body=figure(image))
    number = Placement.objects.get().pk
    saving.save_article(article)
    assert Placement.objects.get().pk == number
    saving.save_article(article, body=figure(image, caption="Bế mạc", placement=number))
    placement = Placement.objects.get()
    assert (placement.pk, placement.caption) == (number, "Bế mạc")


def test_a_figure_taken_out_takes_its_placement_along():
    article = new_article()
    saving.save_article(article, body=figure(make_image()))
    saving.save_article(article, body="<p>không ảnh</p>")
    assert not Placement.objects.exists()


def test_a_figure_pasted_twice_is_two_uses():
    image = make_image()
    article = new_article()
    saving.save_article(article, body=figure(image))
    number = Placement.objects.get().pk
    twice = figure(image, caption="một", placement=number)
    twice += figure(image, caption="hai", placement=number)
    saving.save_article(article, body=twice)
    assert sorted(Placement.objects.values_list("caption", flat=True)) == ["hai", "một"]


def test_the_placement_of_another_article_is_not_taken_over():
    image = make_image()
    other = new_article()
    saving.save_article(other, body=figure(image, caption="của bài kia"))
    theirs = Placement.objects.get()
    article = new_article()
    saving.save_article(
        article, body=figure(image, caption="của bài này", placement=theirs.pk)
    )
    theirs.refresh_from_db()
    assert (theirs.article, theirs.caption) == (other, "của bài kia")
    assert article.placements.get().caption == "của bài này"


def test_figures_without_a_picture_of_the_library_vanish():
    article = new_article()
    body = '<p>a</p><figure data-image="999"></figure><figure data-placement="998">'
    saving.save_article(article, body=body)
    assert article.body.strip() == article.body_html.strip() == "<p>a</p>"


def test_the_default_alternative_fills_an_empty_one():
    image = make_image(default_alt="Toàn cảnh vịnh")
    article = new_article()
    saving.save_article(article, body=figure(image, alt=""))
    assert article.placements.get().alt == "Toàn cảnh vịnh"


@pytest.mark.parametrize(
    ("kind", "alt", "caption", "spoken"),
    [
        ("text", "Cầu", "Chú thích", 'alt="Cầu"'),
        ("decorative", "Cầu", "Chú thích", 'alt=""'),
        ("caption", "Cầu", "Chú thích", 'alt=""'),
    ],
)
def test_a_picture_is_told_once(kind, alt, caption, spoken):
    article = new_article()
    saving.save_article(article, body=figure(make_image(), alt, caption, kind))
    assert spoken in article.body_html


def test_names_and_captions_cannot_break_out_of_the_page():
    image = make_image(credit='<script>"')
    article = new_article()
    body = figure(image, alt="&quot; onload=&quot;x", caption="&lt;b&gt;")
    saving.save_article(article, body=body)
    assert "<script>" not in article.body_html
    assert 'onload="' not in article.body_html
    assert "&lt;b&gt;" in article.body_html


def test_tables_scroll_by_keyboard_and_have_different_names():
    table = "<table><tr><th>A</th></tr><tr><td>1</td></tr></table>"
    article = new_article()
    saving.save_article(article, body=table * 2)
    names = set(article.body_html.split('aria-label="')[1:])
    assert len({name.split('"')[0] for name in names}) == 2
    assert article.body_html.count('tabindex="0"') == 2
    assert '<thead><tr><th scope="col">A' in article.body_html
    assert "scope" not in article.body


def test_a_change_of_the_picture_rebuilds_the_bodies_that_show_it():
    image = make_image(credit="Ảnh: Cũ")
    article = new_article()
    publishing.publish(article, body=figure(image))
    told = []

    def listen(sender, article_ids, **kwargs):
        told.extend(article_ids)

    articles_changed.connect(listen)
    image.credit = "Ảnh: Mới"
    image.save()
    assert saving.picture_changed(image) == 1
    articles_changed.disconnect(listen)
    article.refresh_from_db()
    assert "Ảnh: Mới" in article.body_html
    assert told == [article.pk]
    assert article.version == 1, "nothing an editor wrote has changed"


def test_saving_over_a_newer_version_is_refused_and_nothing_is_written():
    article = new_article()
    saving.save_article(article, body="<p>gốc</p>")
    mine = Article.objects.get()
    saving.save_article(Article.objects.get(), body="<p>của người khác</p>")
    mine.title = "Của tôi"
    with pytest.raises(saving.Conflict) as refused, transaction.atomic():
        saving.save_article(mine, body="<p>của tôi</p>", version=1)
    assert refused.value.stored.version == 2
    stored = Article.objects.get()
    assert (stored.body, stored.title) == ("<p>của người khác</p>", "Khai mạc hội nghị")
    assert stored.revisions.count() == 2


def test_publishing_needs_no_date_and_takes_the_present():
    article = new_article()
    before = timezone.now()
    publishing.publish(article)
    assert before <= article.published_at <= timezone.now()
    assert list(Article.objects.published()) == [article]


def test_a_date_of_its_own_is_kept():
    at = timezone.now() - 400 * 24 * HOUR
    article = new_article(published_at=at)
    publishing.publish(article)
    assert article.published_at == at


def test_a_time_ahead_schedules():
    article = new_article()
    at = timezone.now() + HOUR
    publishing.schedule(article, at=at)
    assert not Article.objects.published().exists()
    assert list(Article.objects.published(at=at)) == [article]


def test_a_time_gone_by_cannot_be_scheduled():
    with pytest.raises(ValidationError):
        publishing.schedule(new_article(), at=timezone.now() - HOUR)
    assert not Article.objects.exists()


INCOMPLETE = [
    ("no words at all", {"sapo": "", "body": ""}, False),
    ("a lead is enough", {"sapo": "Có", "body": ""}, True),
    ("a body is enough", {"sapo": "", "body": "<p>Có</p>"}, True),
    ("picture without alternative", {"alt": ""}, False),
    ("decorative picture", {"alt": "", "kind": "decorative"}, True),
    ("caption says it", {"alt": "", "kind": "caption", "caption": "Lễ ký"}, True),
    ("caption says nothing", {"alt": "", "kind": "caption", "caption": ""}, False),
]


@pytest.mark.parametrize(
    ("overrides", "is_fine"),
    [c[1:] for c in INCOMPLETE],
    ids=[c[0] for c in INCOMPLETE],
)
def test_what_an_article_must_have_before_readers_see_it(overrides, is_fine):
    overrides = dict(overrides)
    body = overrides.pop("body", None)
    article = new_article(sapo=overrides.pop("sapo", "Sapo"))
    if body is None:
        body = figure(make_image(), **overrides)
    if is_fine:
        publishing.publish(article, body=body)
        assert Article.objects.published().exists()
        return
    with pytest.raises(ValidationError):
        publishing.publish(article, body=body)
    assert not Article.objects.exists(), "all or nothing"
    assert article.state == State.DRAFT


def test_a_shown_cover_needs_an_alternative():
    article = new_article(cover=make_image(), show_cover=True)
    with pytest.raises(ValidationError):
        publishing.publish(article)
    article.pk = None
    article.cover_alt_kind = AltKind.DECORATIVE
    publishing.publish(article)


ACTS = {
    publishing.submit: {"draft", "returned", "withdrawn"},
    publishing.publish: set(State.values) - {"published", "trashed"},
    publishing.withdraw: {"published"},
}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_each_act_starts_from_its_own_states(act, state):
    article = make_article(state=state)
    if state in ACTS[act]:
        act(article)
        assert article.revisions.get().state == article.state
    else:
        with pytest.raises(ValidationError):
            act(article)
        article.refresh_from_db()
        assert article.state == state


def test_withdrawing_hides_and_deletes_nothing():
    article = make_article()
    publishing.withdraw(article, note="sai số liệu")
    assert not Article.objects.published().exists()
    assert article.revisions.get().note == "sai số liệu"
    publishing.publish(article)
    assert Article.objects.published().exists()


def test_the_state_that_counts_is_the_stored_one():
    article = make_article(state=State.TRASHED)
    article.state = State.DRAFT
    with pytest.raises(ValidationError):
        publishing.publish(article)


def test_publishing_many_says_which_were_refused_and_why():
    good = make_article(state=State.DRAFT)
    bad = make_article(state=State.DRAFT, sapo="", body="", body_text="")
    done, refused = publishing.each(publishing.publish, [good, bad])
    assert done == [good]
    ((article, error),) = refused
    assert article == bad
    assert error.messages
    assert list(Article.objects.published()) == [good]


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (publishing.publish, State.DRAFT),
        (publishing.withdraw, State.PUBLISHED),
    ],
)
def test_many_overwrite_nothing_that_was_saved_since_they_were_read(act, state):
    stale, good, gone = (make_article(state=state) for _ in range(3))
    theirs = Article.objects.get(pk=stale.pk)
    theirs.title = "Của người khác"
    saving.save_article(theirs)
    Article.objects.get(pk=gone.pk).delete()
    done, refused = publishing.each(act, [stale, good, gone])
    assert done == [good]
    assert [type(error) for _, error in refused] == [
        saving.Conflict,
        ValidationError,
    ]
    stored = Article.objects.get(pk=stale.pk)
    assert (stored.title, stored.state) == ("Của người khác", state)
    assert Article.objects.count() == 2, "what was deleted stays deleted"


def test_withdrawing_many_refuses_what_is_not_public():
    draft = make_article(state=State.DRAFT)
    done, refused = publishing.each(publishing.withdraw, [draft])
    assert done == []
    assert refused[0][1].code == "transition"


@pytest.mark.skipif(
    "not __import__('django.db').db.connection.features.has_select_for_update",
    reason="SQLite has one writer at a time and no row locks",
)
def test_a_changed_picture_locks_the_articles_it_rewrites(
    django_assert_max_num_queries,
):
    image = make_image()
    saving.save_article(new_article(), body=figure(image))
    with django_assert_max_num_queries(20) as queries:
        assert saving.picture_changed(image) == 1
    read = next(q["sql"] for q in queries.captured_queries if "body_html" in q["sql"])
    assert "FOR UPDATE" in read


def test_an_end_before_the_beginning_is_refused():
    now = timezone.now()
    article = new_article(published_at=now, expires_at=now - HOUR)
    with pytest.raises(ValidationError) as refused:
        saving.save_article(article)
    assert "expires_at" in refused.value.message_dict


def test_a_live_article_cannot_lose_its_date():
    article = make_article()
    article.published_at = None
    with pytest.raises(ValidationError) as refused:
        saving.save_article(article)
    assert "published_at" in refused.value.message_dict


def test_decomposed_letters_are_stored_composed():
    article = new_article(title="Vie\u0323\u0302t Nam", sapo="Tie\u0302\u0301ng")
    saving.save_article(article, body="<p>Ha\u0300 No\u0323\u0302i</p>")
    article.refresh_from_db()
    assert (article.title, article.sapo) == ("Việt Nam", "Tiếng")
    assert (article.body, article.body_text) == ("<p>Hà Nội</p>", "Hà Nội")


def test_the_pages_of_readers_are_told_inside_the_transaction():
    from portal import generation

    article = new_article()
    before = generation.stored_generation()
    publishing.publish(article)
    assert generation.stored_generation() > before
    before = generation.stored_generation()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publishing.withdraw(article)
        1 / 0  # noqa: B018
    assert generation.stored_generation() == before
    assert Article.objects.published().exists()
