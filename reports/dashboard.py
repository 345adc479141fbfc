"""The dashboard of counts in the admin, and the counts of every agency."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from wagtail.admin.ui.tables import Column

from reports import counting
from reports.counting import Line, Totals
from reports.dimensions import (
    AGENCY,
    COURSE_KIND,
    LEVEL,
    NOT_SUPPLEMENTARY,
    ONLY_SUPPLEMENTARY,
    PHASE,
    YEAR,
)
from reports.over_facts import OverFacts
from reports.tables import UNITS, LineTable, big_figures, line_columns, of_runs, rows_url

TOP = 10
LONGEST_TITLE = 31  # of a sheet in Excel


class AgenciesView(OverFacts):
    """Counts of every agency, in Vietnamese order or by a figure."""

    page_title = gettext_lazy("Counts by agency")
    url_name = "agencies"
    results_template_name = "reports/agencies_results.html"
    paginate_by: int | None = 50
    default_ordering = "label"
    table_classname = "listing counts-table"
    list_export = ["label", "supplementary", *UNITS]
    export_filename = "counts-by-agency"

    @cached_property
    def columns(self) -> list[Column]:
        return line_columns(AGENCY, self.conditions, sortable=True)

    @cached_property
    def lines(self) -> list[Line]:
        return counting.by(self.facts, AGENCY)

    def get_queryset(self) -> list[Line]:
        unit = self.ordering.removeprefix("-")
        if unit == "label":
            return self.lines if self.ordering == "label" else self.lines[::-1]
        return sorted(
            self.lines,
            key=lambda line: getattr(line.figures, unit),
            reverse=self.ordering.startswith("-"),
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        pictured = LineTable(
            AGENCY, context["object_list"], conditions=self.conditions, scale=self.lines
        )
        return context | {"pictured": pictured}

    def to_row_dict(self, item: Line) -> dict[str, Any]:
        yes_or_no = _("Yes") if item.supplementary else _("No")
        figures = {unit: getattr(item.figures, unit) for unit in UNITS}
        return {"label": item.label, "supplementary": yes_or_no, **figures}

    def get_heading(self, queryset: Any, field: str) -> str:
        named = {"label": AGENCY.heading, "supplementary": _("Supplementary")}
        return str(named.get(field) or UNITS[field])


class CountsView(AgenciesView):
    """The dashboard: totals, and a table with its picture for each dimension.

    Of the agencies it shows those with most turns.
    """

    page_title = gettext_lazy("Counts")
    url_name = "counts"
    results_template_name = "reports/counts_results.html"
    paginate_by = None
    export_filename = "counts"

    @cached_property
    def columns(self) -> list[Column]:
        return line_columns(AGENCY, self.conditions)

    def get_queryset(self) -> list[Line]:
        by_turns = sorted(self.lines, key=lambda line: line.figures.turns, reverse=True)
        return by_turns[:TOP]

    @cached_property
    def totals(self) -> Totals:
        return counting.totals(self.facts)

    @cached_property
    def line_tables(self) -> list[LineTable]:
        return [
            LineTable(dimension, counting.by(self.facts, dimension), conditions=self.conditions)
            for dimension in (LEVEL, YEAR, COURSE_KIND, PHASE)
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = self.conditions.get("supplementary")
        regular = {**self.conditions, **of_runs(supplementary=False)}
        apart = {**self.conditions, **of_runs(supplementary=True)}
        return super().get_context_data(*args, **kwargs) | {
            "figures": [] if wanted == ONLY_SUPPLEMENTARY else big_figures(self.totals, regular),
            "supplementary_figures": (
                [] if wanted == NOT_SUPPLEMENTARY else big_figures(self.totals.supplementary, apart)
            ),
            "line_tables": self.line_tables,
            "agency_count": len(self.lines),
            "agencies_url": rows_url("agencies", self.conditions),
        }

    def write_xlsx(self, queryset: Any, output: Any) -> None:
        """A sheet of totals, and one for each dimension with all its lines."""
        workbook = Workbook(write_only=True)
        totals = [
            Line("", _("Without supplementary runs"), False, self.totals),
            Line("", _("Supplementary runs"), True, self.totals.supplementary),
        ]
        tables = {table.dimension: table.data for table in self.line_tables} | {AGENCY: self.lines}
        self._write_sheet(workbook, _("Totals"), map(self.to_row_dict, totals))
        for dimension, lines in tables.items():
            rows = [self.to_row_dict(line) for line in lines]
            if dimension is YEAR:
                rows = [row | {"label": int(row["label"])} for row in rows]
            self._write_sheet(workbook, str(dimension.heading), rows)
        workbook.save(output)

    def _write_sheet(
        self, workbook: Workbook, heading: str, rows: Iterable[dict[str, Any]]
    ) -> None:
        sheet = workbook.create_sheet(title=heading[:LONGEST_TITLE])
        sheet.append([heading, *(self.get_heading(None, name) for name in self.list_export[1:])])
        for row in rows:
            sheet.append(self.generate_xlsx_row(sheet, row))
