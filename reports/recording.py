"""Facts: what the rooms below tell is written down once, in the transaction of the event."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from certificates.models import RegisterEntry
from certificates.signals import entry_written
from courses.models import Enrolment, EvidenceConflict
from courses.signals import completed, participated, taken_back
from jobs.compiled import Compiled, Given
from jobs.writing import insert_new
from reports.models import Fact

_MEASURES = {
    EvidenceConflict.Event.PARTICIPATED: Fact.Measure.TURN,
    EvidenceConflict.Event.COMPLETED: Fact.Measure.COMPLETION,
}


def connect() -> None:
    participated.connect(_on_participated, dispatch_uid="reports.participated")
    completed.connect(_on_completed, dispatch_uid="reports.completed")
    taken_back.connect(_on_taken_back, dispatch_uid="reports.taken_back")
    entry_written.connect(_on_entry_written, dispatch_uid="reports.entry_written")


def _on_participated(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
    record(measure=Fact.Measure.TURN, enrolment=enrolment, at=at)


def _on_completed(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
    record(measure=Fact.Measure.COMPLETION, enrolment=enrolment, at=at)


def _on_taken_back(
    sender: Any, enrolment: Enrolment, event: EvidenceConflict.Event, **_kwargs: Any
) -> None:
    take_back(measure=_MEASURES[event], enrolment=enrolment)


def _on_entry_written(sender: Any, entry: RegisterEntry, at: datetime, **_kwargs: Any) -> None:
    """A certificate counts from when a paper of it is filed, with the date on which it was issued,
    and no more when it is revoked or declared void. Later numbers count nothing more."""
    if entry.certificate.enrolment_id is None:
        return
    if entry.kind in RegisterEntry.ENDING:
        enrolment = Enrolment.objects.get(pk=entry.certificate.enrolment_id)
        take_back(measure=Fact.Measure.CERTIFICATE, enrolment=enrolment)
    if entry.kind != RegisterEntry.Kind.FILED or entry.of is None:
        return
    history = dict(_HISTORY.ask(certificate=entry.certificate_id))
    if history.keys() & set(RegisterEntry.ENDING):
        return  # a worker was still at its file when it was taken back
    (enrolment,) = _ENROLMENT.ask(enrolment=entry.certificate.enrolment_id)
    record(
        measure=Fact.Measure.CERTIFICATE,
        enrolment=enrolment,
        at=history[RegisterEntry.Kind.ISSUE],
        certificate_number=entry.of.number or "",
    )


_HISTORY = Compiled(
    lambda: (
        RegisterEntry.objects.filter(certificate=Given("certificate"))
        .exclude(kind=RegisterEntry.Kind.FILED)
        .values_list("kind", "at")
    )
)
_ENROLMENT = Compiled(
    lambda: Enrolment.objects.filter(pk=Given("enrolment")).select_related(
        "run__course", "run__phase", "agency"
    )
)


def record(
    *, measure: Fact.Measure, enrolment: Enrolment, at: datetime, certificate_number: str = ""
) -> Fact:
    """The fact of this measure and enrolment, written once with its dimensions as at the time.

    Told twice, it is counted once: the first fact stands. After it was taken back, it can be
    counted anew. The caller holds a lock under which nobody else counts the same.
    """
    run, agency = enrolment.run, enrolment.agency
    fact = Fact(
        measure=measure,
        enrolment=enrolment,
        at=at,
        year=timezone.localtime(at).year,
        person_id=enrolment.person_id,
        agency=agency,
        level=agency.level if agency else "",
        course_id=run.course_id,
        course_kind=run.course.kind,
        run=run,
        phase_id=run.phase_id,
        programme_id=run.phase.programme_id if run.phase else None,
        supplementary=run.supplementary,
        certificate_number=certificate_number,
    )
    if insert_new(fact):
        return fact
    last = _last(measure, enrolment)
    assert last is not None  # the new one met it
    if last.amount == 1:
        return last
    fact.occurrence = last.occurrence + 1
    fact.save(force_insert=True)
    return fact


def take_back(*, measure: Fact.Measure, enrolment: Enrolment) -> Fact | None:
    """Count the standing fact no more, by a second one; None where nothing stands."""
    fact = _last(measure, enrolment)
    if fact is None or fact.amount == -1:
        return None
    fact.pk, fact.amount = None, -1
    fact.save(force_insert=True)
    return fact


def _last(measure: Fact.Measure, enrolment: Enrolment) -> Fact | None:
    """The last word on this measure: of one occurrence, the taking back comes after."""
    said = Fact.objects.filter(measure=measure, enrolment=enrolment)
    return said.order_by("-occurrence", "amount").first()
