"""Short words for searching in tests."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from news.models import Article
from search import abbreviations
from search.backends import for_alias
from search.request import NEWEST, RELEVANCE, SearchRequest, parse_words

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
ORDERS = (NEWEST, RELEVANCE)


def backend():
    return for_alias(connection.alias)


def search(words="", at=None, **asked):
    """Return the SearchResult of one page."""
    request = SearchRequest(words=parse_words(words, abbreviations.load()), **asked)
    return backend().search(Article.objects.published(at), request)


def found(words="", at=None, **asked) -> list[int]:
    """Return the article ids of all pages, in order; totals must agree."""
    result = search(words, at, **asked)
    ids = [hit.article_id for hit in result.hits]
    for page in range(2, result.pages + 1):
        ids += [hit.article_id for hit in search(words, at, page=page, **asked).hits]
    assert len(ids) == result.total
    assert len(set(ids)) == len(ids)
    return ids


def local(*parts) -> datetime:
    """A moment of the wall clock in Việt Nam."""
    return datetime(*parts, tzinfo=LOCAL)
