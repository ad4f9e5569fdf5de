"""Every page and action of the back office, for every role and for strangers.

What the tables of admin_table.py do not allow must be refused and change nothing,
whatever is posted along. A view or an action without a row fails here, too.
"""

import pytest

from tests.news.conftest import form_data, make_user
from tests.portal import browser_form
from tests.portal.admin_addresses import (
    address,
    admin_actions,
    admin_views,
    example,
    is_login,
    status,
)
from tests.portal.admin_table import (
    ACTIONS,
    ARTICLE_ACTIONS,
    MODELS,
    NOBODY,
    OPEN,
    STAFF,
    STRANGERS,
    TAKES_POST_AS_LOOK,
    VIEWS,
    expected_views,
    has_rank,
)
from tests.portal.admin_world import (
    NEVER_SET,
    difference,
    errors,
    picture,
    snapshot,
    tried,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("known_edition"),
    # Who may do what is decided in Python; the queries of these pages are asked on both
    # databases by the tests of lists, forms and the desk.
    pytest.mark.once,
]
# The tables are complete


def test_every_view_stands_in_the_table():
    found = admin_views()
    missing = {key: found[key] for key in found.keys() - expected_views()}
    assert not missing, (
        "These views are in no table of tests/portal/admin_table.py. Add a row:\n"
        + "\n".join(
            f'    VIEWS["{key}"] = View("reporter", "nobody")  # /{route}\n'
            f'    or, about one article, ARTICLE_VIEWS["{key}"] = ArticleView("view")'
            for key, route in missing.items()
        )
    )
    gone = expected_views() - found.keys()
    assert not gone, f"The table has rows of views that are no more: {gone}"


def test_every_action_of_a_list_stands_in_the_table(world):
    expected = {
        *(f"news_article.{name}" for name in ARTICLE_ACTIONS),
        *(f"{m}.delete_selected" for m, row in MODELS.items() if row.delete != NOBODY),
        *ACTIONS,
    }
    found = admin_actions(make_user("root", is_superuser=True))
    missing, gone = found - expected, expected - found
    assert not missing, (
        "These actions are in no table of tests/portal/admin_table.py: " + str(missing)
    ) + ' Add to ARTICLE_ACTIONS ("name": ("word", {…})) or ACTIONS ("name": "role").'
    assert not gone, f"The table has rows of actions that are no more: {gone}"


# Strangers


@pytest.mark.parametrize("person", STRANGERS)
def test_strangers_meet_the_login_page_everywhere(world, person):
    client = world.client(person)
    article = world.article("other's published", "groupless")
    before = snapshot()
    for name, route in admin_views().items():
        if name in OPEN or name == "logout":
            continue
        path = "/" + example(route, world, article)
        for send in (client.get, client.post):
            assert is_login(send(path)), f"{person}: {path}"
    assert not difference(before, snapshot())


# The usual pages of a model


@pytest.mark.parametrize("person", STAFF)
@pytest.mark.parametrize("model", MODELS)
def test_the_pages_of_a_model_are_opened_by_the_table(world, model, person):
    row, client = MODELS[model], world.client(person)
    key = world.rows[model].pk
    for page, least, arguments in (
        ("changelist", row.view, []),
        ("add", row.add, []),
        ("change", row.view, [key]),
        ("history", row.view, [key]),
        ("delete", row.delete, [key]),
    ):
        fine = row.list_status if page == "changelist" else 200
        response = client.get(address(f"{model}_{page}", *arguments))
        wanted = (fine,) if has_rank(person, least) else (403, 404)
        assert status(response) in wanted, f"{person}: {model}_{page}"


def what_a_browser_sends(world, model: str, page: str, *arguments) -> dict:
    """The form of an administrator, filled in, with forged fields all around it."""
    row = MODELS[model]
    response = world.client("administrator").get(address(f"{model}_{page}", *arguments))
    sent, names = browser_form.read(response.content.decode())
    forged = {k: v for k, v in world.forged.items() if k not in names}
    sent = forged | sent | row.typed
    if page == "add":
        sent |= row.new
        if model == "news_image":
            sent["upload"] = picture()
        elif model == "news_listentry":
            sent["article"] = str(world.rows[model].article_id)
    return sent


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_a_row_is_written_by_the_table_only(world, stored, model, page):
    least = getattr(MODELS[model], page)
    arguments = [] if page == "add" else [world.rows[model].pk]
    path = address(f"{model}_{page}", *arguments)
    table = type(world.rows[model])._meta.label
    sent = {"post": "yes"} | world.forged
    if page != "delete" and least != NOBODY:
        sent = what_a_browser_sends(world, model, page, *arguments)
    for person in STAFF:
        if "upload" in sent:
            sent["upload"] = picture()
        response, changed = tried(
            lambda p=person: world.client(p).post(path, sent), stored
        )
        if not has_rank(person, least):
            assert response.status_code == 403, f"{person}: {path}"
            assert not changed, f"{person}: {path} changed {changed}"
            continue
        assert response.status_code == 302, f"{person}: {errors(response)}"
        assert table in changed, f"{person}: {path} did nothing"
        _check_nothing_forged(changed, table, page)


