import pytest
from django.contrib.auth.models import Group

from portal import roles
from portal.models import User

pytestmark = pytest.mark.django_db


def permissions_of(name):
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user.get_all_permissions()


def test_each_role_can_do_more_than_the_one_before():
    reporter, editor, secretary, administrator = (
        permissions_of(name) for name in roles.GROUPS
    )
    assert reporter < editor < secretary < administrator


def test_reporter_writes_but_neither_publishes_nor_places():
    granted = permissions_of(roles.REPORTER)
    assert "news.add_article" in granted
    assert "news.publish_article" not in granted
    assert "news.add_listentry" not in granted
    assert "portal.change_sitesettings" not in granted


def test_every_named_permission_exists():
    for name, wanted in roles.GROUPS.items():
        if wanted is not None:
            assert set(wanted) <= permissions_of(name), name


def test_what_an_administrator_gave_or_took_over_stays():
    group = Group.objects.get(name=roles.REPORTER)
    extra = Group.objects.get(name=roles.SECRETARY).permissions.get(
        codename="add_listentry"
    )
    group.permissions.add(extra)
    group.permissions.remove(group.permissions.get(codename="add_article"))
    roles.complete_groups()
    codenames = set(group.permissions.values_list("codename", flat=True))
    assert {"add_listentry", "add_article"} <= codenames
