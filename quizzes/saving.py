"""Saving answers: each acknowledged with its sequence number, the highest number wins."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from quizzes.models import Answer, Attempt

# One statement for the whole batch, the same on both databases. An older or repeated sequence
# number changes nothing.
_UPSERT = """
INSERT INTO quizzes_answer (attempt_id, slot, seq, response, saved_at) VALUES {rows}
ON CONFLICT (attempt_id, slot) DO UPDATE
SET seq = excluded.seq, response = excluded.response, saved_at = excluded.saved_at
WHERE excluded.seq > quizzes_answer.seq
"""


@dataclass(frozen=True)
class Change:
    """One change of one answer. ``response`` is canonical; ``seq`` counts up on the device."""

    slot: int
    seq: int
    response: Any


@dataclass(frozen=True)
class Receipt:
    """What the server now holds for a slot."""

    slot: int
    seq: int
    saved_at: datetime


def store(*, attempt: Attempt, changes: Iterable[Change], at: datetime) -> list[Receipt]:
    """Keep the changes and return what is held for their slots.

    The caller holds the attempt's lock and has checked that it is open, that the slots are in the
    paper and that the responses are canonical.
    """
    newest: dict[int, Change] = {}
    for change in changes:
        known = newest.get(change.slot)
        if known is None or change.seq > known.seq:
            newest[change.slot] = change
    if not newest:
        return []
    field = Answer._meta.get_field("saved_at")
    saved_at = field.get_db_prep_value(at, connection)
    parameters: list[Any] = []
    for change in newest.values():
        parameters += [attempt.pk, change.slot, change.seq, json.dumps(change.response), saved_at]
    value = "(%s, %s, %s, %s, %s)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UPSERT.format(rows=", ".join([value] * len(newest))), parameters)
    held = Answer.objects.filter(attempt=attempt, slot__in=list(newest))
    return [
        Receipt(slot, seq, saved)
        for slot, seq, saved in held.order_by("slot").values_list("slot", "seq", "saved_at")
    ]
