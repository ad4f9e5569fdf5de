"""A leader without an account reads an article by a link and answers once."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from news import hooks, leader, publishing, saving, working_copy
from news.leader_link import LeaderLink
from news.models import Article, Attachment, State
from news.workflow import Act, Level
from portal import generation
from portal.audit.models import AuditEntry
from portal.wsgi import page_cache
from tests.door import Reader, connections_stay_open
from tests.factories import make_article, make_category
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_steps(monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.TWO)


@pytest.fixture
def told(monkeypatch):
    """Return what the log was told, as (act, details)."""
    events = []
    monkeypatch.setattr(hooks, "record", lambda act, **d: events.append((act, d)))
    return events


def draft(writer, title="Dự thảo thông báo", **overrides) -> Article:
    article = make_article(
        state=State.DRAFT,
        published_at=None,
        created_by=writer,
        title=title,
        **overrides,
    )
    return saving.save_article(article, user=writer)


def in_review(writer, **overrides) -> Article:
    return publishing.submit(draft(writer, **overrides), user=writer)


def link_to(article, user, **overrides) -> LeaderLink:
    arguments = {"leader": "Nguyễn Văn A", "days": 3} | overrides
    return leader.make(article, user=user, **arguments)


def path(link) -> str:
    return f"/xem-truoc/{leader.token(link)}/"


def reply(link, answer="approve", note="", version=None, client=None):
    version = (
        Article.objects.get(pk=link.article_id).version if version is None else version
    )
    data = {"answer": answer, "note": note, "version": version}
    return (client or Client(enforce_csrf_checks=True)).post(path(link), data)


def text_of(response, status=200) -> str:
    assert response.status_code == status
    return response.content.decode()


# Reading


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED])
def test_leader_reads_what_nobody_else_can(client, reporter, state):
    article = draft(reporter)
    Article.objects.filter(pk=article.pk).update(state=state)
    link = link_to(article, reporter)
    text = text_of(client.get(path(link)))
    assert "Dự thảo thông báo</h1>" in text and "Nội dung của bài viết." in text
    assert "Bản xem trước – chưa công bố" in text and "hết hạn lúc" in text
    assert client.get(article.get_absolute_url()).status_code == 404


def test_leader_reads_the_working_copy_of_a_live_article(client, editor):
    article = make_article(title="Bài đang đăng", created_by=editor)
    copy = working_copy.revise(saving.save_article(article, user=editor))
    copy.title = "Bài đang sửa"
    saving.save_article(copy, user=editor)
    text = text_of(client.get(path(link_to(copy, editor))))
    assert "Bài đang sửa</h1>" in text


def test_page_is_for_one_reader_and_tells_nobody_of_itself(client, reporter):
    response = client.get(path(link_to(draft(reporter), reporter)))
    text = text_of(response)
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies and "Cookie" not in response.headers.get("Vary", "")
    head = text.split("</head>")[0]
    assert "Dự thảo" not in head and "og:title" not in head and "ld+json" not in head
    assert "data-visit=" not in text and "facebook.com" not in text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_page_never_reaches_the_page_cache(reporter, method):
    link = link_to(draft(reporter), reporter)
    generation.refresh()
    with connections_stay_open():
        before = page_cache.size_bytes
        status, headers, _ = Reader(page_cache)(path(link), method=method)
    assert status == 200
    assert headers["Cache-Control"] == "no-store, private"
    assert page_cache.size_bytes == before and "ETag" not in headers


def test_openings_are_counted_and_only_the_first_is_logged(client, reporter, told):
    link = link_to(draft(reporter), reporter)
    client.head(path(link))
    for _ in range(3):
        client.get(path(link))
    link.refresh_from_db()
    assert link.openings == 3 and link.opened_at is not None
    assert [act for act, _ in told] == ["link_made", "link_opened"]


def test_leader_sees_what_was_saved_after_the_link_was_made(client, reporter):
    article = draft(reporter)
    link = link_to(article, reporter)
    article.title = "Thông báo đã sửa"
    saving.save_article(article, user=reporter)
    assert "Thông báo đã sửa</h1>" in text_of(client.get(path(link)))


# Files


def attach(article, content=b"%PDF-1.4 quyet dinh") -> Attachment:
    file = Attachment(
        article=article,
        title="Quyết định",
        file_name="Quyết định 12.pdf",
        content_type="application/pdf",
        size_bytes=len(content),
    )
    file.file.save("x.pdf", ContentFile(content))
    file.save()
    return file


def test_leader_can_save_the_files_of_a_draft(client, reporter):
    article = draft(reporter)
    file = attach(article)
    link = link_to(article, reporter)
    address = f"{path(link)}tep/{file.pk}/"
    assert f'href="{address}"' in text_of(client.get(path(link)))
    response = client.get(address)
    assert b"".join(response.streaming_content) == b"%PDF-1.4 quyet dinh"
    assert response["Content-Disposition"].startswith("attachment")
    assert (
        response["Content-Security-Policy"]
        == "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "no-referrer"
    assert client.get(file.get_absolute_url()).status_code == 404
    assert client.post(address).status_code == 405


def test_link_opens_no_file_of_another_article_and_none_once_closed(client, reporter):
    other = attach(draft(reporter))
    article = draft(reporter)
    own, link = attach(article), link_to(article, reporter)
    assert client.get(f"{path(link)}tep/{other.pk}/").status_code == 404
    assert client.get(f"{path(link)}tep/{'9' * 30}/").status_code == 404
    leader.revoke(link, user=reporter)
    assert client.get(f"{path(link)}tep/{own.pk}/").status_code == 410


def test_file_that_is_missing_is_a_plain_404(client, reporter):
    article = draft(reporter)
    file, link = attach(article), link_to(article, reporter)
    file.file.storage.delete(file.file.name)
    assert client.get(f"{path(link)}tep/{file.pk}/").status_code == 404


# Links that do not work


def tampered(link):
    token = leader.token(link)
    return [
        token[:-1],
        token + "x",
        token.upper(),
        f"{link.pk + 1}-{token.partition('-')[2]}",
        token.partition(".")[0],
        "x",
        ".",
        "1.1",
        "%00",
        "9" * 2000,
        "ố",
    ]


def test_wrong_token_is_404_and_tells_nothing(client, reporter):
    link = link_to(draft(reporter), reporter)
    for token in tampered(link):
        for method in (client.get, client.post):
            text = text_of(method(f"/xem-truoc/{token}/"), 404)
            assert "Liên kết không đúng" in text and "Dự thảo" not in text
    link.refresh_from_db()
    assert link.openings == 0


def test_wrong_and_right_tokens_ask_the_database_the_same(
    client, reporter, django_assert_num_queries
):
    link = link_to(draft(reporter), reporter)
    leader.revoke(link, user=reporter)
    with django_assert_num_queries(2):  # the link, the last publication
        client.get(path(link))
    with django_assert_num_queries(1):
        client.get("/xem-truoc/1-2.x/")


def expire(link):
    LeaderLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def publish(link):
    secretary = make_user("secretary")
    article = Article.objects.get(pk=link.article_id)
    publishing.publish(article, user=secretary)


def publish_and_withdraw(link):
    publish(link)
    article = Article.objects.get(pk=link.article_id)
    publishing.withdraw(article, user=make_user("secretary"), note="Sai số liệu")


def trash(link):
    publishing.trash(Article.objects.get(pk=link.article_id))


def delete(link):
    Article.objects.get(pk=link.article_id).delete()


def close_account(link):
    type(link.created_by).objects.update(is_active=False)


def remove_account(link):
    type(link.created_by).objects.get(pk=link.created_by_id).delete()


CLOSINGS = [
    (expire, "Liên kết đã hết hạn"),
    (lambda link: leader.revoke(link, user=None), "Liên kết đã được thu hồi"),
    (publish, "Không còn bài chờ ý kiến"),
    (publish_and_withdraw, "Không còn bài chờ ý kiến"),
    (trash, "Không còn bài chờ ý kiến"),
    (delete, "Không còn bài chờ ý kiến"),
    (close_account, "Liên kết đã được thu hồi"),
    (remove_account, "Liên kết đã được thu hồi"),
]


@pytest.mark.parametrize(("close", "heading"), CLOSINGS, ids=lambda one: str(one)[:25])
def test_closed_link_is_gone_and_takes_no_answer(client, reporter, close, heading):
    link = link_to(in_review(reporter), reporter)
    version = link.version
    close(link)
    for response in (
        client.get(path(link)),
        reply(link, version=version)
        if close is not delete
        else client.post(path(link)),
    ):
        if response.status_code == 302:
            response = client.get(response["Location"])
        text = text_of(response, 410)
        assert heading in text and "Dự thảo" not in text
        assert response["Cache-Control"] == "no-store, private"
        assert not response.cookies
    assert not LeaderLink.objects.exclude(answer="").exists()


def test_number_given_again_after_a_restored_backup_opens_nothing(client, reporter):
    link = link_to(draft(reporter), reporter)
    old = path(link)
    LeaderLink.objects.update(created_at=timezone.now() + timedelta(seconds=5))
    assert client.get(old).status_code == 410


# Answering


def test_looking_never_answers(client, reporter):
    link = link_to(in_review(reporter), reporter)
    for method in (client.get, client.head):
        method(path(link), {"answer": "approve", "note": "x", "version": "2"})
    link.refresh_from_db()
    assert not link.answer
    assert client.put(path(link)).status_code == 405


def test_return_gives_the_article_back_with_the_reason(client, reporter, told):
    article = in_review(reporter)
    link = link_to(article, reporter)
    del told[:]
    response = reply(link, "return", "Thiếu số quyết định.")
    assert response.status_code == 302
    assert "Đã ghi nhận câu trả lời" in text_of(client.get(response["Location"]), 410)
    article.refresh_from_db()
    assert article.state == State.RETURNED
    revision = article.revisions.first()
    assert revision.act == Act.RETURN and revision.author is None
    assert "Lãnh đạo Nguyễn Văn A trả lại" in revision.note
    assert reporter.username in revision.note
    assert "Thiếu số quyết định." in revision.note
    acts = [act for act, _ in told]
    assert acts == [Act.RETURN, "link_answered"]
    assert "Thiếu số quyết định." in told[1][1]["note"]
    form = login(reporter).get(f"/admin/news/article/{article.pk}/change/")
    assert form.content.decode().count("Thiếu số quyết định.") == 1


def test_return_takes_an_approval_back(reporter, editor):
    article = publishing.approve(in_review(reporter), user=editor)
    reply(link_to(article, editor), "return", "Chưa được.")
    article.refresh_from_db()
    assert article.state == State.RETURNED and article.approved_by is None


def test_agreement_approves_where_the_issuer_may(reporter, editor):
    article = in_review(reporter)
    link = link_to(article, editor)
    reply(link, "approve", "Tốt.")
    article.refresh_from_db()
    link.refresh_from_db()
    assert article.state == State.APPROVED and article.approved_by == editor
    assert link.act == Act.APPROVE and link.answered_version == link.version
    revision = article.revisions.first()
    assert revision.author == editor and "Lãnh đạo Nguyễn Văn A đồng ý" in revision.note


@pytest.mark.parametrize("issuer", ["writer", "submitter who may approve", "limited"])
def test_agreement_alone_never_replaces_the_second_person(issuer, monkeypatch):
    """A writer could answer his own link: then it is only recorded."""
    user = make_user("reporter" if issuer == "writer" else "editor")
    article = in_review(user if issuer != "limited" else make_user("reporter"))
    link = link_to(article, user)
    if issuer == "limited":
        monkeypatch.setattr(hooks, "category_limit", lambda u: {make_category().pk})
    reply(link, "approve", "Đồng ý cho đăng.")
    article.refresh_from_db()
    link.refresh_from_db()
    assert article.state == State.IN_REVIEW and article.approved_by is None
    assert link.answer == "approve" and link.act == "" and link.answered_at


@pytest.mark.parametrize("answer", ["approve", "return"])
def test_answer_to_a_draft_is_only_recorded_and_shown(reporter, answer):
    article = draft(reporter)
    link = link_to(article, reporter)
    version = article.version
    reply(link, answer, "Cần thêm ảnh.")
    article.refresh_from_db()
    assert (article.state, article.version) == (State.DRAFT, version)
    form = login(reporter).get(f"/admin/news/article/{article.pk}/change/")
    text = form.content.decode()
    assert "Lãnh đạo Nguyễn Văn A đã" in text and "Cần thêm ảnh." in text
    # Who has the form open is not told of a conflict that is none.
    saving.save_article(article, user=reporter, version=version)


def test_returning_needs_a_note_and_keeps_what_was_typed(reporter):
    article = in_review(reporter)
    link = link_to(article, reporter)
    text = text_of(reply(link, "return", "  "))
    assert "Hãy ghi rõ cần sửa gì." in text
    long = "Sửa đoạn hai. " * 100
    text = text_of(reply(link, "return", long))
    assert "Sửa đoạn hai. Sửa đoạn hai." in text and "1000" in text.replace(".", "")
    text = text_of(reply(link, "khac", "Giữ lấy lời này"))
    assert "Giữ lấy lời này" in text
    link.refresh_from_db()
    article.refresh_from_db()
    assert not link.answer and article.state == State.IN_REVIEW


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "9" * 40, "٣", None])
def test_answer_to_another_text_than_the_present_is_not_recorded(reporter, version):
    article = in_review(reporter)
    link = link_to(article, reporter)
    seen = article.version
    article.title = "Bản mới hơn"
    saving.save_article(article, user=reporter)
    given = seen if version is None else version
    text = text_of(reply(link, "approve", "Đồng ý bản này", version=given), 409)
    assert "Bài đã được sửa sau khi ông/bà mở xem" in text
    assert "Bản mới hơn</h1>" in text and "Đồng ý bản này" in text
    assert f'name="version" value="{article.version}"' in text
    link.refresh_from_db()
    assert not link.answer
    assert reply(link, "approve").status_code == 302


def test_act_that_leaves_the_words_alone_spoils_no_answer(reporter):
    """Two leaders have the article open; or it is submitted meanwhile."""
    article = draft(reporter)
    link, seen = link_to(article, reporter), article.version
    publishing.submit(article, user=reporter)
    assert reply(link, "return", "Sửa.", version=seen).status_code == 302
    article.refresh_from_db()
    assert article.state == State.RETURNED


def test_second_answer_changes_nothing(client, reporter):
    link = link_to(in_review(reporter), reporter)
    reply(link, "approve", "Được")
    response = reply(link, "return", "Không được")
    assert "Đã ghi nhận câu trả lời" in text_of(response, 410)
    link.refresh_from_db()
    assert (link.answer, link.note) == ("approve", "Được")


def test_link_that_closes_while_the_answer_is_sent_takes_none(reporter):
    """Checked again under the lock: the page was right when it was looked up."""
    article = in_review(reporter)
    link = link_to(article, reporter)
    leader.revoke(link, user=reporter)
    with pytest.raises(leader.Closed):
        leader.record_answer(
            link,
            answer="approve",
            note="",
            version=article.version,
            client_address="",
        )


def test_article_that_cannot_be_moved_still_keeps_the_answer(reporter, monkeypatch):
    from django.core.exceptions import ValidationError

    def refuse(*args, **kwargs):
        raise ValidationError("hỏng")

    link = link_to(in_review(reporter), reporter)
    monkeypatch.setattr(publishing, "give_back", refuse)
    assert reply(link, "return", "Sửa").status_code == 302
    link.refresh_from_db()
    assert (link.answer, link.act) == ("return", "")


def test_address_of_the_leader_is_the_one_the_trusted_proxy_saw(reporter, settings):
    settings.TRUSTED_PROXIES = 1
    link = link_to(draft(reporter), reporter)
    data = {"answer": "approve", "note": "", "version": link.version}
    forwarded = "1.1.1.1, 203.0.113.7"
    Client().post(path(link), data, headers={"X-Forwarded-For": forwarded})
    link.refresh_from_db()
    assert link.client_address == "203.0.113.7"


def test_answer_to_a_working_copy_stays_with_its_article(editor, reporter):
    article = saving.save_article(make_article(created_by=reporter), user=editor)
    copy = working_copy.revise(article, user=reporter)
    link = link_to(copy, reporter)
    reply(link, "approve", "Được")
    waiting = link_to(copy, reporter)
    publishing.submit(copy, user=reporter)
    working_copy.publish(Article.objects.get(pk=copy.pk), user=editor)
    assert set(article.leader_links.all()) == {link, waiting}
    assert Client().get(path(waiting)).status_code == 410


# The log


def test_log_tells_who_answered_from_where(reporter, editor):
    article = in_review(reporter)
    link = link_to(article, editor)
    client = Client()
    client.get(path(link), REMOTE_ADDR="203.0.113.8")
    last = AuditEntry.objects.first().pk
    reply(link, "return", "Thiếu số.", client=client)
    told = AuditEntry.objects.filter(pk__gt=last).order_by("pk")
    assert [entry.action for entry in told] == [Act.RETURN, "link_answered"]
    for entry in told:
        assert entry.object_id == str(article.pk) and entry.user is None
        assert entry.source == "127.0.0.1" and "Thiếu số." in entry.note
        assert leader.token(link) not in entry.path
    assert told[1].user_name == "Nguyễn Văn A"
    opened = AuditEntry.objects.get(action="link_opened")
    assert opened.source == "203.0.113.8" and editor.username in opened.note


def test_nobody_s_session_is_read_for_the_log(admin_client, reporter):
    link = link_to(in_review(reporter), reporter)
    for response in (admin_client.get(path(link)), reply(link, client=admin_client)):
        assert "Cookie" not in response.headers.get("Vary", "")
    assert (
        not AuditEntry.objects.filter(
            action__startswith="link_", path__startswith="/xem-truoc/"
        )
        .exclude(user=None)
        .exists()
    )


# The page of the links


def links_page(article):
    return f"/admin/news/article/{article.pk}/leader/"


def test_writer_makes_a_link_copies_it_again_and_revokes_it(client, reporter, settings):
    article = draft(reporter)
    desk = login(reporter)
    assert (
        links_page(article)
        in desk.get(f"/admin/news/article/{article.pk}/change/").content.decode()
    )
    response = desk.post(links_page(article), {"leader": " Trần  Thị B ", "days": "7"})
    assert response.status_code == 302
    link = LeaderLink.objects.get()
    assert link.leader == "Trần Thị B" and link.created_by == reporter
    assert (link.expires_at - link.created_at).days == 7
    for _ in range(2):
        text = text_of(desk.get(links_page(article)))
        assert f'value="{settings.SITE_URL}{path(link)}"' in text
    assert client.get(path(link)).status_code == 200
    desk.post(links_page(article), {"revoke": str(link.pk)})
    assert client.get(path(link)).status_code == 410
    assert path(link) not in text_of(desk.get(links_page(article)))


@pytest.mark.parametrize(
    "data",
    [
        {"leader": "", "days": "3"},
        {"leader": "A" * 200, "days": "3"},
        {"leader": "A", "days": "365"},
        {"leader": "A", "days": "x"},
        {"leader": "A"},
    ],
)
def test_link_needs_a_name_and_one_of_the_lifetimes(reporter, data):
    article = draft(reporter)
    response = login(reporter).post(links_page(article), data)
    assert "errorlist" in text_of(response)
    assert not LeaderLink.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40, "-1"])
def test_revoking_what_is_no_link_of_the_article_is_404(reporter, number):
    other = link_to(draft(reporter), reporter)
    article = draft(reporter)
    desk = login(reporter)
    for given in (number, str(other.pk)):
        assert desk.post(links_page(article), {"revoke": given}).status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_only_who_may_change_or_approve_shares(reporter):
    article = in_review(reporter)
    for role, status in {
        "reporter": 404,  # others' work is not seen at all
        "editor": 302,
        "secretary": 302,
        "stranger": 404,
    }.items():
        response = login(make_user(role)).post(
            links_page(article), {"leader": "A", "days": "3"}
        )
        assert response.status_code == status, role
    assert Client().get(links_page(article)).status_code == 302  # to sign in


def test_answers_of_a_published_article_are_for_its_writer_and_editors(reporter):
    article = in_review(reporter)
    link = link_to(article, reporter)
    reply(link, "approve", "Ý kiến nội bộ")
    publishing.publish(Article.objects.get(pk=article.pk), user=make_user("secretary"))
    make = {"leader": "A", "days": "3"}
    for user, status in ((reporter, 200), (make_user("editor"), 200)):
        desk = login(user)
        text = text_of(desk.get(links_page(article)), status)
        assert "Ý kiến nội bộ" in text and path(link) not in text
        assert desk.post(links_page(article), make).status_code == 403
    stranger = login(make_user("reporter"))
    assert stranger.get(links_page(article)).status_code == 403
    form = stranger.get(f"/admin/news/article/{article.pk}/change/")
    assert "Ý kiến nội bộ" not in text_of(form)


def test_many_links_cost_no_more_queries(reporter, django_assert_max_num_queries):
    article, desk = draft(reporter), login(reporter)
    link_to(article, reporter)
    with django_assert_max_num_queries(30) as few:
        desk.get(links_page(article))
    limit = len(few.captured_queries)
    for _ in range(10):
        reply(link_to(article, reporter), "approve")
        link_to(article, reporter)
    with django_assert_max_num_queries(limit):
        desk.get(links_page(article))


def test_saving_a_link_is_no_change_of_a_public_page(reporter):
    article = draft(reporter)
    before = generation.refresh()
    link_to(article, reporter)
    assert generation.refresh() == before
