"""Hot news and focus: one page with both lists, ordered by drag, keyboard or buttons.

Each button is one POST that carries the order its page showed (`seen`) and the one
it shows now (`order`), so a button never loses what was moved before it. Without
JavaScript each move is saved at once; with it, by "Save the order".
"""

import json
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import front_lists, list_order, permissions
from news.admin import links
from news.admin.base import DeskAdmin
from news.body import thumbnail_url
from news.models import Article, ListEntry
from news.text import clean_line
from news.widgets import DateTimeField, is_key
from news.workflow import State

_MAX_QUERY_CHARS = 200
_FOUND = 8


@dataclass(frozen=True)
class Found:
    """An article that can be added, and the lists (by name) it is in already."""

    article: Article
    is_public: bool
    lists: frozenset[str]

    @property
    def picture(self) -> str:
        """The address of a small picture, or ""."""
        cover = self.article.cover
        return thumbnail_url(cover) if cover else ""


@dataclass(frozen=True)
class Clash:
    """A list that changed meanwhile: the order that was not saved, to try again."""

    list: str
    entries: list[ListEntry]  # in the order that was wanted, new ones first
    seen: str


class TimesForm(forms.Form):
    """When a new entry begins and ends; both may stay empty."""

    prefix = "new"
    starts_at = DateTimeField(label=gettext_lazy("From"), required=False)
    ends_at = DateTimeField(label=gettext_lazy("Until"), required=False)


@admin.register(ListEntry)
class ListEntryAdmin(DeskAdmin):
    autocomplete_fields = ["article"]
    fields = ["list", "article", "starts_at", "ends_at"]

    def get_queryset(self, request):
        return front_lists.visible_entries(request.user).order_by("list", "position")

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request)
        if "add" in request.POST:
            return self._add(request)
        if "clear" in request.POST:
            return self._clear(request)
        return self._order(request)

    # The page

    def _page(self, request, *, form=None, clash=None):
        now = timezone.now()
        may = {
            "order": self.has_change_permission(request),
            "add": self.has_add_permission(request),
            "remove": self.has_delete_permission(request),
        }
        words = clean_line(request.GET.get("q", ""))[:_MAX_QUERY_CHARS]
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "boards": front_lists.boards(request.user, now),
            "warnings": front_lists.warnings(now),
            "may": may,
            "clash": clash,
            "labels": json.dumps(_labels(), ensure_ascii=False),
        }
        if may["add"]:
            form = form or TimesForm()
            context |= {"words": words, "form": form, "media": self.media + form.media}
            context["found"] = _found(request.user, words, now)
        return TemplateResponse(request, "admin/news/listentry/board.html", context)

    # What its buttons do

    def _order(self, request):
        """Save the order, with one more step where a button asks for it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        which, seen = _which(request), _ids(request.POST.get("seen", "").split(","))
        wanted, now = _ids(request.POST.getlist("order")), timezone.now()
        moved, ending = _moved(request.POST, wanted), None
        try:
            with transaction.atomic():
                list_order.save_order(request.user, which, seen, moved, now)
                if "end" in request.POST:
                    ending = self._entry(request, request.POST["end"])
                    list_order.end_now(ending, now)
        except list_order.Conflict:
            return self._page(request, clash=self._clash(request, which, moved, now))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return _back(which)
        if ending is not None:
            self.log_change(request, ending, _("Ended now."))
            sentence = _("“%(title)s” left the list.") % {"title": ending.article}
        else:
            sentence = _("The order of “%(list)s” is saved.")
            sentence %= {"list": ListEntry.List(which).label}
        self.message_user(request, sentence, messages.SUCCESS)
        return _back(which)

    def _clash(self, request, which, wanted, now) -> Clash:
        lasting = self.get_queryset(request).filter(list=which).lasting(now)
        stored = list(lasting.select_related("article")[: front_lists.MAX_ROWS])
        place = {pk: number for number, pk in enumerate(wanted)}
        mine = sorted(stored, key=lambda entry: place.get(entry.pk, -1))
        return Clash(which, mine, ",".join(str(entry.pk) for entry in stored))

    def _add(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TimesForm(request.POST)
        which, _colon, number = request.POST["add"].partition(":")
        if which not in ListEntry.List.values:
            raise Http404
        article = _addable(request.user).filter(pk__in=_ids([number])).first()
        if article is None:
            raise Http404
        if not form.is_valid():
            return self._page(request, form=form)
        try:
            entry = list_order.add(which, article, timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self._page(request, form=form)
        self.log_addition(request, entry, [{"added": {}}])
        sentence = format_html(
            '<a href="{}">{}</a> {}',
            reverse("admin:news_article_change", args=[article.pk]),
            article.title,
            _("now stands on top of “%(list)s”.") % {"list": entry.get_list_display()},
        )
        self.message_user(request, sentence, messages.SUCCESS)
        return _back(which)

    def _clear(self, request):
        if not self.has_delete_permission(request):
            raise PermissionDenied
        which = _which(request)
        count = list_order.remove_ended(request.user, which, timezone.now())
        sentence = ngettext(
            "%(count)s ended entry was removed.",
            "%(count)s ended entries were removed.",
            count,
        )
        self.message_user(request, sentence % {"count": count}, messages.SUCCESS)
        return _back(which)

    # Help for both halves

    def _entry(self, request, number: str) -> ListEntry:
        entry = self.get_queryset(request).filter(pk__in=_ids([number])).first()
        if entry is None:
            raise ValidationError(_("The entry is no longer in the list."))
        return entry


def _which(request) -> str:
    which = request.POST.get("list", "")
    if which not in ListEntry.List.values:
        raise Http404
    return which


def _ids(texts) -> list[int]:
    """Read ids as they stand in forms; what is none is left out."""
    return [int(text) for text in texts if is_key(text)]


def _moved(post, wanted: list[int]) -> list[int]:
    """Return the order with the step of the pressed button: one up, down, or top."""
    moved = list(wanted)
    for button, step in (("up", -1), ("down", 1), ("top", -len(wanted))):
        for pk in _ids([post.get(button, "")]):
            if pk in moved:
                place = moved.index(pk)
                moved.pop(place)
                moved.insert(max(place + step, 0), pk)
    return moved


def _back(which: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('admin:news_listentry_changelist')}#{which}")


def _addable(user):
    articles = permissions.visible_articles(user, Article.objects.all())
    return articles.filter(revision_of=None).exclude(state=State.TRASHED)


def _found(user, words: str, at) -> list[Found]:
    """Articles to add: those with the words, or the newest."""
    articles = links.matching(user, words) if words else links.newest()
    rows = list(articles.for_listing()[:_FOUND])
    taken: dict[int, set[str]] = {}
    entries = ListEntry.objects.lasting(at).filter(article__in=rows)
    for pk, which in entries.values_list("article_id", "list"):
        taken.setdefault(pk, set()).add(which)
    return [
        Found(row, row.is_published(at), frozenset(taken.get(row.pk, ())))
        for row in rows
    ]


def _labels() -> dict[str, str]:
    """What static/admin_theme/order.js says; {…} are filled in there."""
    return {
        "held": _(
            "“{title}” is taken, place {place} of {count}. Arrow keys move it, "
            "Enter drops it, Escape takes it back."
        ),
        "moved": _("“{title}”: place {place} of {count}."),
        "dropped": _("“{title}” dropped at place {place} of {count}. Not saved yet."),
        "back": _("Taken back: “{title}” is at place {place} again."),
        "first": _("“{title}” is the first already."),
        "last": _("“{title}” is the last already."),
        "undone": _("The saved order is back."),
    }
