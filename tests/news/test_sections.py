"""An editor limited to some sections: what his forms offer, and a moved revision."""

import pytest
from django.urls import reverse

from news import permissions, working_copy
from news.docx.form import ReviewForm
from news.models import Article, State
from news.workflow import Act
from tests.factories import make_article, make_category
from tests.news.conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db
ADD = reverse("admin:news_article_add")


@pytest.fixture
def sections():
    """Return (one inside the limit, one under it, one outside)."""
    inside = make_category(name="Trong")
    return inside, make_category(name="Dưới", parent=inside), make_category(name="Xa")


@pytest.fixture
def limited(sections):
    user = make_user("editor")
    user.categories.set(sections[:1])
    return user


def change(article):
    return reverse("admin:news_article_change", args=[article.pk])


def offered(response, name="category") -> list[int]:
    field = response.context["adminform"].form.fields[name]
    return [category.pk for category in field.queryset]


def test_the_form_offers_the_sections_of_the_limit_and_all_below(limited, sections):
    inside, below, _outside = sections
    response = login(limited).get(ADD)
    for name in ("category", "further_categories"):
        assert set(offered(response, name)) == {inside.pk, below.pk}
    everybody = login(make_user("editor")).get(ADD)
    assert len(offered(everybody)) == len(sections)


@pytest.mark.parametrize("field", ["category", "further_categories"])
def test_a_section_outside_is_refused_in_words_and_the_text_is_kept(
    limited, sections, field
):
    inside, _below, outside = sections
    data = form_data(category=inside.pk, title="Bài dài", _publish="1")
    response = login(limited).post(ADD, data | {field: outside.pk})
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert "chỉ được dùng một số chuyên mục" in str(errors[field])
    assert "Bài dài" in response.content.decode()
    assert not Article.objects.exists()


def test_an_own_article_is_not_moved_out_of_the_limit(limited, sections):
    inside, _below, outside = sections
    article = make_article(state=State.DRAFT, category=inside, created_by=limited)
    data = form_data(category=outside.pk, read_version=str(article.version), _save="1")
    assert login(limited).post(change(article), data).status_code == 200
    article.refresh_from_db()
    assert article.category == inside


def test_further_sections_that_others_chose_stay_when_it_is_saved(limited, sections):
    inside, _below, outside = sections
    article = make_article(
        state=State.DRAFT, category=inside, further_categories=[outside]
    )
    response = login(limited).get(change(article))
    assert outside.pk in offered(response, "further_categories")
    data = form_data(category=inside.pk, read_version=str(article.version), _save="1")
    data["further_categories"] = [outside.pk]
    assert login(limited).post(change(article), data).status_code == 302
    assert list(article.further_categories.all()) == [outside]


def test_an_imported_word_file_keeps_to_the_limit(sections):
    inside, _below, outside = sections
    sent = {"title": "Từ Word", "category": outside.pk}
    form = ReviewForm(sent, may_add_units=False, limit={inside.pk})
    assert "category" in form.errors
    assert "category" in ReviewForm(sent, may_add_units=False).fields
    assert "category" not in ReviewForm(sent, may_add_units=False).errors


def test_a_revision_moved_into_the_limit_publishes_nothing_outside(limited, sections):
    """Its section is inside; what would change for readers is not."""
    inside, _below, outside = sections
    live = make_article(category=outside)
    copy = working_copy.revise(live, user=None)
    Article.objects.filter(pk=copy.pk).update(category=inside)
    copy = Article.objects.get(pk=copy.pk)
    for act in (Act.PUBLISH, Act.SUBMIT, Act.DISCARD):
        assert not permissions.may(limited, copy, act)
        assert permissions.may(make_user("editor"), copy, act)
    assert not permissions.may_change(limited, copy)
