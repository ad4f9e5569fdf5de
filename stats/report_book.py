"""A report as an Excel workbook that can be shown as it is: sheets, widths, a chart."""

from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from . import registry
from .report import Report

_COLOURS = {"views": "#1d5fa8", "visits": "#b3261e", "visitors": "#2e7031"}


def workbook(report: Report) -> bytes:
    """The bytes of the .xlsx; text stays text, so nothing in it is a formula."""
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        writer = _Writer(book)
        _summary(writer, report)
        _by_day(writer, report)
        article = [_("Article"), _("Views")]
        writer.list(_("Articles"), article, report.articles)
        for facet in registry.facets("article"):
            heading = [str(facet.label), _("Views"), _("Part of all, percent")]
            rows = report.groups.get(facet.name, [])
            writer.list(str(facet.plural), heading, rows, with_share=True)
        writer.list(_("Downloads"), [_("File"), _("Downloads")], report.downloads)
        _referrers(writer, report)
    return buffer.getvalue()


class _Writer:
    def __init__(self, book: Workbook):
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#535e69", "text_wrap": True})
        self.head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#f1eee6", "text_wrap": True}
        )
        self.number = book.add_format({"num_format": "#,##0"})
        self.part = book.add_format({"num_format": "0.0"})
        self.day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        self.month = book.add_format({"num_format": "mm/yyyy", "align": "left"})

    def sheet(self, name: str, widths: list[int]):
        sheet = self.book.add_worksheet(name[:31])
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8" + registry.site_name().replace("&", "&&") + "&R&8&P/&N")
        return sheet

    def header(self, sheet, row: int, titles: list[str]) -> None:
        for column, title in enumerate(titles):
            sheet.write_string(row, column, title, self.head)

    def list(self, name, titles, rows, with_share=False) -> None:
        sheet = self.sheet(name, [70, 14, 12])
        self.header(sheet, 0, titles)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            sheet.write_string(number, 0, row.label)
            sheet.write_number(number, 1, row.views, self.number)
            if with_share:
                sheet.write_number(number, 2, round(row.share, 1), self.part)


def _summary(writer: _Writer, report: Report) -> None:
    sheet = writer.sheet(_("Summary"), [52, 18, 18, 18])
    sums = report.sums
    sheet.write_string(0, 0, registry.site_name())
    title = _("Report of visits, %(period)s") % {"period": report.period.label}
    sheet.write_string(1, 0, title, writer.title)
    if report.until:
        days = _("Finished days from %(first)s to %(last)s") % {
            "first": f"{report.period.first:%d/%m/%Y}",
            "last": f"{report.until:%d/%m/%Y}",
        }
        sheet.write_string(2, 0, days, writer.note)
    made = f"{timezone.localtime():%H:%M %d/%m/%Y}"
    sheet.write_string(3, 0, _("Made at %(time)s") % {"time": made}, writer.note)
    others = [beside.period.label for beside in report.beside]
    writer.header(sheet, 5, [_("Figure"), report.period.label, *others])
    lines = [
        (_("Visits"), "visits"),
        (_("Views"), "views"),
        (_("Visits a day"), "visits_a_day"),
        (_("Views a day"), "views_a_day"),
        (_("Visitors a day (average; not to be added up)"), "visitors_a_day"),
    ]
    row = 6
    for label, name in lines:
        sheet.write_string(row, 0, label)
        for column, shown in enumerate([sums, *(b.sums for b in report.beside)], 1):
            sheet.write_number(row, column, getattr(shown, name), writer.number)
        row += 1
    row += 1
    unit = {"visits": _("visits"), "views": _("views")}[report.public.metric]
    writer.header(sheet, row, [_("Public total at the end of the period"), unit])
    for label, number in public_parts(report):
        row += 1
        sheet.write_string(row, 0, label)
        sheet.write_number(row, 1, number, writer.number)


def public_parts(report: Report) -> list[tuple[str, int]]:
    """(what it is, number): the parts of the public total and, last, their sum."""
    public = report.public
    parts = []
    for part in public.carried_over:
        label = _("Carried over")
        if part.day:
            day = f"{part.day:%d/%m/%Y}"
            label = _("Carried over, as of %(day)s") % {"day": day}
        parts.append((f"{label}. {part.reason}", part.delta))
    measured = _("Measured here")
    if public.since:
        since = f"{public.since:%d/%m/%Y}"
        measured = _("Measured here since %(day)s") % {"day": since}
    parts.append((measured, public.measured))
    if public.corrections:
        parts.append((_("Corrections"), public.corrections))
    return [*parts, (_("Public total"), public.total)]


def _by_day(writer: _Writer, report: Report) -> None:
    name = _("By month") if report.period.is_quarter else _("By day")
    sheet = writer.sheet(name, [16, 14, 14, 18])
    first = _("Month") if report.period.is_quarter else _("Day")
    titles = [first, _("Views"), _("Visits"), _("Visitors a day")]
    writer.header(sheet, 0, titles)
    sheet.freeze_panes(1, 0)
    look = writer.month if report.period.is_quarter else writer.day
    for row, line in enumerate(report.lines, start=1):
        sheet.write_datetime(row, 0, line.first, look)
        sums = line.sums
        for column, number in enumerate((sums.views, sums.visits, sums.visitors_a_day)):
            sheet.write_number(row, column + 1, number, writer.number)
    if len(report.lines) < 2:
        return
    chart = writer.book.add_chart({"type": "line"})
    last = len(report.lines)
    for column, series in enumerate(_COLOURS, start=1):
        chart.add_series(
            {
                "name": [name, 0, column],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, column, last, column],
                "line": {"color": _COLOURS[series], "width": 2},
            }
        )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 320})
    sheet.insert_chart("F2", chart)


def _referrers(writer: _Writer, report: Report) -> None:
    sheet = writer.sheet(_("Where visits came from"), [52, 14, 12])
    writer.header(sheet, 0, [_("Group"), _("Visits"), _("Part of all, percent")])
    row = 0
    for group in report.referrers:
        row += 1
        sheet.write_string(row, 0, str(group.label))
        sheet.write_number(row, 1, group.visits, writer.number)
        sheet.write_number(row, 2, round(group.share, 1), writer.part)
    row += 2
    writer.header(sheet, row, [_("Host"), _("Visits")])
    for host, visits in report.hosts:
        row += 1
        sheet.write_string(row, 0, host)
        sheet.write_number(row, 1, visits, writer.number)
