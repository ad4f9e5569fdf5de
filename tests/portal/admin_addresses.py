"""The addresses below /admin/ as the resolver knows them, and what they answer."""

import re
from urllib.parse import urlsplit

from django.contrib import admin
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.portal.admin_world import World


def admin_views() -> dict[str, str]:
    """Return {name, or route where there is none: route} of all below /admin/.

    A name of another app than Django's admin has its namespace before it.
    """
    return {
        name or route.removeprefix("admin/").removeprefix("^"): route
        for route, name in _walk(get_resolver())
        if route.startswith("admin/")
    }


def _walk(resolver, prefix="", namespace=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, entry.namespace or namespace)
        elif entry.name and namespace not in ("", "admin"):
            yield route, f"{namespace}:{entry.name}"
        else:
            yield route, entry.name


def admin_actions(user) -> set[str]:
    """Return "model.action" of all that lists offer `user`, who may do everything."""
    request = Client().get("/admin/login/").wsgi_request
    request.user = user
    return {
        f"{model._meta.app_label}_{model._meta.model_name}.{name}"
        for model, model_admin in admin.site._registry.items()
        for name in model_admin.get_actions(request)
    }


def address(name: str, *args) -> str:
    """The address of a view below /admin/, whatever its namespace."""
    return reverse(name if ":" in name else f"admin:{name}", args=args)


def is_login(response) -> bool:
    """Whether the answer sends to the login page and says nothing else."""
    target = response.headers.get("Location", "")
    is_there = urlsplit(target).path == reverse("admin:login")
    return response.status_code == 302 and is_there and not response.content


def status(response) -> int:
    """The status; 404 for Django's way to say it, a message on the first page."""
    is_away = response.headers.get("Location") == address("index")
    return 404 if is_away else response.status_code


def example(route: str, world: World, article) -> str:
    """Return an address that a route of the resolver leads to."""
    row = str(article.pk)
    # The apps stand there in the order of their registration.
    route = re.sub(r"\^\(\?P<app_label>[a-z|]+\)/\$", "news/", route)
    for part, value in (
        ("<path:content_type_id>", "1"),
        ("<int:content_type_id>", "1"),
        ("<path:object_id>", row),
        ("<slug:kind>/<int:pk>", f"app/{row}"),
        ("<int:pk>", row),
        ("<id>", row),
        ("<slug:name>", "publish"),
        ("<slug:kind>", "csv"),
        ("<str:kind>", "csv"),
        ("<uuid:token>", str(world.kept.token)),
        ("<slug:token>", "abc"),
        ("<int:number>", "1"),
        ("<int:old>-<int:new>", "0-1"),
        ("(?P<url>.*)$", "khong-co/"),
    ):
        route = route.replace(part, value)
    assert not set("<>^$") & set(route), f"no example of an address for {route}"
    return route
