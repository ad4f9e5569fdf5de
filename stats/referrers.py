"""Where visits came from: hosts put into the five groups that people ask about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

GROUPS = {
    "search": _("Search engines"),
    "social": _("Social networks"),
    "government": _("Sites of public bodies (*.gov.vn)"),
    "other": _("Other sites"),
    "direct": _("Direct: typed, bookmarks, apps, mail"),
}
# The site a host belongs to, whatever stands before it: m.facebook.com.
_SEARCH = (
    *("coccoc.com", "bing.com", "duckduckgo.com", "baidu.com", "ecosia.org"),
    *("qwant.com", "startpage.com", "search.brave.com", "naver.com"),
)
_SEARCH_WITH_COUNTRIES = re.compile(
    r"(?:www\.|[a-z]{2}\.)?(?:search\.)?(?:google|yahoo|yandex)\.[a-z]{2,3}(?:\.[a-z]{2})?"
    r"|[a-z]{2}\.search\.yahoo\.com"
)
_SOCIAL = (
    *("facebook.com", "fb.com", "fb.me", "messenger.com", "zalo.me", "zaloapp.com"),
    *("youtube.com", "youtu.be", "tiktok.com", "instagram.com", "threads.net"),
    *("threads.com", "twitter.com", "x.com", "t.co", "linkedin.com", "lnkd.in"),
    *("pinterest.com", "reddit.com", "t.me", "telegram.org", "viber.com"),
    *("whatsapp.com", "lotus.vn", "gapo.vn"),
)


@dataclass(slots=True)
class Group:
    name: str
    visits: int = 0
    hosts: list[tuple[str, int]] = field(default_factory=list)  # most visits first
    share: float = 0.0  # percent of all visits

    @property
    def label(self):
        return GROUPS[self.name]


def group_of(host: str) -> str:
    """The group of a host name, which anybody may have made up."""
    host = host.lower()
    if _SEARCH_WITH_COUNTRIES.fullmatch(host) or _is_of(host, _SEARCH):
        return "search"
    if _is_of(host, _SOCIAL):
        return "social"
    if _is_of(host, ("gov.vn",)):
        return "government"
    return "other"


def _is_of(host: str, sites: Iterable[str]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)


def grouped(visits_by_host: Iterable[tuple[str, int]], visits: int) -> list[Group]:
    """All five groups; what came from no other site is direct.

    `visits` are all of the same days: a host's are those that began with a link there.
    """
    found = {name: Group(name) for name in GROUPS}
    for host, number in visits_by_host:
        group = found[group_of(host)]
        group.visits += number
        group.hosts.append((host, number))
    found["direct"].visits = max(visits - sum(g.visits for g in found.values()), 0)
    for group in found.values():
        group.hosts.sort(key=lambda pair: (-pair[1], pair[0]))
        group.share = 100 * group.visits / visits if visits else 0.0
    return list(found.values())
