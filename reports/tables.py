"""Tables of counts in the admin: every figure is a link to as many rows as it says."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, Table, TitleColumn

from jobs.pictures import Bar, Picture, PictureLine
from reports.counting import Figures, Line
from reports.dimensions import NOT_SUPPLEMENTARY, ONLY_SUPPLEMENTARY, Dimension

Conditions = Mapping[str, str]

# Each unit is an attribute of Figures and the address of its rows.
UNITS: dict[str, str | Promise] = {
    "turns": _("Training turns"),
    "persons": _("Persons"),
    "certified": _("Certified persons"),
}
# Persons are compared with certified persons, so these two share a scale; turns never do.
SCALES = {"turns": ("turns",), "persons": ("persons", "certified")}
SCALES["certified"] = SCALES["persons"]


def rows_url(page: str, conditions: Conditions, **path: Any) -> str:
    """A page of counts under these conditions."""
    return f"{reverse(f'reports:{page}', kwargs=path)}?{urlencode(conditions)}"


def of_line(dimension: Dimension, line: Line) -> Conditions:
    """The conditions under which the facts of a line are found."""
    return {dimension.name: line.key, **of_runs(supplementary=line.supplementary)}


def of_runs(*, supplementary: bool) -> Conditions:
    """The condition that keeps regular and supplementary runs apart."""
    return {"supplementary": ONLY_SUPPLEMENTARY if supplementary else NOT_SUPPLEMENTARY}


def big_figures(figures: Figures, conditions: Conditions) -> list[dict[str, Any]]:
    """``heading``, ``number`` and ``url`` of each unit."""
    return [
        {"heading": heading, "number": getattr(figures, unit), "url": rows_url(unit, conditions)}
        for unit, heading in UNITS.items()
    ]


class NumberColumn(TitleColumn):
    """A number with separated thousands, perhaps a link."""

    cell_template_name = "reports/number_cell.html"

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, classname="counts-number", **kwargs)

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"value": intcomma(context["raw_value"])}


class LineColumn(Column):
    """What a line is about, and whether it counts supplementary runs."""

    cell_template_name = "reports/line_cell.html"


def line_columns(
    dimension: Dimension, conditions: Conditions, *, sortable: bool = False
) -> list[Column]:
    """The line's label, and its figure in each unit."""

    def opening(unit: str) -> Any:
        return lambda line: rows_url(unit, {**conditions, **of_line(dimension, line)})

    return [
        LineColumn("label", label=dimension.heading, sort_key="label" if sortable else None),
        *(
            NumberColumn(
                unit,
                label=heading,
                accessor=f"figures.{unit}",
                sort_key=unit if sortable else None,
                get_url=opening(unit),
            )
            for unit, heading in UNITS.items()
        ),
    ]


class LineTable(Table):
    """The lines of one dimension; ``scale`` are the lines with which their picture is compared."""

    def __init__(
        self,
        dimension: Dimension,
        lines: Iterable[Line],
        *,
        conditions: Conditions,
        scale: Iterable[Line] = (),
    ) -> None:
        shown = list(lines)
        super().__init__(
            line_columns(dimension, conditions),
            shown,
            caption=_("Counts by: %(dimension)s") % {"dimension": dimension.heading},
            classname="listing counts-table",
        )
        self.dimension = dimension
        self.scale = list(scale) or shown

    @property
    def picture(self) -> Picture:
        """The same figures as bars, as long as ``scale`` makes them."""
        longest = {
            unit: max(
                (getattr(line.figures, other) for line in self.scale for other in others),
                default=0,
            )
            for unit, others in SCALES.items()
        }
        title = _(
            "Bars of turns, persons and certified persons by: %(dimension)s. "
            "The table has the same figures."
        )
        return Picture(
            name=f"by-{self.dimension.name}",
            title=title % {"dimension": self.dimension.heading},
            headings=[*UNITS.values()],
            lines=[
                PictureLine(
                    label=(
                        _("%(label)s (supplementary)") % {"label": line.label}
                        if line.supplementary
                        else str(line.label)
                    ),
                    bars=[Bar(getattr(line.figures, unit), longest[unit]) for unit in UNITS],
                    quiet=line.supplementary,
                )
                for line in self.data
            ],
        )
