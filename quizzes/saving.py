"""Saving answers: each acknowledged with its sequence number, the highest number wins."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from jobs.compiled import prepared
from quizzes.models import Answer, Attempt, AttemptEvent, LateAnswer

# What a slow line may need after the deadline for answers that were given in time.
GRACE = timedelta(seconds=10)
# So much an attempt keeps of what comes late and of what its devices report of themselves: more
# than honest ones send, and less than a script could fill the database with.
MOST_LATE, MOST_EVENTS = 500, 2000
Kind = AttemptEvent.Kind
REPORTED = {
    "offline": Kind.OFFLINE,
    "back": Kind.BACK,
    "left": Kind.LEFT,
    "returned": Kind.RETURNED,
}


class NoSuchAttempt(Exception):
    """There is no such attempt of this person."""


@dataclass(frozen=True)
class Change:
    """One change of one answer. ``response`` is canonical; ``seq`` counts up on the device."""

    slot: int
    seq: int
    response: Any


@dataclass(frozen=True)
class Reported:
    """What a device says of itself: a key of ``REPORTED`` and the device's own time."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class Receipt:
    """What the server now holds for a slot."""

    slot: int
    seq: int
    saved_at: datetime


@dataclass(frozen=True)
class Saved:
    """What became of a batch: what is held now, or the slots that came too late to be graded."""

    deadline: datetime | None
    receipts: Sequence[Receipt] = ()
    late: Sequence[int] = ()


@dataclass
class _Rows:
    """A batch as the statements want it."""

    answers: list[Change]
    events: list[tuple[datetime, Kind, Any]] = field(default_factory=list)

    @property
    def slots(self) -> list[int]:
        return [change.slot for change in self.answers]


def store(
    *,
    attempt_id: int,
    person_id: int,
    changes: Iterable[Change],
    at: datetime,
    reported: Iterable[Reported] = (),
) -> Saved:
    """Keep the changes of an open attempt and acknowledge them; what is late is kept as evidence.

    The slots are in the paper and the responses canonical. A batch that overlaps a submission
    comes before it or is late. Raises NoSuchAttempt.
    """
    newest: dict[int, Change] = {}
    for change in changes:
        known = newest.get(change.slot)
        if known is None or change.seq > known.seq:
            newest[change.slot] = change
    received = {"received": at.isoformat()}
    rows = _Rows(
        answers=sorted(newest.values(), key=lambda change: change.slot),
        events=[(one.at, REPORTED[one.kind], received) for one in reported],
    )
    keep = _in_one_statement if connection.vendor == "postgresql" else _step_by_step
    return keep(attempt_id, person_id, rows, at)


# FOR SHARE: without it a save that overlaps a submission is acknowledged, stored and not graded.
_STATEMENT = """
WITH attempt AS MATERIALIZED (
    SELECT a.id, a.deadline,
           a.submitted_at IS NULL AND (a.deadline IS NULL OR a.deadline >= %(limit)s) AS is_open
    FROM quizzes_attempt a JOIN courses_enrolment e ON e.id = a.enrolment_id
    WHERE a.id = %(attempt)s AND e.person_id = %(person)s
    FOR SHARE OF a
), batch AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(batch)s::jsonb)
    AS b(slot smallint, seq bigint, response jsonb)
), stored AS (
    INSERT INTO quizzes_answer AS held (attempt_id, slot, seq, response, saved_at)
    SELECT attempt.id, slot, seq, response, %(at)s FROM attempt, batch WHERE is_open
    ON CONFLICT (attempt_id, slot) DO UPDATE
    SET seq = excluded.seq, response = excluded.response, saved_at = excluded.saved_at
    WHERE excluded.seq > held.seq
    RETURNING slot, seq, saved_at
), late AS (
    INSERT INTO quizzes_lateanswer (attempt_id, slot, seq, response, received_at)
    SELECT attempt.id, slot, seq, response, %(at)s FROM attempt, batch WHERE NOT is_open
    AND (SELECT count(*) FROM quizzes_lateanswer l WHERE l.attempt_id = attempt.id) < %(most_late)s
    ON CONFLICT DO NOTHING
    RETURNING slot
), noted AS (
    INSERT INTO quizzes_attemptevent (attempt_id, noted_at, kind, detail)
    SELECT attempt.id, %(at)s, CASE WHEN is_open THEN 1 ELSE 2 END, %(slots)s::jsonb FROM attempt
    WHERE EXISTS (SELECT FROM stored) OR EXISTS (SELECT FROM late)
    UNION ALL
    SELECT attempt.id, r.noted_at, r.kind, r.detail FROM attempt,
        jsonb_to_recordset(%(events)s::jsonb)
        AS r(noted_at timestamptz, kind smallint, detail jsonb)
    -- Named with r.kind, so that nobody counts where nothing is reported.
    WHERE (SELECT count(*) FROM quizzes_attemptevent v
           WHERE v.attempt_id = attempt.id AND r.kind IS NOT NULL) < %(most_events)s
    ON CONFLICT DO NOTHING
)
SELECT attempt.deadline, is_open, batch.slot, coalesce(stored.seq, held.seq),
       coalesce(stored.saved_at, held.saved_at)
FROM attempt LEFT JOIN batch ON true
LEFT JOIN stored ON stored.slot = batch.slot
LEFT JOIN quizzes_answer held ON held.attempt_id = attempt.id AND held.slot = batch.slot
ORDER BY batch.slot
"""