def _check_nothing_forged(changed, table, page):
    for name, columns in changed.items():
        if page == "delete":
            continue  # what hung on the row went with it
        assert name == table or name.startswith(f"{table}_"), changed
        assert page == "add" or not columns & NEVER_SET - {"slug"}, changed
    if table == "portal.User":
        assert not changed[table] & {"is_superuser", "password"}
        user = type_of(table).objects.filter(is_superuser=True)
        assert not user.exists()


def type_of(label: str):
    from django.apps import apps

    return apps.get_model(label)


DELETED = [m for m, r in MODELS.items() if r.delete != NOBODY and not r.board]


@pytest.mark.parametrize("model", DELETED)
def test_chosen_rows_are_deleted_by_the_table_only(world, stored, model):
    key = world.rows[model].pk
    sent = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
    for person in STAFF:
        client = world.client(person)
        path = address(f"{model}_changelist")
        _response, changed = tried(lambda c=client, p=path: c.post(p, sent), stored)
        assert bool(changed) == has_rank(person, MODELS[model].delete), person


@pytest.mark.parametrize("model", [m for m, row in MODELS.items() if row.board])
def test_a_page_that_stands_for_a_list_does_what_the_table_says(world, stored, model):
    path = address(f"{model}_changelist")
    table = type(world.rows[model])._meta.label
    for least, data in MODELS[model].board:
        sent = {key: world.fill(value) for key, value in data.items()}
        for person in STAFF:
            client = world.client(person)
            _response, changed = tried(
                lambda c=client, s=sent: c.post(path, world.forged | s), stored
            )
            wanted = {table} if has_rank(person, least) else set()
            assert set(changed) == wanted, f"{person}: {sent}"


@pytest.mark.parametrize("action", ACTIONS)
def test_other_actions_of_lists_ask_for_the_role(world, stored, action):
    model, _, name = action.partition(".")
    sent = {"action": name, "_selected_action": [world.rows[model].pk]}
    for person in STAFF:
        client = world.client(person)
        path = address(f"{model}_changelist")
        _response, changed = tried(lambda c=client, p=path: c.post(p, sent), stored)
        assert bool(changed) == has_rank(person, ACTIONS[action]), person


@pytest.mark.parametrize("person", STAFF)
def test_rows_of_a_list_are_changed_in_place_by_the_table_only(world, stored, person):
    """Every list with inputs: the administrator's own form, sent by others."""
    for model, row in MODELS.items():
        path = address(f"{model}_changelist")
        page = world.client("administrator").get(path)
        sent, _names = browser_form.read(page.content.decode(), "changelist-form")
        if "form-TOTAL_FORMS" not in sent:
            continue
        positions = {k: "42" for k in sent if k.endswith("-position")}
        sent = {k: v for k, v in sent.items() if k not in ("action", "index")}
        sent |= positions | {"_save": "1"} | world.forged
        client = world.client(person)
        response, changed = tried(lambda c=client, p=path, s=sent: c.post(p, s), stored)
        if has_rank(person, row.change):
            assert set(changed) == {type(world.rows[model])._meta.label}, response
            assert all("position" in names for names in changed.values())
        else:
            assert not changed, f"{person}: {path} changed {changed}"


# Pages of their own


@pytest.mark.parametrize("name", VIEWS)
def test_a_page_of_its_own_answers_by_the_table(world, stored, name):
    view = VIEWS[name]
    path = address(name, *map(world.fill, view.args))
    query = f"?{view.query}" if view.query else ""
    sent = world.forged | {k: world.fill(v) for k, v in view.sends.items()}
    if name == "news_article_add":
        sent |= form_data(category=world.inside.pk, _save="1")
    for person in STAFF:
        client = world.client(person)
        response, changed = tried(lambda c=client: c.get(path + query), stored)
        may_open = view.opens != NOBODY and has_rank(person, view.opens)
        wanted = 405 if view.opens == NOBODY else view.refused
        wanted = view.opened if may_open else wanted
        assert response.status_code == wanted, f"{person}: GET {path}"
        assert not changed, f"{person}: looking at {path} changed {changed}"
        response, changed = tried(lambda c=client: c.post(path + query, sent), stored)
        if view.does != NOBODY and has_rank(person, view.does):
            assert response.status_code == view.done, f"{person}: {errors(response)}"
            assert set(changed) <= set(view.changes), f"{person}: {path} {changed}"
            assert bool(changed) == bool(view.changes) or name == "logout"
        else:
            wanted = 405 if view.does == NOBODY else view.refused
            if name in TAKES_POST_AS_LOOK:
                wanted = response.status_code
            assert response.status_code == wanted, f"{person}: POST {path}"
            assert not changed, f"{person}: {path} changed {changed}"
