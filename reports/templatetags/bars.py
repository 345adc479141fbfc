"""Bars beside a table of counts: drawn on the server, zero-based, each labelled directly."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

from reports.counting import Line
from reports.tables import UNITS, LineTable

register = template.Library()

# Persons are compared with certified persons, so these two share a scale; turns never do.
SCALES = {"turns": ("turns",), "persons": ("persons", "certified")}
SCALES["certified"] = SCALES["persons"]
# In per cent of the picture's width: each unit has a third, and its number stands after its bar.
PLACE = 100 / len(UNITS)
LONGEST = 18.0
LINE_HEIGHT = 40


@register.inclusion_tag("reports/bars.html")
def bars(table: LineTable) -> dict[str, Any]:
    """One group of bars for each line of ``table``, as long as ``table.scale`` makes them."""
    largest = {
        unit: max(
            (getattr(line.figures, other) for line in table.scale for other in others), default=0
        )
        for unit, others in SCALES.items()
    }
    return {
        "dimension": table.dimension,
        "headings": UNITS.values(),
        "height": str(LINE_HEIGHT * len(table.data)),
        "lines": [
            {"line": line, "top": str(LINE_HEIGHT * place), "bars": list(_bars(line, largest))}
            for place, line in enumerate(table.data)
        ],
    }


def _bars(line: Line, largest: dict[str, int]) -> Iterable[dict[str, str]]:
    """Places in per cent, with the decimal point that SVG reads in every language."""
    for place, unit in enumerate(UNITS):
        number = getattr(line.figures, unit)
        length = LONGEST * number / largest[unit] if largest[unit] else 0
        yield {
            "number": intcomma(number),
            "start": f"{PLACE * place:.3f}%",
            "length": f"{length:.3f}%",
            "end": f"{PLACE * place + length:.3f}%",
        }
