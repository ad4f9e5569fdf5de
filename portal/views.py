"""Home, standing pages, site map, what robots ask for, health, the pages for errors."""

import logging
import sys
from datetime import timedelta
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from news import html
from news.body import page_html
from portal import health, unavailable
from portal import home as home_page
from portal.models import Page
from portal.sidebar import frame

logger = logging.getLogger(__name__)


def home(request):
    return render(request, "portal/home.html", {"home": home_page.prepare(frame())})


def page(request, slug):
    found = get_object_or_404(Page, slug=slug, is_published=True)
    context = {"page": found, "body": html.as_safe(page_html(found.body))}
    return render(request, "portal/page.html", context)


def site_map(request):
    """The site map for people."""
    tree = frame().tree
    context = {
        "pages": Page.objects.filter(is_published=True),
        "tree": [
            {"category": top, "children": tree.children(top)}
            for top in tree.children(None)
        ],
    }
    return render(request, "portal/site_map.html", context)


def favicon(request):
    """Send the icon that browsers and tools ask for without reading the page."""
    response = redirect(static("img/favicon.svg"))
    response["Cache-Control"] = "public, max-age=86400"
    return response


def robots(request):
    context = {"site_url": settings.SITE_URL}
    return render(request, "portal/robots.txt", context, content_type="text/plain")


def security_txt(request):
    """Say whom to tell of a weakness: RFC 9116.

    It ends in half a year (the RFC: less than one), and an edition of the page ends
    with the day, so what is read is always good for months.
    """
    email = quote(frame().site.email, safe="@+")
    by_mail = f"mailto:{email}" if email else f"{settings.SITE_URL}/"
    expires = timezone.localdate() + timedelta(days=180)
    lines = (
        f"Contact: {settings.SECURITY_CONTACT or by_mail}",
        f"Expires: {expires.isoformat()}T00:00:00+07:00",
        "Preferred-Languages: vi, en",
        f"Canonical: {settings.SITE_URL}{reverse('security_txt')}",
    )
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"
    )


@require_safe
def healthz(request):
    """Say that this process answers; asks nothing of anybody."""
    return _plain("ok\n")


@require_safe
def readyz(request):
    """Say whether this host can serve and count; 503 names what is missing.

    As it was a second ago at most.
    """
    problems = health.recent_problems()
    if problems:
        return _plain("\n".join(problems) + "\n", status=503)
    return _plain("ready\n")


def _plain(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(
        text, status=status, content_type="text/plain; charset=utf-8"
    )
    response["Cache-Control"] = "no-store"
    return response


def not_found(request, exception):
    """404 with the whole frame; without a database, the plain page."""
    try:
        response = TemplateResponse(request, "404.html", status=404).render()
    except DatabaseError:
        logger.warning("404 page without its frame", exc_info=True)
        response = render(request, "errors/404.html", status=404)
    return response


def bad_request(request, exception):
    # A form whose text alone is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.
    if isinstance(exception, RequestDataTooBig):
        return render(request, "errors/413.html", status=413)
    return render(request, "errors/400.html", status=400)


def forbidden(request, exception):
    return render(request, "errors/403.html", status=403)


def csrf_failure(request, reason=""):
    """403 for a form of the back office that came without its token."""
    return render(request, "errors/csrf.html", status=403)


def server_error(request):
    """500, or 503 when something is away; needs no database, no frame and no request.

    What a middleware raises comes here and nowhere else.
    """
    if away := unavailable.answer(request, sys.exc_info()[1]):
        return away
    context = {"request_id": getattr(request, "request_id", "")}
    return render(None, "errors/500.html", context, status=500)
