"""Every page and act of an article, for every role: by the table ARTICLES only.

Own and others' articles in each state, inside and outside the sections of a limited
editor. What is refused changes nothing, whatever is posted along.
"""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from news import permissions
from news.models import Article
from news.workflow import TRANSITIONS, Act
from tests.news.conftest import form_data
from tests.portal.admin_addresses import address, status
from tests.portal.admin_table import (
    ACT_VIEW,
    ARTICLE_ACTIONS,
    ARTICLE_VIEWS,
    ARTICLES,
    TAKES_POST_AS_LOOK,
    allowed,
)
from tests.portal.admin_world import NEVER_SET, difference, errors, snapshot, tried

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("known_edition"),
    # Who may do what is decided in Python; what that asks of a database is asked on
    # both by the tests of acts, form, lists and the desk's piles. The walk takes
    # two minutes of processor time.
    pytest.mark.once,
]
# Who meets which article, outside his sections or not. Those who can do what others
# can (test_the_roles_after_the_editor_can_do_the_same) meet a few of each kind.
SOME = ("own draft", "other's in_review", "other's published", "other's copy")
ENCOUNTERS = [
    *((person, kind, False) for person in ("reporter", "editor") for kind in ARTICLES),
    *(("limited", kind, True) for kind in ARTICLES),
    *((p, k, False) for p in ("groupless", "limited", "secretary") for k in SOME),
    *(("administrator", kind, False) for kind in (*SOME, "other's trashed")),
]
# Whose pages are opened and sent, of those who do every act: who may do as much with
# his own article as with others', and who may nothing, a few times.
VISITS = [
    (person, kind, outside)
    for person, kind, outside in ENCOUNTERS
    if kind in SOME or not (outside or (person == "editor" and kind.startswith("own ")))
]
ARTICLE_TABLES = {
    *("news.Article", "news.Revision", "news.Placement", "news.Attachment"),
    *("news.Article_further_categories", "news.Article_tags", "news.Tag"),
}


@pytest.mark.parametrize(("person", "kind", "outside"), VISITS)
def test_each_page_of_an_article_asks_the_table(world, person, kind, outside):
    words = allowed(person, kind, outside=outside)
    article = world.article(kind, person, outside=outside)
    client = world.client(person)
    before = snapshot()
    for name, view in ARTICLE_VIEWS.items():
        path = article_address(name, article)
        if not view.get:
            assert client.get(path).status_code == 405, path
        else:
            response = client.get(path)
            wanted = answers(view, view.get, view.opened, words)
            assert status(response) in wanted, f"{person}, {kind}: {path}"
            if name == "news_article_change" and response.status_code == 200:
                _check_buttons(response, words)
        if name == "news_article_change":
            continue
        sent = world.forged | view.sends
        response, changed = tried(lambda p=path, s=sent: client.post(p, s), before)
        if view.post in words:
            assert response.status_code == view.done, f"{person}, {kind}: {path}"
            assert set(changed) <= set(view.changes), changed
        else:
            assert not changed, f"{person}, {kind}: {path} changed {changed}"
            if view.post:
                wanted = answers(view, view.post, view.done, words)
                assert status(response) in wanted, f"{person}, {kind}: {path}"
            elif name not in TAKES_POST_AS_LOOK:
                assert response.status_code == 405, path
    assert not difference(before, snapshot()), "looking changes nothing"


def article_address(name: str, article) -> str:
    if name == "view_on_site":
        kind = ContentType.objects.get_for_model(Article)
        return address(name, kind.pk, article.pk)
    return address(name, article.pk, *ARTICLE_VIEWS[name].args)


def answers(view, word: str, fine: int, words: set[str]) -> tuple[int, ...]:
    if word in words:
        return (fine,)
    return (view.refused,) if "view" in words else (403, 404)


def _check_buttons(response, words):
    shown = set(response.context["acts"])
    assert shown == words & set(Act.values)
    page = response.content.decode()
    assert ('name="_continue"' in page) == ("change" in words)
    assert ("/delete/" in page) == ("delete" in words)


@pytest.mark.parametrize(("person", "kind", "outside"), ENCOUNTERS)
def test_each_act_is_done_by_the_table_only(world, person, kind, outside):
    words = allowed(person, kind, outside=outside)
    article = world.article(kind, person, outside=outside)
    user = world.people[person]
    before = snapshot()
    for act in Act:
        path = address(ACT_VIEW, article.pk, act.value)
        sent = world.forged | {"act-version": "1", "act-note": "Lý do"}
        sent |= {"act-kind": "gone", "category": str(world.outside.pk)}
        sent |= {"act-published_at_0": "19/05/2021", "act-published_at_1": "10:30"}
        assert permissions.may(user, _again(article), act) == (act in words), act
        client = world.client(person)
        if act not in words:
            refused = client.post(path, sent)
            wanted = (200, 302, 403) if "view" in words else (404,)
            assert refused.status_code in wanted, f"{person}, {kind}: {act}"
            continue
        response, changed = tried(lambda c=client, p=path, s=sent: c.post(p, s), before)
        assert response.status_code == 302, f"{person}, {kind}: {act}"
        assert changed, f"{person}, {kind}: {act} did nothing"
        assert set(changed) <= ARTICLE_TABLES, changed
        assert not changed["news.Article"] & (NEVER_SET | {"category_id"}), changed
    changed = difference(before, snapshot())
    assert not changed, f"{person}, {kind}: a refused act changed {changed}"


