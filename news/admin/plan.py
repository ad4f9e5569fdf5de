"""Lịch biên tập: a month by weeks, or one day, of what goes out and what ends."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from news import planning
from news.models import Category
from news.paging import page_number
from news.planning import Kind
from news.tree import CategoryTree
from news.widgets import CategoryField

_DAY_PAGE = 100


class FilterForm(forms.Form):
    muc = CategoryField(
        label=gettext_lazy("Section"),
        queryset=Category.objects.all(),
        required=False,
        empty_label=gettext_lazy("all sections"),
    )
    viec = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[("", gettext_lazy("everything")), *Kind.choices],
        required=False,
    )


class PlanMixin:
    """One address below the list of articles: plan/."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_GET(self.plan))
        return [path("plan/", view, name="news_article_plan"), *super().get_urls()]

    def plan(self, request):
        """?thang=2026-11 or ?ngay=2026-11-26, of ?muc= and ?viec=; garbage is 404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = FilterForm(request.GET)
        if not form.is_valid():
            raise Http404(_("There is no such page."))
        section, kind = form.cleaned_data["muc"], form.cleaned_data["viec"]
        narrow = {
            "kinds": [Kind(kind)] if kind else (),
            "category_ids": CategoryTree.load().subtree_ids(section)
            if section
            else None,
        }
        context = {
            **self.admin_site.each_context(request),
            "title": _("Editorial calendar"),
            "opts": self.opts,
            "form": form,
            "is_narrowed": bool(section or kind),
        }
        if "ngay" in request.GET:
            return self._day(request, context, narrow)
        return self._month(request, context, narrow)

    def _month(self, request, context, narrow):
        today = timezone.localdate()
        first = _read(planning.parse_month, request, "thang", today.replace(day=1))
        context["month"] = planning.month(request.user, first, **narrow)
        context["empty_days"] = planning.empty_days(request.user)
        return TemplateResponse(request, "admin/news/article/plan.html", context)

    def _day(self, request, context, narrow):
        day = _read(planning.parse_day, request, "ngay", timezone.localdate())
        paginator = Paginator(planning.day_rows(request.user, day, **narrow), _DAY_PAGE)
        try:
            page = paginator.page(page_number(request))
        except EmptyPage as error:
            raise Http404(_("There is no such page.")) from error
        context |= {
            "day": day,
            "page": page,
            "items": planning.items(page.object_list),
            "month_of_day": day.replace(day=1),
            **_around(day),
        }
        return TemplateResponse(request, "admin/news/article/plan_day.html", context)


def _read(parse, request, name: str, default: date) -> date:
    try:
        return parse(request.GET[name]) if name in request.GET else default
    except ValueError as error:
        raise Http404(_("There is no such page.")) from error


def _around(day: date) -> dict[str, date | None]:
    """The days before and after, where the calendar has them."""
    beside = {"previous": day - timedelta(days=1), "next": day + timedelta(days=1)}
    return {
        name: other if planning.FIRST_YEAR <= other.year <= planning.LAST_YEAR else None
        for name, other in beside.items()
    }
