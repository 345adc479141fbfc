"""A volume of the register book as a PDF."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from certificates.models import Register
from certificates.register.book import listing
from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")


def write(*, register: Register, year: int, volume: int, on: date) -> bytes:
    """The PDF, with the hash of the last entry at its end: a printed book holds the chain too.

    Entries stay as they were entered: what a paper cannot show of them is a "?", and the book is
    printed. Raises paper.PaperError.
    """
    made = list(listing.lines(register=register, year=year, volume=volume, on=on))
    rows = [[paper.on_one_line(text) for text in line.texts] for line in made]
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
    try:
        return _draw(data)
    except paper.PaperError as error:
        if not error.missing:
            raise
        unknown = str.maketrans(dict.fromkeys("".join(error.missing), "?"))
        data["lines"] = [[text.translate(unknown) for text in row] for row in rows]
        return _draw(data)


def _draw(data: dict[str, Any]) -> bytes:
    document = (
        '#import "book.typ": book\n'
        f"#book({paper.quote(json.dumps(data, ensure_ascii=False))},"
        f" font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)