def _again(article) -> Article:
    return Article.objects.get(pk=article.pk)


BUTTONS = {
    "_save": "change",
    "_continue": "change",
    "_submit": "submit",
    "_approve": "approve",
    "_publish": "publish",
    "_return": "return",
    "_emergency": "emergency",
}


@pytest.mark.parametrize(
    ("person", "kind", "outside"),
    [
        (person, kind, outside)
        for person, kind, outside in VISITS
        if person in ("reporter", "editor", "groupless") or outside
    ],
)
def test_the_form_does_no_more_than_its_buttons(world, person, kind, outside):
    words = allowed(person, kind, outside=outside)
    article = world.article(kind, person, outside=outside)
    file = article.attachments.create(title="KH", file="a/1.pdf", file_name="a.pdf")
    strange = world.rows["news_listentry"].article.attachments.create(
        title="Của bài khác", file="a/2.pdf", file_name="b.pdf"
    )
    data = world.forged | form_data(category=article.category_id, title="Đổi trộm")
    data |= {"published_at_0": "19/05/2021", "published_at_1": "10:30"}
    data |= {"act-note": "Lý do", "read_version": str(article.version)}
    data |= {"attachments-TOTAL_FORMS": "1", "attachments-INITIAL_FORMS": "1"}
    data |= {"attachments-0-id": file.pk, "attachments-0-article": article.pk}
    data |= {"attachments-0-title": "Đổi trộm", "attachments-0-position": "0"}
    path = address("news_article_change", article.pk)
    before = snapshot()
    for button, word in BUTTONS.items():
        client = world.client(person)
        sent = data | {button: "1"}
        response, changed = tried(lambda c=client, s=sent: c.post(path, s), before)
        if word in words and "change" in words:
            assert response.status_code == 302, f"{button}: {errors(response)}"
            assert set(changed) <= ARTICLE_TABLES
            assert (
                "title" in changed["news.Article"] or "a row" in changed["news.Article"]
            )
            assert not changed["news.Article"] & NEVER_SET, changed
        else:
            # What cannot be saved is kept for its writer alone, and nothing else.
            changed.pop("news.Autosave", None)
            assert not changed, f"{person}, {kind}: {button} changed {changed}"
    if "change" in words:
        # A row of another article, by its number.
        sent = data | {"attachments-0-id": strange.pk, "_save": "1"}
        response, changed = tried(lambda: client.post(path, sent), before)
        assert response.status_code == 200
        assert not changed


@pytest.mark.parametrize(("person", "outside"), {(p, o): 0 for p, _k, o in ENCOUNTERS})
def test_actions_of_the_list_ask_for_each_article(world, person, outside):
    # Made once: an action is undone before the next.
    articles = {k: world.article(k, person, outside=outside) for k in ARTICLES}
    words = {k: allowed(person, k, outside=outside) for k in ARTICLES}
    client, start = world.client(person), snapshot()
    for action, (word, asked) in ARTICLE_ACTIONS.items():
        sent = {"action": action} | {k: world.fill(v) for k, v in asked.items()}
        mine = {kind for kind in ARTICLES if word in words[kind]}
        with transaction.atomic():
            before = start
            for kinds in (ARTICLES.keys() - mine, mine):
                keys = {kind: articles[kind].pk for kind in kinds}
                after = _after_action(client, world.forged | sent, keys.values())
                touched = articles_touched(before, after)
                for kind, key in keys.items():
                    label = f"{person}, {kind}: {action}"
                    assert (key in touched) == (kind in mine), label
                changed = difference(before, after)
                assert set(changed) <= ARTICLE_TABLES | {"news.ListEntry"}, action
                assert not changed.get("news.Article", set()) & (NEVER_SET - {"id"})
                before = after
            transaction.set_rollback(True)


def _after_action(client, sent, keys) -> dict:
    for query in ("", "?state=trashed"):  # the bin is a list of its own
        path = address("news_article_changelist") + query
        response = client.post(path, sent | {"_selected_action": list(keys)})
        b"".join(response)  # a file is made while it is read
    return snapshot()


def articles_touched(before, after) -> set[int]:
    """The numbers of articles whose row differs, or that stand in a list anew."""
    old, new = before["news.Article"].rows, after["news.Article"].rows
    found = {key[0] for key in old if old[key] != new.get(key)}
    entries = after["news.ListEntry"]
    column = entries.columns.index("article_id")
    added = entries.rows.keys() - before["news.ListEntry"].rows.keys()
    return found | {entries.rows[key][column] for key in added}


def test_the_roles_after_the_editor_can_do_the_same(world):
    for kind in ARTICLES:
        words = [allowed(p, kind) for p in ("limited", "editor", "secretary")]
        assert words[0] == words[1] == words[2] - {"place"}
        assert words[2] == allowed("administrator", kind) - {"delete"}
    assert set(Act) == set(TRANSITIONS)