def _in_one_statement(attempt_id: int, person_id: int, rows: _Rows, at: datetime) -> Saved:
    values: dict[str, int | datetime | str] = {
        "attempt": attempt_id,
        "person": person_id,
        "limit": at - GRACE,
        "most_late": MOST_LATE,
        "most_events": MOST_EVENTS,
        "at": at,
        "batch": json.dumps(
            [{"slot": one.slot, "seq": one.seq, "response": one.response} for one in rows.answers]
        ),
        "slots": json.dumps(in_ranges(rows.slots)),
        "events": json.dumps(
            [
                {"noted_at": noted_at.isoformat(), "kind": kind, "detail": detail}
                for noted_at, kind, detail in rows.events
            ]
        ),
    }
    with prepared() as cursor:
        cursor.execute(_STATEMENT, values)
        found = cursor.fetchall()
    if not found:
        raise NoSuchAttempt
    deadline, is_open = found[0][:2]
    if not is_open:
        return Saved(deadline, late=rows.slots)
    # A slot without a receipt was won by a save at the same moment: the device sends it again.
    held = [
        Receipt(slot, seq, saved_at)
        for _end, _open, slot, seq, saved_at in found
        if seq is not None
    ]
    return Saved(deadline, receipts=held)


def _step_by_step(attempt_id: int, person_id: int, rows: _Rows, at: datetime) -> Saved:
    """The same for SQLite, where a transaction that writes has the database for itself."""
    with transaction.atomic():
        mine = Attempt.objects.select_for_update().of_person(person_id)
        attempt = mine.only("submitted_at", "deadline").filter(pk=attempt_id).first()
        if attempt is None:
            raise NoSuchAttempt
        late = attempt.submitted_at or (attempt.deadline and at > attempt.deadline + GRACE)
        events = list(rows.events)
        if events and AttemptEvent.objects.filter(attempt=attempt).count() >= MOST_EVENTS:
            events = []
        fresh = _keep_late(attempt, rows, at) if late else _keep(attempt, rows, at)
        if fresh:
            events.append((at, Kind.LATE if late else Kind.SAVED, in_ranges(rows.slots)))
        AttemptEvent.objects.bulk_create(
            [
                AttemptEvent(attempt=attempt, noted_at=noted_at, kind=kind, detail=detail)
                for noted_at, kind, detail in events
            ],
            ignore_conflicts=True,
        )
        if late:
            return Saved(attempt.deadline, late=rows.slots)
        held = Answer.objects.filter(attempt=attempt, slot__in=rows.slots).order_by("slot")
        receipts = [Receipt(*row) for row in held.values_list("slot", "seq", "saved_at")]
        return Saved(attempt.deadline, receipts=receipts)


def _keep(attempt: Attempt, rows: _Rows, at: datetime) -> bool:
    """Whether anything was newer than what is held."""
    held = dict(
        Answer.objects.filter(attempt=attempt, slot__in=rows.slots).values_list("slot", "seq")
    )
    newer = [one for one in rows.answers if one.seq > held.get(one.slot, 0)]
    Answer.objects.bulk_create(
        [
            Answer(attempt=attempt, slot=one.slot, seq=one.seq, response=one.response, saved_at=at)
            for one in newer
        ],
        update_conflicts=True,
        unique_fields=["attempt", "slot"],
        update_fields=["seq", "response", "saved_at"],
    )
    return bool(newer)


def _keep_late(attempt: Attempt, rows: _Rows, at: datetime) -> bool:
    """Whether anything came that had not come before."""
    known = set(LateAnswer.objects.filter(attempt=attempt).values_list("slot", "seq"))
    if len(known) >= MOST_LATE:
        return False
    fresh = [one for one in rows.answers if (one.slot, one.seq) not in known]
    LateAnswer.objects.bulk_create(
        [
            LateAnswer(
                attempt=attempt, slot=one.slot, seq=one.seq, response=one.response, received_at=at
            )
            for one in fresh
        ]
    )
    return bool(fresh)


def in_ranges(slots: Sequence[int]) -> str:
    """Ascending slots in a few letters: ``1-3,7``."""
    parts: list[str] = []
    first = last = 0
    for slot in [*slots, 0]:
        if last and slot != last + 1:
            parts.append(str(first) if first == last else f"{first}-{last}")
        if not last or slot != last + 1:
            first = slot
        last = slot
    return ",".join(parts)
