"""Half a sign-in opens nothing: every address below /admin/ is asked."""

import pytest

from portal import roles
from tests.news.conftest import login
from tests.portal.admin_addresses import admin_views, example, is_login
from tests.portal.secondfactor import (
    ADD_APP,
    a_person,
    an_app,
    demand,
    give_password,
)

pytestmark = [
    pytest.mark.django_db,
    # Who may do what is decided in Python; the queries of these pages are asked on both
    # databases by the tests of lists, forms and the desk.
    pytest.mark.once,
]

# Where people sign in and out, and where who must is led to a device.
DOORS = {"login", "logout", "sign_in:confirm"}
DOORS |= {"sign_in:request_options", "sign_in:with_passkey"}
ENROLMENT = {"secondfactor:add_app", "secondfactor:add_passkey"}
ENROLMENT |= {"secondfactor:creation_options"}


def test_half_a_sign_in_opens_no_address_of_the_back_office(world):
    """Every address, by GET and POST: after the password, after enrolment was asked
    for, and in a session from before the device or the demand."""
    article = world.article("other's published", "groupless")
    with_app, led = a_person("administrator"), a_person("editor")
    old_session, asked_session = login(with_app), login(led)
    an_app(with_app)
    demand(roles.EDITOR)
    half, _response = give_password(with_app)
    enrolling, response = give_password(led)
    assert response["Location"] == ADD_APP
    opened = []
    for client in (half, enrolling, old_session, asked_session):
        for name, route in admin_views().items():
            if name in DOORS or (client is enrolling and name in ENROLMENT):
                continue
            path = "/" + example(route, world, article)
            for send in (client.get, client.post):
                if not is_login(send(path)):
                    opened.append(path)
    assert opened == []
    assert enrolling.get(ADD_APP).status_code == 200
