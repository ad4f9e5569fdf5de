"""Below /admin/, where the cookies of the back office are sent."""

from django.urls import path

from portal.secondfactor import own, signing_in

sign_in_urls = [
    path("", signing_in.confirm, name="confirm"),
    path("khoa/", signing_in.with_passkey, name="with_passkey"),
    path("khoa/chuan-bi/", signing_in.request_options, name="request_options"),
]
own_urls = [
    path("", own.overview, name="overview"),
    path("mat-khau/", own.password, name="password"),
    path("ung-dung/", own.add_app, name="add_app"),
    path("khoa/", own.add_passkey, name="add_passkey"),
    path("khoa/chuan-bi/", own.creation_options, name="creation_options"),
    path("ma-du-phong/", own.recovery_codes, name="recovery_codes"),
    path("thiet-bi/<slug:kind>/<int:pk>/", own.device, name="device"),
]
