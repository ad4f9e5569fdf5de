"""What waits for somebody, as a query: the same answer as the rule of one article."""

import itertools
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from news import hooks, permissions
from news.models import Article, State
from news.workflow import Act, Level
from tests.factories import make_article, make_category
from tests.news.conftest import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    """Everybody the rules tell apart: roles, limits, single rights, nobody."""
    section, other = make_category(), make_category()
    people = [make_user(is_superuser=True), make_user("stranger")]
    for role in ("reporter", "editor", "secretary"):
        people.append(make_user(role))
        for category in (section, other):
            limited = make_user(role)
            limited.categories.add(category)
            people.append(limited)
    for name in ("review_article", "publish_article"):
        single = make_user("reporter")
        single.user_permissions.add(Permission.objects.get(codename=name))
        people.append(single)
    return people, section


def written(staff, section) -> None:
    """Articles in every state, by hands that matter."""
    writer, boss, root = staff[2], staff[5], staff[0]
    now = timezone.now()
    for state, submitter, approver in itertools.product(
        State, (None, writer, boss, root), (None, boss)
    ):
        make_article(
            state=state,
            category=section,
            created_by=writer,
            submitted_by=submitter,
            approved_by=approver,
        )
    for user in (None, boss, root):
        for hours in (-1, 1):
            make_article(
                category=section,
                created_by=staff[-1],
                emergency_by=user,
                emergency_at=now,
                published_at=now + timedelta(hours=hours),
            )


@pytest.mark.parametrize("level", Level)
def test_the_queries_of_the_desk_agree_with_the_rule_of_one_article(
    level, staff, monkeypatch
):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: level)
    people, section = staff
    written(people, section)
    queries = {
        permissions.waiting_articles: (Act.APPROVE, Act.PUBLISH),
        permissions.unconfirmed_articles: (Act.CONFIRM,),
        permissions.tended_articles: (Act.REVISE,),
    }
    articles = list(Article.objects.all())
    found_some = 0
    for user in people:
        user = type(user).objects.get(pk=user.pk)
        for query, acts in queries.items():
            rows = query(user, Article.objects.all())
            if query is permissions.waiting_articles:
                rows = rows.filter(state__in=[State.IN_REVIEW, State.APPROVED])
                asked = [a for a in articles if a.state in ("in_review", "approved")]
            elif query is permissions.tended_articles:
                rows = rows.filter(state=State.PUBLISHED)
                asked = articles
            else:
                asked = articles
            expected = {
                article.pk
                for article in asked
                if any(permissions.may(user, article, act) for act in acts)
            }
            found = set(rows.values_list("pk", flat=True))
            assert found == expected, (str(user), query.__name__)
            found_some += bool(found)
    assert found_some > 10


def test_what_was_released_for_a_time_ahead_waits_for_nobody():
    at = timezone.now() + timedelta(hours=1)
    live = make_article()
    make_article(state=State.APPROVED, revision_of=live, apply_at=at)
    waiting = permissions.waiting_articles(make_user("editor"), Article.objects.all())
    assert not waiting.exists()
