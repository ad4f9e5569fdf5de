"""No page, search or filter of the back office tells what one may not see."""

import html

import pytest

from tests.portal.admin_addresses import address
from tests.portal.admin_table import ARTICLES, NOBODY, VIEWS, allowed

pytestmark = [
    pytest.mark.django_db,
    # Who may do what is decided in Python; the queries of these pages are asked on both
    # databases by the tests of lists, forms and the desk.
    pytest.mark.once,
]


# The others may see everything.
@pytest.mark.parametrize("person", ["groupless", "reporter", "limited"])
def test_no_page_names_an_article_that_one_may_not_see(world, person):
    hidden, seen = [], []
    for place in (False, True):
        for number, kind in enumerate(ARTICLES):
            title = f"Tít {'ngoài' if place else 'trong'} {number}."
            is_foreign = place and person == "limited"
            article = world.article(kind, person, outside=place, title=title)
            article.cover = world.rows["news_image"]
            article.save()
            article.tags.add(world.rows["news_tag"])
            words = allowed(person, kind, outside=is_foreign)
            if "view" not in words:
                hidden.append(article)
            elif not kind.endswith("trashed"):  # the bin is a list of its own
                seen.append(article)
    assert hidden
    client = world.client(person)
    for path in _everything(world, article):
        response = client.get(path)
        if response.status_code != 200:
            continue
        page = html.unescape(b"".join(response).decode(errors="ignore"))
        for secret in hidden:
            assert secret.title not in page, f"{person}: {path}"
            assert f"{secret.slug}-{secret.pk}" not in page, f"{person}: {path}"
    if seen:
        page = client.get(address("news_article_changelist"))
        assert {a.pk for a in page.context["cl"].result_list} >= {a.pk for a in seen}


def _everything(world, article):
    """Addresses of all pages that are not about one article, and some odd ones."""
    for name, view in VIEWS.items():
        if view.opens != NOBODY:
            query = view.query or "q=Tít"
            yield address(name, *map(world.fill, view.args)) + f"?{query}"
    yield address("news_article_links")
    yield address("autocomplete") + f"?{VIEWS['autocomplete'].query}&term=Tít"
    for model, row in world.rows.items():
        yield address(f"{model}_changelist")
        yield address(f"{model}_changelist") + "?q=Tít"
        for page in ("change", "history", "delete"):
            yield address(f"{model}_{page}", row.pk)


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("news_tag", "articles={pk}"),
        ("news_tag", "articles__title__startswith=T"),
        ("news_category", "articles={pk}"),
        ("news_category", "articles__state=draft"),
        ("news_image", "placements__article={pk}"),
        ("news_image", "placements__caption__startswith=T"),
        ("news_article", "created_by__password__startswith=md5"),
        ("news_article", "category__articles__title__startswith=T"),
        ("news_article", "revisions__note__startswith=T"),
        ("news_article", "_to_field=body"),
        ("portal_user", "password__startswith=md5"),
    ],
)
def test_no_filter_asks_what_one_may_not_see(world, model, query):
    secret = world.article("other's draft", "reporter")
    secret.tags.add(world.rows["news_tag"])
    person = "administrator" if model == "portal_user" else "reporter"
    path = address(f"{model}_changelist")
    response = world.client(person).get(f"{path}?{query.format(pk=secret.pk)}")
    assert response.status_code in (302, 400), query
