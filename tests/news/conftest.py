"""Staff of each role, and what the article's form sends."""

import itertools

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories import make_category

ROLES = {
    "reporter": "Phóng viên",
    "editor": "Biên tập viên",
    "secretary": "Thư ký toà soạn",
    "administrator": "Quản trị",
}
_numbers = itertools.count(1)


def make_user(role=None, **overrides):
    """Return a member of staff in the group of `role`; "stranger" has no group."""
    from django.contrib.auth import get_user_model

    overrides.setdefault("username", f"{role}-{next(_numbers)}")
    user = get_user_model().objects.create_user(is_staff=True, **overrides)
    if role in ROLES:
        user.groups.add(Group.objects.get(name=ROLES[role]))
    return user


def login(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_data(**overrides) -> dict:
    """What a browser sends for a new article."""
    data = {
        "title": "Khai mạc hội nghị",
        "sapo": "Sáng nay, hội nghị khai mạc.",
        "body": "<p>Nội dung.</p>",
        "read_version": "0",
        "cover_alt_kind": "text",
        "tags": "",
        "published_at_0": "",
        "published_at_1": "",
        "expires_at_0": "",
        "expires_at_1": "",
        "revised_at_0": "",
        "revised_at_1": "",
        "attachments-TOTAL_FORMS": "0",
        "attachments-INITIAL_FORMS": "0",
        "list_entries-TOTAL_FORMS": "0",
        "list_entries-INITIAL_FORMS": "0",
    }
    if "category" not in overrides:
        overrides["category"] = make_category().pk
    return data | overrides


@pytest.fixture
def editor(db):
    return make_user("editor")


@pytest.fixture
def reporter(db):
    return make_user("reporter")
