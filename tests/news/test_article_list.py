"""The list of articles: filters, words, bulk acts and files."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from news import hooks, permissions, publishing, saving
from news.admin import bulk
from news.models import Article, ListEntry
from news.workflow import Act, State
from tests.factories import make_article, make_category, make_list_entry, make_tag
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/news/article/"


def titles(user, query="") -> set[str]:
    response = login(user).get(f"{LIST}?{query}")
    assert response.status_code == 200, response["Location"]
    return {article.title for article in response.context["cl"].result_list}


# Filters


def test_a_section_is_shown_with_what_is_below_and_further_in_it(editor):
    parent = make_category()
    child = make_category(parent=parent)
    make_article(title="trên", category=parent)
    make_article(title="dưới", category=child)
    make_article(title="thêm", further_categories=[child])
    make_article(title="khác")
    assert titles(editor, f"section={parent.pk}") == {"trên", "dưới", "thêm"}
    assert titles(editor, f"section={child.pk}") == {"dưới", "thêm"}


def test_writers_are_offered_by_name_and_oneself_first(editor, reporter):
    make_article(title="của tôi", created_by=editor)
    make_article(title="của bạn", created_by=reporter)
    assert titles(editor, "writer=me") == {"của tôi"}
    assert titles(editor, f"writer={reporter.pk}") == {"của bạn"}
    page = login(editor).get(LIST)
    (spec,) = [s for s in page.context["cl"].filter_specs if s.title == "người viết"]
    assert [value for value, _label in spec.lookup_choices] == ["me", str(reporter.pk)]


def test_what_stands_in_hot_news_now_is_found(editor):
    now = timezone.now()
    running = make_list_entry(article=make_article(title="nóng"))
    make_list_entry(list=ListEntry.List.FOCUS, article=make_article(title="tiêu điểm"))
    make_list_entry(
        article=make_article(title="đã qua"), ends_at=now - timedelta(hours=1)
    )
    assert running.list == ListEntry.List.HOT
    assert titles(editor, "list=hot") == {"nóng"}
    assert titles(editor, "list=focus") == {"tiêu điểm"}


def test_filters_words_and_dates_go_together(editor, reporter):
    section = make_category()
    at = timezone.now() - timedelta(days=800)
    wanted = make_article(
        title="Hội nghị Đảng bộ",
        category=section,
        created_by=reporter,
        published_at=at,
    )
    make_article(title="Hội nghị Đảng bộ 2", category=section, created_by=reporter)
    make_article(title="Hội nghị Đảng bộ 3", created_by=reporter, published_at=at)
    make_article(title="Khác", category=section, created_by=reporter, published_at=at)
    local = timezone.localtime(at)
    query = (
        f"q=hoi+nghi+dang&section={section.pk}&writer={reporter.pk}&state=live"
        f"&published_at__year={local.year}&published_at__month={local.month}"
    )
    assert titles(editor, query) == {wanted.title}


def test_drafts_are_found_without_accents_and_by_number(editor):
    draft = make_article(title="Đường Đà Nẵng", state=State.DRAFT, published_at=None)
    make_article(title="khác")
    assert titles(editor, "q=duong+da") == {draft.title}
    assert draft.title in titles(editor, f"q={draft.pk}")


def test_a_number_in_words_still_finds_the_titles_that_hold_it(editor):
    make_article(title="Kế hoạch 2031")
    assert titles(editor, "q=2031") == {"Kế hoạch 2031"}
    assert titles(editor, "q=" + "9" * 60) == set()


def test_pages_deep_in_the_list_keep_its_order(editor):
    category = make_category()
    made = [make_article(category=category).pk for _ in range(120)]
    page = login(editor).get(f"{LIST}?p=2").context["cl"]
    assert [article.pk for article in page.result_list] == made[::-1][50:100]
    with CaptureQueriesContext(connection) as captured:
        login(editor).get(f"{LIST}?p=2&q=bai+viet")
    asked = [q["sql"] for q in captured if "search_" in q["sql"]]
    assert len(asked) == 1


# Files


def rows_of(response) -> list[list[str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def export(user, query="", kind="csv"):
    return login(user).get(f"{LIST}export/{kind}/?{query}")


def test_the_filtered_list_is_taken_as_csv(editor, reporter, monkeypatch):
    monkeypatch.setattr(hooks, "view_counts", lambda ids: dict.fromkeys(ids, 7))
    monkeypatch.setattr(hooks, "site_url", lambda: "https://example.vn")
    article = make_article(
        title="=1+1", created_by=reporter, tags=[make_tag(name="OCOP")]
    )
    make_article(title="khác")
    header, row = rows_of(export(editor, f"q==1&writer={reporter.pk}&p=9"))
    shown = dict(zip(header, row, strict=True))
    assert shown["Mã số"] == str(article.pk)
    assert shown["Tiêu đề"] == "'=1+1"
    assert shown["Chuyên mục"] == article.category.name
    assert shown["Trạng thái"] == "đã xuất bản"
    assert (shown["Từ khoá"], shown["Lượt xem"]) == ("OCOP", "7")
    assert shown["Người viết"] == str(reporter)
    assert shown["Địa chỉ"] == f"https://example.vn{article.get_absolute_url()}"
    local = timezone.localtime(article.published_at)
    assert shown["Đăng lúc"] == f"{local:%Y-%m-%d %H:%M}"


def test_a_list_for_excel_holds_the_same_rows(editor):
    article = make_article(title="=HYPERLINK(1)")
    answer = export(editor, kind="xlsx")
    file = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert article.title in sheet and "<f>" not in sheet


def test_a_file_holds_only_what_its_taker_may_see(reporter):
    tomorrow = timezone.now() + timedelta(days=1)
    make_article(title="đã đăng")
    make_article(title="bản thảo", state=State.DRAFT, published_at=None)
    make_article(title="hẹn giờ", published_at=tomorrow)
    own = make_article(
        title="của tôi", state=State.DRAFT, published_at=None, created_by=reporter
    )
    rows = {row[1]: row for row in rows_of(export(reporter))[1:]}
    assert set(rows) == {"đã đăng", "của tôi"}
    assert rows[own.title][11] == ""  # no public address yet


def test_strangers_take_nothing():
    make_article()
    assert export(make_user("stranger")).status_code == 403
    assert login(make_user("editor")).get(f"{LIST}export/exe/").status_code == 404


def test_a_bad_filter_leads_to_the_whole_list_and_says_so(editor):
    answer = login(editor).get(
        f"{LIST}export/csv/?published_at__year=9999", follow=True
    )
    assert answer.redirect_chain == [(f"{LIST}?e=1", 302)]
    assert "đây là toàn bộ danh sách" in answer.content.decode()


def test_a_file_asks_the_database_once_for_many_articles(
    editor, django_assert_max_num_queries
):
    category = make_category()
    for _ in range(60):
        make_article(category=category, tags=[make_tag()])
    client = login(editor)
    with django_assert_max_num_queries(21):  # with the entry of the log
        answer = client.get(f"{LIST}export/csv/")
        assert len(rows_of(answer)) == 61


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_chosen_articles_are_taken(editor, kind):
    chosen = make_article(title="được chọn")
    make_article(title="không chọn")
    data = {"action": f"export_{kind}", "_selected_action": [chosen.pk]}
    answer = login(editor).post(LIST, data)
    assert answer.status_code == 200
    data = b"".join(answer.streaming_content)
    if kind == "csv":
        assert "được chọn" in data.decode() and "không chọn" not in data.decode()


# Bulk acts


def act(user, name, articles, query="", **data):
    """What the list's form and then the act's own page send."""
    keys = [article.pk for article in articles]
    return login(user).post(
        f"{LIST}?{query}", {"action": name, "_selected_action": keys} | data
    )


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_moving_asks_for_the_section_and_says_what_stays(reporter):
    own = make_article(
        title="của tôi", state=State.DRAFT, published_at=None, created_by=reporter
    )
    out = make_article(title="đã đăng")
    page = act(reporter, "move_selected", [own, out])
    assert page.context["possible"] == [own]
    assert [article for article, _reason in page.context["left"]] == [out]
    target = make_category(name="Mới")
    answer = act(reporter, "move_selected", [own, out], apply="1", category=target.pk)
    assert answer.status_code == 302
    own.refresh_from_db(), out.refresh_from_db()
    assert own.category == target and out.category != target
    assert told(answer) == [
        "Chuyển sang chuyên mục khác: xong 1 bài.",
        "1 bài được giữ nguyên. Bạn không có quyền với bài này.",
    ]


def test_a_moved_article_keeps_its_text_and_gains_a_revision(editor):
    article = make_article(body="<p>không có ảnh thay thế</p>", version=3)
    target = make_category(name="Chuyển đổi số")
    act(editor, "move_selected", [article], apply="1", category=target.pk)
    moved = Article.objects.get(pk=article.pk)
    assert (moved.body, moved.version) == (article.body, 4)
    revision = moved.revisions.get()
    assert revision.author == editor and "Chuyển đổi số" in revision.note
    assert revision.content["category"] == target.pk


def test_an_article_saved_meanwhile_is_not_moved_over(editor):
    article = make_article()
    stale = Article.objects.get(pk=article.pk)
    Article.objects.filter(pk=article.pk).update(version=5)
    with pytest.raises(saving.Conflict):
        publishing.move(stale, make_category(), user=editor)


@pytest.mark.parametrize("category", ["", "x", "999999", "0"])
def test_moving_nowhere_keeps_the_page_and_its_choice(editor, category):
    article = make_article()
    page = act(editor, "move_selected", [article], apply="1", category=category)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["keys"] == [article.pk]


def test_articles_go_to_hot_news_until_their_end(editor):
    secretary = make_user("secretary")
    there = make_list_entry()
    ended = make_list_entry(ends_at=timezone.now() - timedelta(days=1))
    fresh = make_article()
    year = timezone.localdate().year + 1
    articles = [there.article, ended.article, fresh]
    answer = act(
        secretary,
        "place_selected",
        articles,
        apply="1",
        list="hot",
        ends_at_0=f"05/06/{year}",
        ends_at_1="08:30",
    )
    running = ListEntry.objects.running().filter(list="hot")
    assert {entry.article for entry in running} == set(articles)
    until = timezone.localtime(running.get(article=fresh).ends_at)
    assert f"{until:%d/%m/%Y %H:%M}" == f"05/06/{year} 08:30"
    assert running.get(article=there.article).ends_at is None
    assert [entry.position for entry in running] == [1, 2, 3], "as on the lists' page"
    assert told(answer) == [
        "Đưa vào tin nóng hoặc tiêu điểm: xong 2 bài.",
        "1 bài được giữ nguyên. Bài đã có trong danh sách này.",
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"list": "hot", "ends_at_0": "05/06/2001", "ends_at_1": "08:30"},
        {"list": "hot", "ends_at_0": "31/02/2030", "ends_at_1": ""},
        {"list": "trang-nhat"},
        {},
    ],
)
def test_a_wrong_list_or_end_is_said_and_nothing_is_placed(data):
    article = make_article()
    page = act(make_user("secretary"), "place_selected", [article], apply="1", **data)
    assert page.context["form"].errors
    assert not ListEntry.objects.exists()


WRITING = {"submit_selected", "trash_selected", "restore_selected", "move_selected"}
EXPORTS = {"export_xlsx", "export_csv"}
EDITING = {f"{act}_selected" for act in ("return", "approve", "publish", "withdraw")}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("reporter", EXPORTS | WRITING),
        ("editor", EXPORTS | WRITING | EDITING),
        ("secretary", EXPORTS | WRITING | EDITING | {"place_selected"}),
    ],
)
def test_acts_are_offered_to_those_who_may(role, offered):
    make_article()
    page = login(make_user(role)).get(LIST)
    choices = dict(page.context["action_form"].fields["action"].choices)
    assert set(choices) == offered | {""}


def test_an_act_that_is_not_offered_does_nothing(reporter):
    article = make_article()
    act(reporter, "publish_selected", [article])
    act(reporter, "place_selected", [article], apply="1", list="hot")
    article.refresh_from_db()
    assert article.version == 0 and not ListEntry.objects.exists()


def test_too_many_rows_are_refused_in_a_plain_sentence(editor, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    articles = [make_article(state=State.DRAFT, published_at=None) for _ in range(3)]
    answer = act(editor, "publish_selected", articles[:1], select_across="1", query="")
    assert told(answer) == [
        "Chưa làm gì: mỗi lần làm được nhiều nhất 2 bài. Hãy chọn ít hơn, hoặc lọc "
        "danh sách trước."
    ]
    assert not Article.objects.filter(state=State.PUBLISHED).exists()


def test_a_row_that_left_the_list_meanwhile_is_counted(editor):
    draft = make_article(state=State.DRAFT, published_at=None)
    gone = make_article()
    answer = act(
        editor,
        "move_selected",
        [draft, gone],
        query="state=draft",
        apply="1",
        category=make_category().pk,
    )
    assert "1 bài được giữ nguyên. Bài không còn trong danh sách này." in told(answer)


def test_what_the_act_page_links_to_exists(editor):
    article = make_article()
    page = act(editor, "move_selected", [article], query="state=live")
    text = page.content.decode()
    assert reverse("admin:news_article_change", args=[article.pk]) in text
    assert f'href="{LIST}?state=live"' in text
    assert "style=" not in text


# Acts of the workflow


def test_articles_are_returned_with_one_reason(editor, reporter):
    waiting = [
        make_article(state=State.IN_REVIEW, published_at=None, created_by=reporter)
        for _ in range(2)
    ]
    draft = make_article(state=State.DRAFT, published_at=None)
    page = act(editor, "return_selected", [*waiting, draft])
    assert len(page.context["possible"]) == 2 and len(page.context["left"]) == 1
    empty = act(editor, "return_selected", waiting, apply="1")
    assert empty.context["form"].errors["note"]
    sent = {"apply": "1", "act-note": "Thiếu nguồn"}
    answer = act(editor, "return_selected", [*waiting, draft], **sent)
    for article in waiting:
        article.refresh_from_db()
        assert article.state == State.RETURNED
        assert article.revisions.get().note == "Thiếu nguồn"
    assert told(answer)[0] == "Trả lại người viết: xong 2 bài."
    assert titles(reporter, "forme=returned") == {a.title for a in waiting}


def test_a_withdrawal_without_its_notice_comes_back_with_all_that_was_typed(editor):
    articles = [make_article(), make_article()]
    data = {"apply": "1", "act-note": "Sai số liệu", "act-kind": "notice"}
    page = act(editor, "withdraw_selected", articles, **data)
    assert page.context["form"].errors["notice"]
    assert "Sai số liệu" in page.content.decode()
    assert Article.objects.published().count() == 2
    data["act-notice"] = "Bài được rút để sửa số liệu."
    act(editor, "withdraw_selected", articles, **data)
    assert Article.objects.filter(state=State.WITHDRAWN).count() == 2


def test_the_bin_is_shown_on_request_and_emptied_back(editor):
    article = make_article(state=State.DRAFT, published_at=None)
    act(editor, "trash_selected", [article], apply="1")
    assert titles(editor) == set()
    assert titles(editor, "state=trashed") == {article.title}
    act(editor, "restore_selected", [article], query="state=trashed")
    article.refresh_from_db()
    assert article.state == State.DRAFT


def test_the_two_person_rule_holds_in_bulk(editor, monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user: "two")
    own = make_article(state=State.IN_REVIEW, published_at=None, submitted_by=editor)
    other = make_article(
        state=State.IN_REVIEW, published_at=None, submitted_by=make_user("editor")
    )
    answer = act(editor, "publish_selected", [own, other])
    assert list(Article.objects.published()) == [other]
    assert "Bạn đã gửi bài này" in told(answer)[1]


def test_a_live_article_moves_without_a_working_copy_by_who_publishes(editor, reporter):
    out = make_article(created_by=reporter)
    target = make_category()
    act(reporter, "move_selected", [out], apply="1", category=target.pk)
    out.refresh_from_db()
    assert out.category != target
    act(editor, "move_selected", [out], apply="1", category=target.pk)
    out.refresh_from_db()
    assert out.category == target and out.state == State.PUBLISHED


def test_nobody_moves_out_of_or_into_sections_of_others(monkeypatch):
    user, mine, theirs = make_user("editor"), make_category(), make_category()
    monkeypatch.setattr(hooks, "category_limit", lambda user: {mine.pk})
    inside, outside = make_article(category=mine), make_article(category=theirs)
    page = act(user, "move_selected", [inside], apply="1", category=theirs.pk)
    assert page.context["form"].errors["category"]
    act(user, "move_selected", [outside], apply="1", category=mine.pk)
    inside.refresh_from_db(), outside.refresh_from_db()
    assert (inside.category, outside.category) == (mine, theirs)


LEVELS = ["one", "two", "full"]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("role", ["reporter", "editor", "secretary"])
def test_what_waits_for_somebody_is_what_he_may_do_next(role, level, monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user: level)
    user, other = make_user(role), make_user("editor")
    for state in State.values:
        if state == State.PUBLISHED:
            for urgent in (None, user, other):
                at = timezone.now() if urgent else None
                make_article(emergency_by=urgent, emergency_at=at)
            continue
        for submitted in (None, user, other):
            for approved in (None, user, other):
                make_article(
                    state=state,
                    published_at=None,
                    submitted_by=submitted,
                    approved_by=approved,
                )
    next_acts = {
        State.IN_REVIEW: Act.APPROVE,
        State.APPROVED: Act.PUBLISH,
        State.PUBLISHED: Act.CONFIRM,
    }
    wanted = {
        article.pk
        for article in Article.objects.all()
        if article.state in next_acts
        and permissions.may(user, article, next_acts[article.state])
    }
    found = permissions.waiting_for(user, Article.objects.all())
    assert {article.pk for article in found} == wanted
    assert bool(wanted) == (role != "reporter")
