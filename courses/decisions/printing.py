"""A list for a decision as a PDF."""

import json
from datetime import date
from pathlib import Path

from courses.decisions.listing import COUNTRY, MOTTO, DecisionList
from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")


def write(made: DecisionList, *, on: date) -> bytes:
    """The PDF, dated ``on`` where the decision has no date. Raises paper.PaperError."""
    decision = made.decision
    texts = {
        "parent": decision.parent_body.upper(),
        "body": decision.issuing_body.upper(),
        "country": COUNTRY,
        "motto": MOTTO,
        "title": made.title,
        "subtitle": made.subtitle,
        "period": made.period,
        "attached": made.attached_to,
        "total": made.total,
        "day": (decision.signed_on or on).isoformat(),
    }
    paper.refuse_controls([*texts.values(), *(text for line in made.lines for text in line)])
    data = json.dumps(
        texts
        | {
            "columns": made.columns,
            "weights": made.weights,
            "centred": sorted(made.centred),
            "lines": made.lines,
        },
        ensure_ascii=False,
    )
    document = (
        '#import "list.typ": decision-list\n'
        f"#decision-list({paper.quote(data)}, font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)
