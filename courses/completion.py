"""Participation and completion: what the evidence says under the run's frozen rules.

Both follow from the rows alone, so the order in which evidence becomes known does not matter. A
correction can take them back, openly; but not once something rests on them: then the conflict is
a task for a DOST officer, and what stands goes on standing.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, F, FilteredRelation, Q, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from courses import asking, rules, signals
from courses.models import AssessmentResult, Enrolment, EvidenceConflict, RunLesson, Session
from jobs import writing
from jobs.compiled import Compiled, Given

Event = EvidenceConflict.Event


@dataclass(frozen=True)
class Reached:
    """When the run's rules were met, by the times of the evidence; None where they are not."""

    participated_at: datetime | None
    completed_at: datetime | None


_COLUMNS = ("kind", "key", "counted_at", "starts_at", "ends_at")
_MEETING, _LESSON, _PASS = range(3)


def _meetings() -> Any:
    own = Q(attendance__enrolment=Given("enrolment"), attendance__present=True)
    return (
        Session.objects.filter(run=Given("run"))
        .held()
        .annotate(
            own=FilteredRelation("attendance", condition=own),
            kind=Value(_MEETING),
            key=F("own__pk"),
            # Who checks in has come; who is entered afterwards was there until the end.
            counted_at=Least("ends_at", "own__entered_at"),
        )
        .order_by()
        .values_list(*_COLUMNS)
    )


def _lessons() -> Any:
    own = FilteredRelation("progress", condition=Q(progress__enrolment=Given("enrolment")))
    lessons = RunLesson.objects.filter(run=Given("run")).annotate(own=own)
    return _at_once(lessons, kind=_LESSON, key=F("own__pk"), counted_at=F("own__completed_at"))


def _passes() -> Any:
    passes = AssessmentResult.objects.filter(enrolment=Given("enrolment"), passed=True)
    return _at_once(passes, kind=_PASS, key=F("assessment"), counted_at=F("passed_at"))


def _at_once(rows: Any, *, kind: int, **columns: Any) -> Any:
    """What takes no time of its own."""
    none = Value(None, output_field=DateTimeField())
    columns |= {"kind": Value(kind), "starts_at": none, "ends_at": none}
    return rows.annotate(**columns).order_by().values_list(*_COLUMNS)


# The meetings come first: their columns tell the database the types of the others.
_EVIDENCE = Compiled(lambda: _meetings().union(_lessons(), _passes(), all=True))

# Open, or decided and not over; written under the enrolment's lock.
_IN_DOUBT = Compiled(
    lambda: EvidenceConflict.objects.filter(
        enrolment=Given("enrolment"), over_at__isnull=True
    ).order_by()
)


def evidence(enrolment: Enrolment) -> rules.Evidence:
    """What is known of an enrolment, read from the rows. One statement."""
    required = set(enrolment.run.rules["assessments"])
    lessons, meetings, first_passes = [], [], dict[int, datetime]()
    wanted_lessons = wanted_minutes = 0
    for kind, key, at, starts_at, ends_at in _EVIDENCE.ask(
        run=enrolment.run_id, enrolment=enrolment.pk
    ):
        if kind == _MEETING:
            minutes = Session(starts_at=starts_at, ends_at=ends_at).minutes
            wanted_minutes += minutes
            if key:
                meetings.append((at, minutes))
        elif kind == _LESSON:
            wanted_lessons += 1
            if at:
                lessons.append((at, 1))
        elif key in required:
            first_passes[key] = min(at, first_passes.get(key, at))
    return rules.Evidence(
        lessons=rules.Gathered(tuple(lessons), wanted_lessons),
        attendance=rules.Gathered(tuple(meetings), wanted_minutes),
        assessments=rules.Gathered(tuple((at, 1) for at in first_passes.values()), len(required)),
    )


def reached(enrolment: Enrolment) -> Reached:
    """What the evidence says. Who completes has taken part, whatever the other rule says."""
    known, frozen = evidence(enrolment), enrolment.run.rules
    completed_at = rules.met_at(frozen["completion"], known)
    participated_at = rules.met_at(frozen["participation"], known)
    times = [time for time in (participated_at, completed_at) if time]
    return Reached(min(times, default=None), completed_at)


def locked(**wanted: Any) -> Enrolment:
    """The enrolment, locked until the transaction ends, with all that its events tell of.

    ``wanted`` names one enrolment by keys: ``pk``, or ``attempts`` with the key of one of them;
    besides, ``person`` where it must be that person's own. None is no key: it finds nothing.
    Raises Enrolment.DoesNotExist.
    """
    found = _locked_by(*sorted(wanted)).first(**wanted)
    if found is None:
        raise Enrolment.DoesNotExist
    return found


