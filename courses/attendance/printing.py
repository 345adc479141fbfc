"""The attendance sheet of a class meeting as a PDF, to print and sign."""

import json
from pathlib import Path

from django.utils import timezone

from courses.attendance import roster
from courses.models import Enrolment, Session
from jobs import paper
from vietnamese.dates import format_date

_TEMPLATES = Path(__file__).with_name("typst")


def print_sheet(session: Session) -> bytes:
    """The sheet with everybody who is on the list by now. Raises paper.PaperError."""
    starts_at = timezone.localtime(session.starts_at)
    ends_at = timezone.localtime(session.ends_at)
    begins, day = starts_at.strftime("%H:%M"), format_date(starts_at.date())
    until = ends_at.strftime("%H:%M")
    if ends_at.date() == starts_at.date():
        time = f"{begins} – {until} ngày {day}"
    else:
        time = f"{begins} ngày {day} – {until} ngày {format_date(ends_at.date())}"
    texts = {
        "provider": session.run.provider,
        "run": session.run.name,
        "course": session.run.course.title,
        "meeting": session.title,
        "time": time,
        "place": session.place,
        "trainer": str(session.trainer or ""),
    }
    paper.refuse_controls(texts.values())
    people = [_person(enrolment) for enrolment in roster.on_roster(session)]
    for person in people:
        paper.refuse_controls(person.values())
    data = json.dumps(
        texts | {"day": starts_at.date().isoformat(), "people": people}, ensure_ascii=False
    )
    document = (
        '#import "sheet.typ": sheet\n'
        f"#sheet({paper.quote(data)}, font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)


def _person(enrolment: Enrolment) -> dict[str, str]:
    born = enrolment.person.date_of_birth
    return {
        "name": enrolment.person.full_name,
        "born": format_date(born) if born else "",
        "agency": enrolment.agency.name if enrolment.agency else "",
    }
