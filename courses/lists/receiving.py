"""Receiving a list: read and matched first, then kept as one; nobody is enrolled by it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency, Phase
from courses.lists import matching
from courses.lists.lines import read_lines
from courses.lists.reading import MOST_ROWS, Line, read_people, read_workbook
from courses.lists.refusing import FileRefused
from courses.models import CourseRun, EnrolmentList, EnrolmentListRow
from people.models import AgencyRole, Person, Posting
from vietnamese.text import fold

State = EnrolmentListRow.State
Source = EnrolmentList.Source


def receive_list(
    *,
    run_id: int,
    file_name: str,
    content: bytes,
    by: Any,
    at: datetime,
    invites: bool = False,
) -> EnrolmentList:
    """Keep the people of an XLSX file, each matched with who is on file.

    With ``invites`` they are only invited in the end, and enrol by themselves.
    The same file again gives the list that is already looked at. Raises FileRefused, and
    PermissionDenied for whoever may enrol nobody.
    """
    today = timezone.localdate(at)
    return _receive(
        run_id=run_id,
        source=Source.FILE,
        name=file_name[-200:] or _("File"),
        digest=hashlib.sha256(content).hexdigest(),
        lines=lambda: read_people(read_workbook(content), today=today),
        by=by,
        at=at,
        invites=invites,
    )


def receive_lines(
    *, run_id: int, text: str, by: Any, at: datetime, invites: bool = False
) -> EnrolmentList:
    """As ``receive_list`` for lines that were pasted or typed."""
    today = timezone.localdate(at)
    return _receive(
        run_id=run_id,
        source=Source.LINES,
        name=_("Pasted lines"),
        digest=hashlib.sha256(text.encode(errors="replace")).hexdigest(),
        lines=lambda: read_people(read_lines(text), today=today, header_needed=False),
        by=by,
        at=at,
        invites=invites,
    )


def gather_list(
    *,
    run_id: int,
    by: Any,
    at: datetime,
    agencies: Iterable[Agency] = (),
    levels: Iterable[str] = (),
    phases: Iterable[Phase] = (),
    invites: bool = False,
) -> EnrolmentList:
    """A list of everyone who serves on that day in these agencies, levels or phases together.

    A focal point gathers among the own agencies. Raises FileRefused and PermissionDenied.
    """
    scope = _scope(by)
    wanted = {agency.pk for agency in agencies}
    levels = sorted(levels)
    chosen = Agency.objects.valid(on=timezone.localdate(at))
    wanted |= set(chosen.filter(level__in=levels).values_list("pk", flat=True))
    wanted |= set(chosen.filter(phases__in=list(phases)).values_list("pk", flat=True))
    if scope:
        wanted &= set(scope)
    serving = list(_serving(wanted, on=timezone.localdate(at)))
    rows = [
        EnrolmentListRow(
            number=number,
            full_name=person.full_name,
            name_key=person.search_text,
            date_of_birth=person.date_of_birth,
            agency=agency,
            agency_text=agency.name,
            agency_key=matching.agency_key(agency.name),
            person=person,
            state=State.READY,
        )
        for number, (person, agency) in enumerate(serving, start=1)
    ]
    run = CourseRun.objects.get(pk=run_id)
    matching.mark_sitting(rows, run)
    for row in rows:
        row.decided = True  # they are who they are: no name is compared
    people = json.dumps([row.person_id for row in rows])
    names = ", ".join(dict.fromkeys(agency.name for _person, agency in serving))
    return _keep(
        run,
        source=Source.SERVING,
        name=names if len(names) <= 200 else f"{names[:199]}…",
        digest=hashlib.sha256(people.encode()).hexdigest(),
        rows=rows,
        scope=scope,
        by=by,
        at=at,
        invites=invites,
    )


def _serving(agency_ids: Collection[int], *, on: date) -> Iterable[tuple[Person, Agency]]:
    """Each person once, by agency and name."""
    postings = Posting.objects.filter(agency__in=agency_ids).in_force(on=on)
    ordered = postings.select_related("person", "agency").order_by(
        "agency__search_text", "agency", "person__sort_name", "person"
    )
    seen: set[int] = set()
    for posting in ordered:
        if posting.person_id not in seen:
            seen.add(posting.person_id)
            yield posting.person, posting.agency


def _scope(by: Any) -> list[int]:
    """The agencies whose people the user may bring; empty for all."""
    if by.has_perm("courses.manage_all_runs"):
        return []
    own = list(AgencyRole.objects.filter(user=by).values_list("agency", flat=True))
    if not own:
        raise PermissionDenied
    return own


def _receive(
    *,
    run_id: int,
    source: Source,
    name: str,
    digest: str,
    lines: Any,
    by: Any,
    at: datetime,
    invites: bool,
) -> EnrolmentList:
    scope = _scope(by)
    if standing := _looked_at(run_id, by, digest, invites):
        return standing
    run = CourseRun.objects.get(pk=run_id)
    rows = [_row(line) for line in lines()]
    matching.match(rows, run=run, scope=scope, on=timezone.localdate(at))
    return _keep(
        run,
        source=source,
        name=name,
        digest=digest,
        rows=rows,
        scope=scope,
        by=by,
        at=at,
        invites=invites,
    )


def _row(line: Line) -> EnrolmentListRow:
    return EnrolmentListRow(
        number=line.number,
        full_name=line.full_name,
        name_key=fold(line.full_name)[:120],
        date_of_birth=line.date_of_birth,
        agency_text=line.agency,
        agency_key=matching.agency_key(line.agency),
        position=line.position,
        email=line.email,
        state=State.UNREADABLE if line.problem else State.UNKNOWN,
        note=(line.problem or line.note)[:300],
    )


def _looked_at(run_id: int, by: Any, digest: str, invites: bool) -> EnrolmentList | None:
    looked_at = EnrolmentList.objects.filter(state=EnrolmentList.State.OPEN)
    return looked_at.filter(run=run_id, received_by=by, digest=digest, invites=invites).first()


def _keep(
    run: CourseRun,
    *,
    source: Source,
    name: str,
    digest: str,
    rows: Sequence[EnrolmentListRow],
    scope: Collection[int],
    by: Any,
    at: datetime,
    invites: bool,
) -> EnrolmentList:
    if not rows:
        raise FileRefused(_("There is nobody in the list."))
    if len(rows) > MOST_ROWS:
        raise FileRefused(
            _("The list has more than %(limit)s rows: divide it.") % {"limit": MOST_ROWS}
        )
    try:
        with transaction.atomic():
            kept = EnrolmentList.objects.create(
                run=run,
                source=source,
                name=name,
                digest=digest,
                received_at=at,
                received_by=by,
                invites=invites,
            )
            kept.agencies.set(scope)
            for row in rows:
                row.enrolment_list = kept
            EnrolmentListRow.objects.bulk_create(rows, batch_size=1000)
    except IntegrityError:
        # A double click: the other request was faster, and its list is the same.
        if standing := _looked_at(run.pk, by, digest, invites):
            return standing
        raise
    return kept
