"""The leaders' work calendar: a page for each ISO week, and one file for all.

Days and times are local (Asia/Ho_Chi_Minh), as they were typed.
"""

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.calendar import calendar_file, week_of
from portal.models import WorkEvent

# Nobody plans outside these; without them, crawlers would walk weeks for ever.
FIRST_YEAR, LAST_YEAR = 2000, 2100
ICS_BEFORE, ICS_AFTER = timedelta(days=31), timedelta(days=366)


def week(request, year=None, week=None):
    if year is None:
        monday = _monday(timezone.localdate())
    else:
        try:
            monday = date.fromisocalendar(year, week, 1)
        except (ValueError, OverflowError) as error:
            raise Http404(_("There is no such week.")) from error
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Http404(_("There is no such week."))
        address = reverse("calendar_week", args=[year, week])
        if request.path != address:  # 2026-W05 is 2026-W5
            return redirect(address, permanent=True)
    return render(request, "portal/work_calendar.html", {"week": week_of(monday)})


def ics(request):
    today = timezone.localdate()
    events = WorkEvent.objects.between(today - ICS_BEFORE, today + ICS_AFTER)
    return HttpResponse(
        calendar_file(events), content_type="text/calendar; charset=utf-8"
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
