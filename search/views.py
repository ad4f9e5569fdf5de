"""One page: the form, and what it found."""

from django.shortcuts import render

from search import log
from search.filters import search_form
from search.results import find


def results(request):
    form = search_form(request.GET, id_prefix="loc")
    page = find(form)
    if page and page.result:
        log.note(request.META, page.request, page.typed, page.result.total)
    status = 404 if page and page.is_beyond else 200
    context = {"form": form, "page": page}
    return render(request, "search/results.html", context, status=status)
