"""A volume of the register book as a PDF."""

import json
from datetime import date
from pathlib import Path

from certificates.models import Register
from certificates.register.book import listing
from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")


def write(*, register: Register, year: int, volume: int, on: date) -> bytes:
    """The PDF, with the hash of the last entry at its end: a printed book holds the chain too.

    Raises paper.PaperError.
    """
    made = list(listing.lines(register=register, year=year, volume=volume, on=on))
    rows = [line.texts for line in made]
    paper.refuse_controls(text for row in rows for text in row)
    data = {
        "parent": register.parent_body.upper(),
        "body": register.issuing_body.upper(),
        "title": "SỔ GỐC CẤP GIẤY CHỨNG NHẬN",
        "subtitle": f"{register.name} · Năm {year} · Quyển {volume}",
        "day": on.isoformat(),
        "as_at": f"Tình trạng tại ngày {on:%d/%m/%Y}",
        "columns": listing.COLUMNS,
        "lines": rows,
        "end": f"Mục cuối: thứ tự {made[-1].entry.position}, mã băm {made[-1].entry.hash}"
        if made
        else "",
    }
    document = (
        '#import "book.typ": book\n'
        f"#book({paper.quote(json.dumps(data, ensure_ascii=False))},"
        f" font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)
