"""An agency's certificates together: as one ZIP, as a sheet to sign, and the papers handed out."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from certificates.holder import holding
from certificates.holder.holding import Held
from certificates.issue import filing
from certificates.models import HandOut, RegisterEntry
from jobs import archives, paper
from vietnamese.dates import format_date

_TEMPLATES = Path(__file__).with_name("sheets")
MISSING = "thieu-tep.txt"


class NotRecorded(Exception):
    """Carries the reason, in words for the focal point."""


def zipped(certificates: Sequence[Held]) -> Iterator[bytes]:
    """The PDFs as a ZIP, in pieces of one file each: memory does not grow with their number.

    A file that the storage does not give is named in ``thieu-tep.txt`` within.
    """
    return archives.stream(_files(certificates))


def _files(certificates: Sequence[Held]) -> Iterator[tuple[str, bytes]]:
    missing: list[Held] = []
    for place, held in enumerate(certificates):
        assert held.entry
        try:
            with filing.storage().open(_kept(held)) as kept:
                pdf = kept.read()
        except FileNotFoundError:
            missing.append(held)
            continue
        except OSError:
            # It is away, and each of the others would wait for it.
            missing += certificates[place:]
            break
        # Two registers may give the same number: a folder for each.
        yield f"{held.entry.register.code}/{holding.download_name(held.entry)}", pdf
    if missing:
        numbers = (held.entry.number or "" for held in missing if held.entry)
        yield MISSING, "\n".join(numbers).encode()


def _kept(held: Held) -> str:
    filed = RegisterEntry.Kind.FILED
    (name,) = (
        one.content["name"]
        for one in held.certificate.entries.all()
        if one.kind == filed and held.entry and one.of_id == held.entry.pk
    )
    return str(name)


def sheet(*, agencies: Sequence[Agency], on: date) -> bytes:
    """The list of an agency's papers, each with a place to sign, as PDF. Raises PaperError."""
    rows = [_row(held) for held in holding.of_agencies([agency.pk for agency in agencies])]
    names = ", ".join(agency.name for agency in agencies)
    for text in (names, *(value for row in rows for value in row.values())):
        paper.refuse_controls([text])
    data = json.dumps({"agency": names, "day": on.isoformat(), "people": rows}, ensure_ascii=False)
    return paper.draw(
        folder=_TEMPLATES,
        document=(
            '#import "hand_out.typ": sheet\n'
            f"#sheet({paper.quote(data)}, font: {paper.quote(paper.find_typeface().family)})"
        ),
    )


def _row(held: Held) -> dict[str, str]:
    assert held.entry
    content = held.entry.content
    born = content["date_of_birth"]
    return {
        "number": held.entry.number or "",
        "name": content["full_name"],
        "born": format_date(date.fromisoformat(born)) if born else "",
        "agency": content["workplace"] or "",
    }


def record(
    *,
    agency_ids: Sequence[int],
    certificate_ids: Collection[int],
    handed_on: date,
    to: str,
    remark: str,
    by: Any,
    at: datetime,
) -> int:
    """Note that these papers of the agencies were handed out; returns how many were not before.

    ``to`` is empty where each got the own. Raises NotRecorded for a day that has not come.
    """
    if handed_on > timezone.localdate(at):
        raise NotRecorded(_("The day has not come yet."))
    wanted = set(certificate_ids)
    found = [one for one in holding.of_agencies(agency_ids) if one.certificate.pk in wanted]
    rows = [
        HandOut(
            certificate=one.certificate,
            handed_on=handed_on,
            to=to.strip() or one.certificate.person.full_name,
            remark=remark.strip(),
            by=by,
            at=at,
        )
        for one in found
    ]
    with transaction.atomic():
        before = HandOut.objects.filter(certificate__in=wanted).count()
        HandOut.objects.bulk_create(rows, ignore_conflicts=True)
        return HandOut.objects.filter(certificate__in=wanted).count() - before
