"""What an article was: who sees it, what the list costs, how two versions compare."""

import pytest
from django.urls import reverse
from django.utils import timezone

from news import history, hooks, publishing, saving, working_copy
from news.models import Article, Revision, State
from news.workflow import Act
from tests.factories import make_article, make_category, make_image, make_tag
from tests.news.conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db


def history_of(article) -> str:
    return reverse("admin:news_article_history", args=[article.pk])


def compare(article, old, new) -> str:
    return reverse("admin:news_article_compare", args=[article.pk, old, new])


def draft(user, **overrides) -> Article:
    article = make_article(
        state=State.DRAFT, published_at=None, created_by=user, version=0, **overrides
    )
    return saving.save_article(article, user=user)


def page(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def with_revisions(article, count) -> Article:
    """Give an article `count` revisions of which each has a large content."""
    content = saving.content_of(article) | {"body": "<p>Dài.</p>" * 500}
    article.revisions.all().delete()
    Revision.objects.bulk_create(
        Revision(
            article=article, number=number, state="draft", content=content, note="Vì"
        )
        for number in range(1, count + 1)
    )
    Article.objects.filter(pk=article.pk).update(version=count)
    article.version = count
    return article


# The list


@pytest.mark.parametrize("kind", ["draft", "live", "revised"])
def test_300_revisions_cost_few_queries_and_no_content(
    editor, django_assert_max_num_queries, kind
):
    article = make_article() if kind != "draft" else draft(editor)
    if kind == "revised":
        working_copy.revise(article, user=editor)
    article = with_revisions(article, 300)
    client = login(editor)
    with django_assert_max_num_queries(10) as queries:
        first = page(client.get(history_of(article)))
    assert first.count('name="tu" value=') == 50
    assert 'name="tu" value="300"' in first and 'name="tu" value="251"' in first
    lists = [q["sql"] for q in queries if "news_revision" in q["sql"]]
    assert lists and not any('"content"' in sql for sql in lists)
    last = page(client.get(history_of(article) + "?trang=6"))
    assert 'name="tu" value="1"' in last
    assert "bản đầu tiên" in last
    assert compare(article, 250, 251) in first, "the change over the border of a page"


@pytest.mark.parametrize("number", ["0", "-1", "7", "x", "²", "9" * 30, ""])
def test_a_page_of_the_history_that_is_none_is_not_found(editor, number):
    article = with_revisions(draft(editor), 300)
    response = login(editor).get(history_of(article), {"trang": number})
    assert response.status_code == 404


def test_an_article_without_revisions_says_so(editor):
    article = make_article(created_by=editor)
    assert "Chưa có bản nào được lưu." in page(login(editor).get(history_of(article)))


def test_the_list_tells_who_did_what_and_why(editor):
    writer = make_user("reporter", first_name="Minh", last_name="Trần")
    article = draft(writer)
    publishing.submit(article, user=writer, note="Xong rồi")
    publishing.give_back(article, user=editor, note="Thiếu <b>nguồn</b>")
    shown = page(login(writer).get(history_of(article)))
    rows = shown.split("<tbody>")[1].split("</tr>")
    for words in ("Bản 3", "trả lại", "Thiếu &lt;b&gt;nguồn&lt;/b&gt;"):
        assert words in rows[0]
    assert "Xong rồi" in rows[1] and "chờ duyệt" in rows[1]
    assert "Lưu" in rows[2] and str(writer) in rows[2]


def test_a_note_typed_beside_a_save_stands_in_the_history(editor):
    article, client = draft(editor), login(editor)
    data = form_data(category=article.category_id, read_version="1", _save="1")
    change = reverse("admin:news_article_change", args=[article.pk])
    response = client.post(change, data | {"act-note": "Sửa theo ý kiến trưởng phòng"})
    assert response.status_code == 302
    assert "Sửa theo ý kiến trưởng phòng" in page(client.get(history_of(article)))


def test_the_history_of_a_published_working_copy_reads_as_one(editor):
    article = make_article(version=0)
    saving.save_article(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    listed = page(login(editor).get(history_of(article)))
    assert f'href="{history_of(copy)}"' in listed
    assert f'href="{history_of(article)}"' in page(login(editor).get(history_of(copy)))
    copy.title = "Tên mới"
    saving.save_article(copy, user=editor, note="Đổi tên")
    working_copy.publish(copy, user=editor)
    rows = history.page_of(Article.objects.get(), 1).object_list
    told = [(row.revision.number, row.done, row.in_copy) for row in rows]
    assert told == [
        (4, "xuất bản", False),
        (3, "lưu", True),
        (2, "bắt đầu bản sửa của bài đang đăng", True),
        (1, "lưu", False),
    ]
    assert "của bản sửa" in page(login(editor).get(history_of(article)))


def test_a_working_copy_is_told_apart_over_the_border_of_a_page(editor, monkeypatch):
    article = make_article(version=0)
    saving.save_article(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    for _time in range(4):
        saving.save_article(copy, user=editor)
    working_copy.discard(copy, user=editor)
    monkeypatch.setattr(history, "PER_PAGE", 3)
    article = Article.objects.get()
    marks = [
        [row.in_copy for row in history.page_of(article, number)]
        for number in range(1, 4)
    ]
    assert marks == [[False, True, True], [True, True, True], [False]]


def test_a_release_for_a_later_time_is_no_publication(editor):
    article = make_article(version=0)
    saving.save_article(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    working_copy.publish(copy, user=editor, at=timezone.now() + timezone.timedelta(1))
    rows = history.page_of(copy, 1).object_list
    assert rows[0].done == "cho xuất bản khi đến giờ"


# Two of them


def test_two_versions_are_compared_by_words_and_names(editor):
    article = draft(editor, category=make_category(name="Giáo dục"))
    article.title = "Tên khác hẳn"
    article.category = make_category(name="Y tế")
    article.review_at = "2026-12-01"
    article.cover = make_image(title="Ảnh lễ khai giảng")
    saving.save_article(
        article, user=editor, body="<p>Nội dung của bài.</p>", tags=[make_tag(name="A")]
    )
    shown = page(login(editor).get(compare(article, 1, 2)))
    for words in ("Giáo dục", "Y tế", "01/12/2026", "Ảnh lễ khai giảng", "khác hẳn"):
        assert words in shown
    assert "gạch ngang: chỉ có ở bản 1" in shown
    assert "gạch chân: chỉ có ở bản 2" in shown


def test_a_comparison_costs_the_same_with_many_versions(
    editor, django_assert_max_num_queries
):
    article, client = with_revisions(draft(editor), 300), login(editor)
    with django_assert_max_num_queries(12) as queries:
        page(client.get(compare(article, 17, 250)))
    contents = [q["sql"] for q in queries if '"content"' in q["sql"]]
    assert len(contents) == 1, "both are loaded by one query"


def test_one_goes_from_change_to_change(editor):
    article, client = with_revisions(draft(editor), 4), login(editor)
    shown = page(client.get(compare(article, 2, 3)))
    assert compare(article, 1, 2) in shown and compare(article, 3, 4) in shown
    ends = page(client.get(compare(article, 1, 4)))
    assert 'rel="prev"' not in ends and 'rel="next"' not in ends


def test_the_reversed_order_is_turned_round(editor):
    article = with_revisions(draft(editor), 4)
    response = login(editor).get(compare(article, 3, 1))
    assert response.headers["Location"] == compare(article, 1, 3)


@pytest.mark.parametrize("numbers", [(1, 9), (0, 1), (8, 9), (1, 2**70), (2**40, 7)])
def test_a_version_that_is_not_there_is_not_found(editor, numbers):
    article, client = with_revisions(draft(editor), 4), login(editor)
    response = client.get(compare(article, *sorted(numbers)))
    assert response.status_code == 404


@pytest.mark.parametrize("path", ["1-", "-1", "1-2-3", "a-b", "1-²", f"{'9' * 5000}-1"])
def test_an_address_that_is_no_comparison_is_not_found(editor, path):
    article = with_revisions(draft(editor), 4)
    response = login(editor).get(history_of(article) + path + "/", follow=True)
    assert response.status_code in (200, 404)  # Django leads what it knows not home
    assert b"comparison" not in response.content


def test_what_a_form_chose_is_led_to_the_comparison(editor):
    article, client = with_revisions(draft(editor), 4), login(editor)
    response = client.get(history_of(article), {"tu": "4", "den": "2"})
    assert response.headers["Location"] == compare(article, 2, 4)


@pytest.mark.parametrize(
    "chosen",
    [
        {"tu": "1"},
        {"tu": "2", "den": "2"},
        {"tu": "1", "den": "5"},
        {"tu": "1", "den": "-3"},
        {"tu": "x", "den": ""},
        {"tu": "9" * 40, "den": "1"},
    ],
)
def test_a_choice_that_is_none_is_explained(editor, chosen):
    article, client = with_revisions(draft(editor), 4), login(editor)
    response = client.get(history_of(article), chosen, follow=True)
    assert "Hãy chọn hai bản khác nhau" in page(response)


def test_comparing_a_version_with_itself_is_explained(editor):
    article, client = with_revisions(draft(editor), 4), login(editor)
    response = client.get(compare(article, 2, 2), follow=True)
    assert "Hãy chọn hai bản khác nhau" in page(response)


def test_versions_of_another_article_are_not_found(editor):
    article, other = draft(editor), with_revisions(draft(editor), 4)
    client = login(editor)
    assert client.get(compare(article, 1, 3)).status_code == 404
    assert client.get(compare(other, 1, 3)).status_code == 200


def test_hostile_words_of_a_version_are_escaped(editor):
    article = draft(editor, title="<script>alert(1)</script>")
    article.title = "<img src=x onerror=alert(1)>"
    saving.save_article(article, user=editor, note="<script>2</script>")
    for address in (history_of(article), compare(article, 1, 2)):
        shown = page(login(editor).get(address))
        assert "<script>alert" not in shown and "<script>2" not in shown
        assert "<img src=x" not in shown


# Who sees it

SIGHT = {
    # of: (own draft, own public one, another's draft, another's public one)
    "reporter": (200, 200, 404, 403),
    "editor": (200, 200, 200, 200),
    "secretary": (200, 200, 200, 200),
    "administrator": (200, 200, 200, 200),
}


@pytest.mark.parametrize("role", SIGHT)
def test_the_past_of_an_article_is_for_those_who_write_in_it(role):
    user, other = make_user(role), make_user("editor")
    articles = []
    for writer in (user, other):
        articles.append(draft(writer))
        public = draft(writer)
        publishing.publish(public)
        articles.append(public)
    for article in articles:
        saving.save_article(article)
    client = login(user)
    for wanted, article in zip(SIGHT[role], articles, strict=True):
        restore = reverse("admin:news_article_restore", args=[article.pk, 1])
        for address in (compare(article, 1, 2), restore):
            assert client.get(address).status_code == wanted, address
        # Django leads from what it cannot find to the first page.
        listed = client.get(history_of(article)).status_code
        assert listed == (302 if wanted == 404 else wanted)


def test_strangers_and_people_of_other_sections_see_no_history(editor, monkeypatch):
    article = draft(make_user("reporter"))
    publishing.publish(article)
    addresses = [history_of(article), compare(article, 1, 2)]
    stranger = login(make_user("stranger"))
    assert {stranger.get(address).status_code for address in addresses} <= {302, 404}
    assert login(editor).get(addresses[1]).status_code == 200
    monkeypatch.setattr(hooks, "category_limit", lambda user: [0])
    for address in addresses:
        assert login(editor).get(address).status_code == 403


def test_the_form_links_the_history_for_those_who_see_it(reporter, editor):
    article = draft(make_user("reporter"))
    publishing.publish(article)
    change = reverse("admin:news_article_change", args=[article.pk])
    assert history_of(article) in page(login(editor).get(change))
    assert history_of(article) not in page(login(reporter).get(change))


def test_an_act_is_named_in_the_comparison(editor):
    article = draft(editor)
    publishing.submit(article, user=editor)
    assert Revision.objects.get(number=2).act == Act.SUBMIT
    shown = page(login(editor).get(compare(article, 1, 2)))
    assert "gửi duyệt" in shown
    assert "không khác" in shown or "giống" in shown
