"""Public pages of the news: article, category, the two lists, tag, download."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from news import article_page, hooks, withdrawn
from news.models import Article, Attachment, ListEntry, Tag
from news.paging import CategoryIds, articles_page
from news.workflow import Withdrawal


def article(request, slug, pk):
    found = article_page.find(pk)
    if found is None:
        return _withdrawn(request, slug, pk)
    if slug != found.slug:
        return redirect(found, permanent=True)
    page = article_page.prepare(found)
    context = {"page": page, "path": page.path}
    return render(request, "news/article_detail.html", context)


def _withdrawn(request, slug, pk):
    """Say that readers once could read it; Http404 of everything else."""
    found = withdrawn.find(pk)
    if found is None:
        raise Http404(_("There is no such article, or it is no longer published."))
    if slug != found.slug:
        return redirect(found, permanent=True)
    if target := withdrawn.destination(found):
        return redirect(target)
    is_told = found.withdrawal == Withdrawal.NOTICE
    context = {
        "title": withdrawn.title(found) if is_told else "",
        "notice": found.withdrawal_notice if is_told else "",
    }
    return render(request, "news/article_withdrawn.html", context, status=410)


def category(request, slug):
    tree = hooks.category_tree()
    found = tree.find(slug)
    if found is None:
        raise Http404(_("There is no such category."))
    articles = CategoryIds(tree.subtree_ids(found))
    context = {
        "category": found,
        "path": [*tree.ancestors(found), found],
        "children": tree.children(found),
        "articles": articles_page(request, articles),
    }
    return render(request, "news/category_list.html", context)


def hot(request):
    return _listed(request, ListEntry.List.HOT)


def focus(request):
    return _listed(request, ListEntry.List.FOCUS)


def _listed(request, which):
    # The hand order is the list's own; an entry is hidden while its article is.
    entries = ListEntry.objects.shown().filter(list=which)
    ids = entries.values_list("article_id", flat=True)
    context = {"list": which, "articles": articles_page(request, ids)}
    return render(request, f"news/{which}_list.html", context)


def tag(request, slug):
    found = get_object_or_404(Tag, slug=slug)
    articles = Article.objects.published().filter(tags=found).newest_first()
    page = articles_page(request, articles.values_list("pk", flat=True))
    if not page.object_list:  # the tag of a draft may tell what is coming
        raise Http404(_("There is no such page."))
    context = {"tag": found, "articles": page}
    return render(request, "news/tag_list.html", context)


@require_safe
def download(request, pk, name):
    """Send an attachment of a published article, always as a file to save."""
    found = get_object_or_404(
        Attachment, pk=pk, article__in=Article.objects.published().values("pk")
    )
    if name != found.file_name:
        return redirect(found)
    response = file_to_save(found)
    if request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        hooks.downloaded(request.META, found.pk)  # later ranges are the same one
    # The article may be withdrawn at any time; nobody in between keeps a copy.
    response["Cache-Control"] = "private, no-cache"
    return response


def file_to_save(found: Attachment) -> FileResponse:
    """Answer with the bytes of an attachment, never to be shown inside our site.

    Http404 when the file is gone.
    """
    try:
        file = found.file.open("rb")
    except OSError as error:
        raise Http404(_("The file is missing.")) from error
    response = FileResponse(
        file,
        as_attachment=True,
        filename=found.file_name,
        content_type=found.content_type or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    return response
