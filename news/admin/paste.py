"""Where static/admin_theme/paste.js has the clipboard cleaned."""

import json

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    ValidationError,
)
from django.http import JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from news import pasting
from news.body import editor_html


class PasteMixin:
    """One more address of ArticleAdmin, for everybody who may write articles."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.paste))
        return [
            path("paste/", view, name="news_article_paste"),
            *super().get_urls(),
        ]

    def paste(self, request):
        """Answer {html, notes} to {html, plain}; {error} with a status of 4xx."""
        if not (
            self.has_add_permission(request) or self.has_change_permission(request)
        ):
            raise PermissionDenied
        try:
            data = json.loads(request.body)
        except RequestDataTooBig:
            message = _("Too much at once. Paste it in parts, or import the Word file.")
            return _refusal(message, 413)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            return _refusal(_("The clipboard could not be read."))
        try:
            pasted = pasting.clean(
                str(data.get("html") or ""), str(data.get("plain") or "")
            )
        except ValidationError as error:
            return _refusal(" ".join(error.messages))
        return JsonResponse({"html": editor_html(pasted.html), "notes": pasted.notes})


def _refusal(message: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)
