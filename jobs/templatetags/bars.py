"""Bars beside a table: drawn on the server, zero-based, each labelled directly."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

from jobs.pictures import Bar, Picture

register = template.Library()

# In per cent of a heading's share of the width: the bar's number stands after it.
LONGEST = 0.54
LINE_HEIGHT = 40


@register.inclusion_tag("jobs/bars.html")
def bars(picture: Picture) -> dict[str, Any]:
    """The picture as SVG; its stylesheet is ``staff/bars.css``."""
    share = 100 / max(1, len(picture.headings))
    return {
        "picture": picture,
        "height": str(LINE_HEIGHT * len(picture.lines)),
        "lines": [
            {"line": line, "top": str(LINE_HEIGHT * place), "bars": list(_bars(line.bars, share))}
            for place, line in enumerate(picture.lines)
        ],
    }


def _bars(shown: Iterable[Bar], share: float) -> Iterable[dict[str, str]]:
    """Places in per cent, with the decimal point that SVG reads in every language."""
    for place, bar in enumerate(shown):
        length = LONGEST * share * bar.number / bar.longest if bar.longest else 0
        yield {
            "number": bar.text or intcomma(bar.number),
            "start": f"{share * place:.3f}%",
            "length": f"{length:.3f}%",
            "end": f"{share * place + length:.3f}%",
        }
