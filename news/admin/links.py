"""What the editor asks while a link or a video is put in; both answer in JSON."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q
from django.http import JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from news import embeds, hooks, permissions
from news.models import Article, State
from news.text import clean_line, slugify_vi

SHOWN = 10
_MAX_QUERY_CHARS = 200


class LinksMixin:
    """Two addresses below the list of articles: links/ and embed/."""

    def get_urls(self):
        return [
            path(name, self.admin_site.admin_view(require_GET(view)), name=url_name)
            for name, view, url_name in (
                ("links/", self.links, "news_article_links"),
                ("embed/", self.embed, "news_article_embed"),
            )
        ] + super().get_urls()

    def links(self, request):
        """Articles that the user may see with the words `q`; without, the newest."""
        if not (
            self.has_add_permission(request) or self.has_change_permission(request)
        ):
            raise PermissionDenied
        words = clean_line(request.GET.get("q", ""))[:_MAX_QUERY_CHARS]
        found = (matching(request.user, words) if words else newest()).only(
            *("title", "slug", "state", "published_at", "expires_at"), "category__name"
        )
        rows = found.select_related("category")[:SHOWN]
        return JsonResponse({"articles": [_as_json(row) for row in rows]})

    def embed(self, request):
        """What the frame of an address or a code would show, or why there is none."""
        try:
            embed = embeds.from_editor(request.GET.get("address", ""))
        except ValidationError as error:
            # An answer, not a failure: browsers print others to the console.
            return JsonResponse({"error": " ".join(error.messages)})
        return JsonResponse({"embed": embed.reference, "provider": embed.provider.name})


def newest():
    """What readers see, the newest first."""
    return Article.objects.published().newest_first()


def matching(user, words: str):
    """Articles with the words in the title first, then the newest."""
    visible = permissions.visible_articles(user, Article.objects.all())
    found, _is_capped = hooks.search_articles(
        visible.exclude(state=State.TRASHED).filter(revision_of=None), words
    )
    # The stored slug is the title without accents.
    return found.alias(in_title=Q(slug__contains=slugify_vi(words))).order_by(
        "-in_title", F("published_at").desc(nulls_last=True), "-pk"
    )


def _as_json(article: Article) -> dict:
    day = article.published_at
    return {
        "title": article.title,
        "address": article.get_absolute_url(),
        "category": article.category.name,
        "date": f"{timezone.localtime(day):%d/%m/%Y}" if day else "",
        "note": "" if article.is_published() else _("not public"),
    }
