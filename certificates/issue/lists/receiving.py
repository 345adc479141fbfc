"""Receiving a list of people to be certified: read and kept; nothing is issued by it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import IssueList
from courses.lists.lines import read_lines
from courses.lists.reading import Line, read_people, read_workbook


def receive_file(
    *, rule_id: int, file_name: str, content: bytes, by: Any, at: datetime
) -> IssueList:
    """Keep the people of an XLSX file; a column of names is enough.

    The same file again gives the list that is already looked at. Raises FileRefused.
    """
    people = read_people(read_workbook(content), today=timezone.localdate(at), header_needed=False)
    digest = hashlib.sha256(content).hexdigest()
    return _keep(people, rule_id, file_name[-200:] or _("File"), digest, by, at)


def receive_lines(*, rule_id: int, text: str, by: Any, at: datetime) -> IssueList:
    """As ``receive_file`` for lines that were pasted or typed."""
    people = read_people(read_lines(text), today=timezone.localdate(at), header_needed=False)
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    return _keep(people, rule_id, _("Pasted lines"), digest, by, at)


def lines_of(found: IssueList) -> list[Line]:
    """What was read."""
    return [Line(**(kept | {"date_of_birth": _day(kept["date_of_birth"])})) for kept in found.lines]


def _keep(
    people: Sequence[Line], rule_id: int, name: str, digest: str, by: Any, at: datetime
) -> IssueList:
    lines = [asdict(line) for line in people]
    for line in lines:
        line["date_of_birth"] = born.isoformat() if (born := line["date_of_birth"]) else None
    same = IssueList.objects.kept().filter(
        rule=rule_id, received_by=by, digest=digest, batch__isnull=True
    )
    if standing := same.first():
        return standing
    try:
        with transaction.atomic():
            return IssueList.objects.create(
                rule_id=rule_id,
                name=name,
                digest=digest,
                lines=lines,
                received_at=at,
                received_by=by,
            )
    except IntegrityError:
        # A double click: the other request was faster, and its list is the same.
        if standing := same.first():
            return standing
        raise


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None
