"""A week of the work calendar as one value, and the same entries as iCalendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from portal.models import WorkEvent

# As far as a link to the nearest week with entries looks.
NEAREST_WITHIN = timedelta(days=366)


@dataclass(frozen=True)
class WeekLink:
    """A week's name and address."""

    year: int
    number: int
    first: date

    @classmethod
    def of(cls, day: date) -> "WeekLink":
        year, number, weekday = day.isocalendar()
        return cls(year, number, day - timedelta(days=weekday - 1))

    @property
    def last(self) -> date:
        return self.first + timedelta(days=6)

    @property
    def url(self) -> str:
        return reverse("calendar_week", args=[self.year, self.number])


@dataclass(frozen=True)
class Day:
    date: date
    is_today: bool
    events: tuple[WorkEvent, ...]


@dataclass(frozen=True)
class Week:
    this: WeekLink
    previous: WeekLink
    next: WeekLink
    is_current: bool
    days: tuple[Day, ...]  # those with entries
    nearest: WeekLink | None  # only looked for when the week is empty


def week_of(monday: date, today: date | None = None) -> Week:
    today = today or timezone.localdate()
    by_day: dict[date, list[WorkEvent]] = {}
    for event in WorkEvent.objects.between(monday, monday + timedelta(days=6)):
        by_day.setdefault(event.day, []).append(event)
    this = WeekLink.of(monday)
    return Week(
        this=this,
        previous=WeekLink.of(monday - timedelta(days=7)),
        next=WeekLink.of(monday + timedelta(days=7)),
        is_current=this == WeekLink.of(today),
        days=tuple(
            Day(day, day == today, tuple(events)) for day, events in by_day.items()
        ),
        nearest=None if by_day else _nearest(monday),
    )


def _nearest(monday: date) -> WeekLink | None:
    """The week with entries that is nearest; of two, the later one."""
    sunday = monday + timedelta(days=6)
    before = WorkEvent.objects.between(monday - NEAREST_WITHIN, monday).order_by("-day")
    after = WorkEvent.objects.between(sunday, sunday + NEAREST_WITHIN).order_by("day")
    days = [event.day for event in (after.first(), before.first()) if event]
    if not days:
        return None
    return WeekLink.of(min(days, key=lambda day: abs((day - monday).days)))


def calendar_file(events: Iterable[WorkEvent]) -> bytes:
    """Return the entries as an iCalendar file with local times."""
    calendar = Calendar()
    calendar.add("prodid", "-//Cong tin//Lich cong tac//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Work calendar"))
    for event in events:
        calendar.add_component(_component(event))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _component(event: WorkEvent) -> Event:
    component = Event()
    component.add("uid", f"lich-{event.pk}@{urlsplit(settings.SITE_URL).hostname}")
    component.add("dtstamp", event.updated_at)
    component.add("last-modified", event.updated_at)
    if event.starts_at is None:
        component.add("dtstart", event.day)  # the whole day
    else:
        component.add("dtstart", _local(event.day, event.starts_at))
        if event.ends_at is not None:
            component.add("dtend", _local(event.day, event.ends_at))
    component.add("summary", event.content)
    component.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    if event.place:
        component.add("location", event.place)
    details = [
        f"{label}: {value}"
        for label, value in (
            (_("Leader"), event.leader),
            (_("Chairing unit"), event.chairing_unit),
            (_("Participants"), event.participants),
            (_("Note"), event.note),
        )
        if value
    ]
    if details:
        component.add("description", "\n".join(details))
    return component


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(settings.TIME_ZONE))