@cache
def _locked_by(*names: str) -> Compiled[Enrolment]:
    return Compiled(
        lambda: (
            Enrolment.objects.select_for_update(of=("self",))
            .select_related("run__course", "run__phase", "agency")
            .filter(**{name: Given(name) for name in names})
        )
    )


def evaluate(*, enrolment_id: int, at: datetime, known: Enrolment | None = None) -> Enrolment:
    """Bring ``participated_at`` and ``completed_at`` to what the evidence says, and tell of it.

    ``at`` is the time of this act; the two times are those of the deciding evidence. The row is
    locked before the evidence is read, so that of two pieces of evidence arriving at once the
    later one sees both; who has it from ``locked`` already passes it as ``known``.
    """
    with transaction.atomic(savepoint=False):
        enrolment = known or locked(pk=enrolment_id)
        before = Reached(enrolment.participated_at, enrolment.completed_at)
        now = reached(enrolment)
        if enrolment.withdrawn_at:
            now = _of_who_left(before, now)
        if before.completed_at:
            _end_conflicts(enrolment, now, at)
        if _gives_up(before, now) and (resting := asking.consequences([enrolment])):
            _open_conflicts(enrolment, before, now, resting, at)
            now = Reached(
                before.participated_at or now.participated_at,
                before.completed_at or now.completed_at,
            )
        if now != before:
            _settle(enrolment, before, now, at)
    return enrolment


def _of_who_left(before: Reached, now: Reached) -> Reached:
    """Who has left reaches nothing more in the run; what was reached can still be lost."""
    return Reached(
        now.participated_at if before.participated_at else None,
        now.completed_at if before.completed_at else None,
    )


def _gives_up(before: Reached, now: Reached) -> bool:
    """Whether a time that stood is lost or moves."""
    return bool(
        (before.participated_at and before.participated_at != now.participated_at)
        or (before.completed_at and before.completed_at != now.completed_at)
    )


def _open_conflicts(
    enrolment: Enrolment, before: Reached, now: Reached, resting: list[str], at: datetime
) -> None:
    lost = []
    if before.participated_at and not now.participated_at:
        lost.append(Event.PARTICIPATED)
    if before.completed_at and not now.completed_at:
        lost.append(Event.COMPLETED)
    # What a person has let stand is not asked again, nor what is still to be decided.
    asked = {conflict.event for conflict in _IN_DOUBT.ask(enrolment=enrolment.pk)}
    for event in lost:
        if event not in asked:
            EvidenceConflict.objects.create(
                enrolment=enrolment, event=event, found_at=at, resting=resting
            )


def _end_conflicts(enrolment: Enrolment, now: Reached, at: datetime) -> None:
    """The evidence supports it again: what is open is over, and a new loss is asked anew."""
    supported = [Event.PARTICIPATED] if now.participated_at else []
    supported += [Event.COMPLETED] if now.completed_at else []
    for conflict in _IN_DOUBT.ask(enrolment=enrolment.pk):
        if conflict.event not in supported:
            continue
        conflict.over_at = at
        if conflict.resolved_at is None:
            conflict.resolved_at = at
            conflict.resolution = _("The evidence supports it again.")
        conflict.save(update_fields=["over_at", "resolved_at", "resolution"])


def _settle(enrolment: Enrolment, before: Reached, now: Reached, at: datetime) -> None:
    enrolment.participated_at = now.participated_at
    enrolment.completed_at = now.completed_at
    writing.update(enrolment, "participated_at", "completed_at")
    told = {"sender": Enrolment, "enrolment": enrolment, "noted_at": at}
    if before.completed_at and not now.completed_at:
        # The loss takes effect: what a person had let stand is over.
        decided = EvidenceConflict.objects.filter(enrolment=enrolment, resolved_at__isnull=False)
        decided.filter(over_at__isnull=True).update(over_at=at)
    if before.completed_at != now.completed_at and before.completed_at:
        signals.taken_back.send(event=Event.COMPLETED, **told)
    if before.participated_at != now.participated_at:
        if before.participated_at:
            signals.taken_back.send(event=Event.PARTICIPATED, **told)
        if now.participated_at:
            signals.participated.send(at=now.participated_at, **told)
    if before.completed_at != now.completed_at and now.completed_at:
        signals.completed.send(at=now.completed_at, **told)
