"""Where links lead: to a public page of ours, to a trusted domain, elsewhere.

Addresses come from news.html.link(), so they are "/path", http, https, mailto or
tel, without backslash and without a name before the host.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from news import hooks
from news.models import Article, Attachment, Category, Tag

# Each stands for itself and all below it. Only state bodies can register under
# gov.vn; the others are the portals of Government, National Assembly and Party.
TRUSTED = frozenset({"gov.vn", "chinhphu.vn", "quochoi.vn", "dangcongsan.vn"})
# An article with more links into the site is no article; the rest is not asked for.
MAX_INTERNAL = 500
_MAX_ID = 2**63 - 1

_ASCII_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


def host_of(address: str) -> str:
    """Return the host of an http(s) address as browsers ask for it, or "".

    Lower case, without port and final dot, foreign letters in their ASCII form
    (xn--): two names that look alike are then two names.
    """
    parts = _split(address)
    return _host(parts) if parts and parts.scheme in ("http", "https") else ""


def domain_of(text: str) -> str:
    """Return the domain that a line typed by somebody names, or "".

    "*.example.vn", "example.vn" and "https://example.vn/tin" all name one. A name
    without a dot would trust half the world and is none.
    """
    text = text.strip().removeprefix("*.")
    host = host_of(text if "//" in text else f"https://{text}").removeprefix("www.")
    return host if "." in host and _ASCII_HOST.fullmatch(host) else ""


def is_under(host: str, domains: Collection[str]) -> bool:
    """Whether `host` is one of `domains` or stands below one of them."""
    if not _ASCII_HOST.fullmatch(host):
        return False
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def outbound_hosts(addresses: Iterable[str]) -> dict[str, str]:
    """Return {address: host} of those that lead to a domain nobody vouched for."""
    own = _split(hooks.site_url())
    own_host = _host(own) if own else ""
    found = {}
    for address in addresses:
        host = host_of(address)
        if host and host != own_host and not is_under(host, TRUSTED):
            found[address] = host
    if found:
        trusted = hooks.trusted_domains()
        found = {a: h for a, h in found.items() if not is_under(h, trusted)}
    return found


def broken(addresses: Iterable[str]) -> dict[str, str]:
    """Return {address: why} of those into our site that lead to nothing public.

    At most one query for each kind of page, however many the links are.
    """
    asked = _Asked()
    found: dict[str, str] = {}
    for address in dict.fromkeys(addresses):
        path = _own_path(address)
        if path is None or len(asked.seen) >= MAX_INTERNAL:
            continue
        asked.seen.append(address)
        if path.startswith("/admin/"):
            found[address] = _(
                "The link leads into the back office, closed to readers."
            )
        elif not path.startswith((settings.MEDIA_URL, settings.STATIC_URL)):
            match = _resolve(path)
            if match is None:
                found[address] = _nowhere()
            else:
                asked.add(address, match)
    return found | asked.answers()


def article_number(address: str) -> int | None:
    """Return the number of the article of ours that `address` leads to, or None."""
    path = _own_path(address)
    match = _resolve(path) if path is not None else None
    if match is None or match.view_name != "news:article":
        return None
    return match.kwargs["pk"] if match.kwargs["pk"] <= _MAX_ID else None


@dataclass
class _Asked:
    """Links by the kind of page they name; asked for kind by kind."""

    seen: list[str] = field(default_factory=list)
    by_kind: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(self, address: str, match) -> None:
        key = match.kwargs.get("pk", match.kwargs.get("slug"))
        self.by_kind.setdefault(match.view_name, {})[address] = key

    def answers(self) -> dict[str, str]:
        found = {}
        for kind, public_keys in _PUBLIC.items():
            links = self.by_kind.get(kind, {})
            keys = {k for k in links.values() if isinstance(k, str) or k <= _MAX_ID}
            public = public_keys(keys) if keys else {}
            for address, key in links.items():
                if why := public.get(key, _nowhere()):
                    found[address] = why
        return found


def _nowhere() -> str:
    return _("The link is broken: there is no such page on this site.")


def _articles(ids) -> dict[int, str]:
    rows = Article.objects.filter(pk__in=ids)
    rows = rows.only("state", "published_at", "expires_at")
    hidden = _("The link leads to an article that is not public now.")
    return {row.pk: "" if row.is_published() else hidden for row in rows}


def _attachments(ids) -> dict[int, str]:
    rows = Attachment.objects.filter(pk__in=ids).select_related("article")
    rows = rows.only(
        *(f"article__{n}" for n in ("state", "published_at", "expires_at"))
    )
    hidden = _("The link leads to a file whose article is not public now.")
    return {row.pk: "" if row.article.is_published() else hidden for row in rows}


def _categories(slugs) -> dict[str, str]:
    rows = Category.objects.visible().filter(slug__in=slugs)
    return dict.fromkeys(rows.order_by().values_list("slug", flat=True), "")


def _tags(slugs) -> dict[str, str]:
    """A tag has a page while a public article has the tag."""
    public = Article.objects.published().order_by().values("pk")
    rows = Tag.objects.filter(slug__in=slugs, articles__in=public)
    return dict.fromkeys(rows.order_by().values_list("slug", flat=True), "")


def _pages(slugs) -> dict[str, str]:
    return dict.fromkeys(hooks.public_pages(slugs), "")


# By the name of the address: a function from keys to {key: why not, or ""}; a key
# that is missing there leads to nothing.
_PUBLIC = {
    "news:article": _articles,
    "news:category": _categories,
    "news:category_feed": _categories,
    "news:tag": _tags,
    "news:download": _attachments,
    "page": _pages,
}


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if host.isascii():
        return host
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        return host
    # What becomes plain ASCII only by such a rule stays visible as it was typed.
    return ascii_host if "xn--" in ascii_host else host


def _own_path(address: str) -> str | None:
    """Return the path of a link into our own site, None of any other."""
    parts, own = _split(address), _split(hooks.site_url())
    if parts is None:
        return None
    if not parts.scheme:
        return unquote(parts.path)
    if own is None or parts.scheme not in ("http", "https"):
        return None
    if _host(parts) != _host(own) or _port(parts) != _port(own):
        return None
    return unquote(parts.path) or "/"


def _port(parts: SplitResult) -> str:
    """The port as written, "" when it is that of a scheme: http leads on to https."""
    port = parts.netloc.rpartition("]")[2].partition(":")[2]
    return "" if port in ("80", "443") else port


def _resolve(path: str):
    for candidate in (path, f"{path}/"):  # CommonMiddleware adds the slash
        try:
            return resolve(candidate)
        except Resolver404:
            continue
    return None
