"""One page: the form, and what it found."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from search import filters, log
from search.filters import search_form
from search.results import find
from search.suggestions import suggest

# How long a withdrawn title may still be suggested to who was shown it before
SUGGESTIONS_SECONDS = 60
RETRY_SECONDS = 30  # after a search that took too long


def results(request):
    form = search_form(request.GET, id_prefix="loc")
    page = find(form)
    if page and page.result:
        log.note(request.META, page.request, page.typed, page.result.total)
    if page and page.is_beyond:
        status = 404
    elif page and page.result is None:
        status = 503
    else:
        status = 200
    context = {"form": form, "page": page}
    response = render(request, "search/results.html", context, status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
        response["Cache-Control"] = "no-store"
    return response


def suggestions(request):
    """What goes on from ?q=, as JSON; the same for everybody, so caches may keep it."""
    found = suggest(request.GET.get(filters.WORDS, ""))
    said = ngettext("%(count)d suggestion", "%(count)d suggestions", len(found))
    answer = {
        "status": said % {"count": len(found)} if found else "",
        "suggestions": [{"text": one.text, "url": one.url} for one in found],
    }
    headers = {"Cache-Control": f"public, max-age={SUGGESTIONS_SECONDS}"}
    return JsonResponse(answer, headers=headers)
