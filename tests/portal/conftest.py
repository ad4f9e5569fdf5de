"""The newsroom of the walk through the back office, made once for a module."""

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from news.models import Attachment, Image
from news.storage import private_storage
from portal import generation
from portal.integrity import program
from tests.portal import integrity_world
from tests.portal.admin_world import World, snapshot
from tests.portal.demo_site import folders


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The rows are made once; each test leaves them as they were."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def stored(world):
    """What the database holds as long as no test has done anything."""
    return snapshot()


@pytest.fixture
def english():
    """Let the program speak in msgids."""
    with translation.override("en"):
        yield


@pytest.fixture
def known_edition(world):
    """As in a worker: what surrounds a public page is prepared once for all of them."""
    generation.refresh()


@pytest.fixture(scope="module")
def sealed_site(django_db_setup, django_db_blocker, tmp_path_factory):
    """A small site whose seals are those that each change writes."""
    folder = tmp_path_factory.mktemp("site") / "data"
    own = {**folders(folder), "DATA_DIR": folder, "PAGES_DIR": folder / "pages"}
    media = {**own["STORAGES"]["default"], "OPTIONS": {"location": folder / "media"}}
    own["STORAGES"] = {**own["STORAGES"], "default": media}
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**own),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        for model in (Attachment, Image):  # a column keeps the storage it began with
            patch.setattr(model._meta.get_field("file"), "storage", private_storage())
        patch.setattr(program, "roots", lambda: world.roots())
        world = integrity_world.World(folder)
        program.seal(lambda *_: None)
        yield world
        transaction.set_rollback(True)
