"""What readers find where an article was taken away."""

from itertools import pairwise

import pytest
from django.utils import timezone

from news import hooks, publishing, saving
from news.models import Article, State
from news.workflow import Withdrawal
from portal import generation
from portal.wsgi import page_cache
from tests.door import Reader, connections_stay_open
from tests.factories import make_article, make_category
from tests.news.conftest import make_user

pytestmark = pytest.mark.django_db


def withdrawn(kind=Withdrawal.GONE, notice="", url="", **overrides) -> Article:
    article = saving.save_article(make_article(**overrides))
    return publishing.withdraw(article, kind=kind, notice=notice, url=url)


def text_of(response, status=410) -> str:
    assert response.status_code == status
    return response.content.decode()


def test_notice_stands_with_the_title_in_the_frame_of_the_site(client):
    article = withdrawn(
        Withdrawal.NOTICE, "Số liệu sai <b>; sẽ có bài mới.", title="Giá nước sạch"
    )
    text = text_of(client.get(article.get_absolute_url()))
    assert "Giá nước sạch</h1>" in text and "Bài viết này đã được gỡ." in text
    assert "Số liệu sai &lt;b&gt;; sẽ có bài mới." in text
    assert "Nội dung của bài viết." not in text
    assert 'name="robots" content="noindex"' in text
    assert "site-header" in text and "sidebar" in text
    assert "data-visit=" not in text


def test_title_is_the_one_that_readers_knew(client):
    article = withdrawn(Withdrawal.NOTICE, "Sai.", title="Tên cũ")
    article.title = "Tên mới chưa duyệt"
    saving.save_article(article)
    text = text_of(client.get(article.get_absolute_url()))
    assert "Tên cũ</h1>" in text and "Tên mới" not in text


def test_gone_tells_only_that(client):
    article = withdrawn(title="Giá nước sạch")
    text = text_of(client.get(article.get_absolute_url()))
    assert "Bài viết đã gỡ</h1>" in text and "Giá nước sạch" not in text


def test_redirect_leads_to_the_other_page(client):
    target = make_article()
    article = withdrawn(Withdrawal.REDIRECT, url=target.get_absolute_url())
    response = client.get(article.get_absolute_url())
    assert response.status_code == 302
    assert response["Location"] == target.get_absolute_url()
    category = make_category()
    article = withdrawn(Withdrawal.REDIRECT, url=category.get_absolute_url())
    response = client.get(article.get_absolute_url())
    assert response["Location"] == category.get_absolute_url()


def lead(article, to):
    Article.objects.filter(pk=article.pk).update(
        state=State.WITHDRAWN, withdrawal=Withdrawal.REDIRECT, withdrawal_url=to
    )


def test_redirect_never_goes_in_a_circle(client):
    first, second, third = (make_article() for _ in range(3))
    lead(first, first.get_absolute_url())
    assert client.get(first.get_absolute_url()).status_code == 410
    site = hooks.site_url()
    lead(first, site + second.get_absolute_url())
    lead(second, third.get_absolute_url() + "?x=1#y")
    lead(third, f"/tin-tuc/ten-khac-{first.pk}/")
    for article in (first, second, third):
        assert client.get(article.get_absolute_url()).status_code == 410


def test_redirect_follows_what_was_withdrawn_in_its_turn(client):
    last = make_article()
    second, first = make_article(), make_article()
    lead(second, last.get_absolute_url())
    lead(first, second.get_absolute_url())
    response = client.get(first.get_absolute_url())
    assert response["Location"] == last.get_absolute_url()
    long = [make_article() for _ in range(8)]
    for article, following in pairwise(long):
        lead(article, following.get_absolute_url())
    assert client.get(long[0].get_absolute_url()).status_code == 410


@pytest.mark.parametrize("state", [State.DRAFT, State.TRASHED, State.WITHDRAWN])
def test_redirect_to_what_nobody_can_read_says_gone(client, state):
    target = make_article(state=state)
    first = make_article()
    for url in (target.get_absolute_url(), "/tin-tuc/khong-co-999999/"):
        lead(first, url)
        assert client.get(first.get_absolute_url()).status_code == 410


def test_another_slug_leads_to_the_address_that_was_known(client):
    article = withdrawn()
    response = client.get(f"/tin-tuc/khac-{article.pk}/")
    assert response.status_code == 301
    assert response["Location"] == article.get_absolute_url()


def test_withdrawn_article_stays_told_while_it_is_written_anew(client):
    article = withdrawn(Withdrawal.NOTICE, "Sai.")
    publishing.submit(article, user=make_user("editor"))
    assert "Sai." in text_of(client.get(article.get_absolute_url()))
    publishing.publish(article)
    assert client.get(article.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    "overrides",
    [
        {"state": State.DRAFT},
        {"state": State.IN_REVIEW},
        {"state": State.WITHDRAWN},
        {"state": State.TRASHED, "withdrawal": Withdrawal.NOTICE},
        {"expires_at": timezone.now(), "withdrawal": Withdrawal.NOTICE},
    ],
    ids=str,
)
def test_what_was_not_withdrawn_with_a_word_is_simply_not_there(client, overrides):
    article = make_article(**overrides)
    assert client.get(article.get_absolute_url()).status_code == 404


@pytest.fixture
def reader():
    page_cache.clear()
    generation.refresh()
    with connections_stay_open():
        yield Reader(page_cache)


def test_page_is_kept_and_forgotten_with_the_next_change(
    reader, django_assert_num_queries
):
    article = withdrawn(Withdrawal.NOTICE, "Sai số liệu.")
    generation.refresh()
    address = article.get_absolute_url()
    first = reader(address)
    assert first[0] == 410 and "Sai số liệu." in first[2].decode()
    with django_assert_num_queries(0):
        assert reader(address) == first
    assert reader(address, if_none_match="*")[0] == 410  # never "not modified"
    status, headers, body = reader(address, method="HEAD")
    assert (status, body) == (410, b"") and "ETag" not in headers
    publishing.publish(article)
    generation.refresh()
    assert reader(address)[0] == 200


def test_redirect_is_asked_for_anew_each_time(reader):
    target = make_article()
    article = withdrawn(Withdrawal.REDIRECT, url=target.get_absolute_url())
    generation.refresh()
    address = article.get_absolute_url()
    assert reader(address)[0] == 302
    publishing.publish(article)
    assert reader(address)[0] == 200
