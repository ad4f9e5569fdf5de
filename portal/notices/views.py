"""The page of one's own notices; nobody opens, marks or counts another's."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from news import permissions, working_copy
from news.paging import page_number
from portal.notices.models import Kind, Notice

PER_PAGE = 50
MOST_COUNTED = 100
# These are about what readers see, not about the revision they came from.
_OF_LIVE_ARTICLE = {Kind.PUBLISHED, Kind.WITHDRAWN, Kind.REVIEW_DUE}


def unread_count(user) -> int:
    """How many notices `user` has not read, at most MOST_COUNTED; one query."""
    return Notice.objects.unread(user).order_by()[:MOST_COUNTED].count()


@require_safe
def notices(request):
    """The newest first, 50 a page; three queries besides the frame of the page."""
    own = Notice.objects.filter(user=request.user)
    try:
        page = Paginator(own, PER_PAGE).page(page_number(request))
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    context = {
        **admin.site.each_context(request),
        "title": _("Notices"),
        "page": page,
        "has_unread": Notice.objects.unread(request.user).exists(),
        "may_mail": bool(settings.SENDS_MAIL and request.user.email),
    }
    return TemplateResponse(request, "admin/notices.html", context)


@require_safe
def open_article(request, pk):
    """Mark a notice as read and lead to what it is about."""
    own = Notice.objects.select_related("article").defer(
        "article__body", "article__body_html", "article__body_text"
    )
    notice = get_object_or_404(own, pk=pk, user=request.user)
    Notice.objects.filter(pk=pk).read_now()
    target = notice.article
    if target is not None and notice.kind not in _OF_LIVE_ARTICLE:
        target = working_copy.copy_of(target) or target
    if target is None or not permissions.may_view(request.user, target):
        messages.warning(
            request, _("This article is no longer there, or not yours to see.")
        )
        return HttpResponseRedirect(reverse("notices:list"))
    return HttpResponseRedirect(reverse("admin:news_article_change", args=[target.pk]))


@require_POST
def read(request, pk):
    get_object_or_404(Notice, pk=pk, user=request.user)
    Notice.objects.filter(pk=pk).read_now()
    return HttpResponseRedirect(reverse("notices:list"))


@require_POST
def read_all(request):
    """Mark as read what stood on the page or before it, not what came since."""
    text = request.POST.get("newest", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    Notice.objects.unread(request.user).filter(pk__lte=int(text)).read_now()
    return HttpResponseRedirect(reverse("notices:list"))


@require_POST
def mail_setting(request):
    """Switch the e-mails of one's own notices on or off."""
    wanted = request.POST.get("by_mail") == "1"
    request.user.notify_by_mail = wanted
    request.user.save(update_fields=["notify_by_mail"])
    messages.success(
        request,
        _("Notices are sent by e-mail too.")
        if wanted
        else _("Notices are no longer sent by e-mail."),
    )
    return HttpResponseRedirect(reverse("notices:list"))


_view = admin.site.admin_view
admin_urls = [
    path("", _view(notices), name="list"),
    path("<int:pk>/", _view(open_article), name="open"),
    path("<int:pk>/da-doc/", _view(read), name="read"),
    path("da-doc/", _view(read_all), name="read_all"),
    path("qua-thu/", _view(mail_setting), name="mail"),
]
