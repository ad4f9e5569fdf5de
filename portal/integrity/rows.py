"""Rows that somebody changed, added or removed without the application."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from django.conf import settings
from django.utils.translation import gettext as _

from news.link_check import TRUSTED, domain_of, host_of, is_under
from portal.integrity.findings import Finding, Tell
from portal.integrity.models import Seal
from portal.integrity.sources import Files, Links, Rows, Source, all_sources, kept_facts
from portal.models import LinkedSite, SiteSettings

_ADDRESS = re.compile(r"""https?://[^\s"'<>]+""", re.I)


@dataclass
class Vouched:
    """Where pages may lead, told by rows whose seal is right: addresses that somebody
    wrote into one, and domains that the settings or a linked site name.
    """

    addresses: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)

    def explains(self, address: str) -> bool:
        """Say whether a full http(s) address may stand on a page."""
        host = host_of(address)
        trusted = TRUSTED | self.domains | {host_of(settings.SITE_URL)}
        return is_under(host, trusted) or address in self.addresses

    def add(self, source: Source, contents) -> None:
        if not isinstance(source, Rows):
            return
        if source.model is SiteSettings:
            lines = contents.get("trusted_domains", "").splitlines()
            self.domains |= {d for line in lines if (d := domain_of(line))}
        elif source.model is LinkedSite and (domain := domain_of(contents["url"])):
            self.domains.add(domain)
        for text in _texts(contents):
            if "://" in text:
                self.addresses.update(unescape(a) for a in _ADDRESS.findall(text))


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def check(tell: Tell) -> tuple[list[Finding], Vouched]:
    """Compare every row, link and file with its seal."""
    vouched, found, right, seals = Vouched(), [], 0, 0
    for source in all_sources():
        rows = Seal.objects.order_by().filter(row__startswith=f"{source.name}/")
        rows = rows.values_list("row", "digest", "facts").iterator(chunk_size=2000)
        known = {row: sealed for row, *sealed in rows}
        seals += len(known)
        look = _look_at_files if isinstance(source, Files) else _look
        for number, (finding, contents) in enumerate(look(source, known)):
            if number % 500 == 0:
                tell(source.name, number)
            if finding is None:
                right += 1
                vouched.add(source, contents)
            else:
                found.append(finding)
        found += [_removed(source, key) for key in sorted(known)]
    return (found if right or not found else [_no_key(seals)]), vouched


def _look(source: Source, known: dict[str, list[str]]) -> Iterator[tuple]:
    """Yield (finding or None, contents); takes the seals that were met from `known`."""
    for pk, contents in source.contents():
        key = source.key(pk)
        sealed = known.pop(key, None)
        if sealed is None:
            what = _("was added without the application")
            yield Finding("row_added", _place(source, pk), what, _no_such()), None
        elif source.fits(key, *sealed, contents):
            yield None, contents
        else:
            yield Finding("row_changed", _place(source, pk), *_changed(source)), None


def _look_at_files(source: Files, known: dict[str, list[str]]) -> Iterator[tuple]:
    facts = kept_facts(source)
    for pk, name in source.stored():
        known.pop(source.key(pk), None)
        kept = facts.get(pk)
        if kept is None or kept["name"] != name:
            what = _("names a file that the application did not give it")
            expected = _("the file that was attached in the back office")
            yield Finding("file_unsealed", _place(source, pk, name), what, expected), {}
        # A file that was not there when it was sealed is nobody's manipulation.
        elif kept["sha256"] and source.facts_of(name) != kept:
            what = _("the file was changed or is gone")
            expected = _("SHA-256 %(sum)s") % {"sum": kept["sha256"]}
            yield Finding("file_changed", _place(source, pk, name), what, expected), {}
        else:
            yield None, kept


def _changed(source: Source) -> tuple[str, str]:
    if isinstance(source, Links):
        return (
            _("its %(links)s were changed without the application")
            % {"links": source.field.verbose_name},
            _("as they were when they were last saved in the back office"),
        )
    return (
        _("was changed without the application"),
        _("as it was when it was last saved in the back office"),
    )


def _no_such() -> str:
    return _("no such row, or one that was saved in the back office")


def _removed(source: Source, key: str) -> Finding:
    pk = key.rpartition("/")[2]
    what = _("was removed without the application")
    return Finding("row_removed", f"{_kind(source)} {pk}", what, _("it is there"))


def _kind(source: Source) -> str:
    if isinstance(source, Rows):
        return source.kind
    return f"{source.kind} ({source.field.verbose_name})"


def _place(source: Source, pk, name: str = "") -> str:
    """Name a row as people know it: its kind, number, title and address."""
    row = source.model._base_manager.filter(pk=pk).first()
    parts = [f"{_kind(source)} {pk}"]
    if row is not None:
        parts.append(f"“{str(row)[:100]}”")
        if name:
            parts.append(name)
        elif hasattr(row, "get_absolute_url"):
            parts.append(row.get_absolute_url())
    return " ".join(parts)


def _no_key(seals: int) -> Finding:
    """Not one seal is right: that is no attack on each of them."""
    if seals:
        what = _("not one of %(count)d seals was made with this SECRET_KEY")
        expected = _(
            "SECRET_KEY as it was, or the former one in SECRET_KEY_FALLBACKS; if it "
            "was changed on purpose, look at the site and run “audit_site --seal”"
        )
        return Finding("key", "SECRET_KEY", what % {"count": seals}, expected)
    what = _("nothing was ever sealed")
    return Finding("key", _("database"), what, _("“audit_site --seal” was run once"))
