"""Facts: what the rooms below tell is written down once, in the transaction of the event."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from certificates.models import RegisterEntry
from certificates.signals import entry_written
from courses.models import Enrolment
from courses.signals import completed, participated
from reports.models import Fact


def connect() -> None:
    participated.connect(_on_participated, dispatch_uid="reports.participated")
    completed.connect(_on_completed, dispatch_uid="reports.completed")
    entry_written.connect(_on_entry_written, dispatch_uid="reports.entry_written")


def _on_participated(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
    record(measure=Fact.Measure.TURN, enrolment=enrolment, at=at)


def _on_completed(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
    record(measure=Fact.Measure.COMPLETION, enrolment=enrolment, at=at)


def _on_entry_written(sender: Any, entry: RegisterEntry, at: datetime, **_kwargs: Any) -> None:
    """A certificate counts from when it is filed, with the date on which it was issued."""
    issued = entry.of
    if entry.kind != RegisterEntry.Kind.FILED or issued is None:
        return
    if issued.kind != RegisterEntry.Kind.ISSUE or entry.certificate.enrolment_id is None:
        return
    enrolment = Enrolment.objects.select_related("run__course", "agency").get(
        pk=entry.certificate.enrolment_id
    )
    record(
        measure=Fact.Measure.CERTIFICATE,
        enrolment=enrolment,
        at=issued.at,
        certificate_number=issued.number or "",
    )


def record(
    *, measure: Fact.Measure, enrolment: Enrolment, at: datetime, certificate_number: str = ""
) -> Fact:
    """The fact of this measure and enrolment, written once with its dimensions as at the time.

    Told twice, it is counted once: the first fact stands.
    """
    run, agency = enrolment.run, enrolment.agency
    fact, _created = Fact.objects.get_or_create(
        measure=measure,
        enrolment=enrolment,
        amount=1,
        defaults={
            "at": at,
            "year": timezone.localtime(at).year,
            "person_id": enrolment.person_id,
            "agency": agency,
            "level": agency.level if agency else "",
            "course_id": run.course_id,
            "course_kind": run.course.kind,
            "run": run,
            "phase_id": run.phase_id,
            "programme_id": run.phase.programme_id if run.phase else None,
            "supplementary": run.supplementary,
            "certificate_number": certificate_number,
        },
    )
    return fact
