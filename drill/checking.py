"""After the day: the server's rows against what the devices kept."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from courses.models import Enrolment
from drill import marking
from drill.journal import Journal, Sheet
from quizzes.models import Answer, Attempt, QuestionVersion, Quiz


@dataclass(frozen=True)
class Findings:
    """How often each promise was broken; ``lost`` is also what is held and was never sent.
    ``unacknowledged`` answers were stored all the same."""

    people: int
    acknowledged: int
    lost: int
    doubled: int
    unfinished: int
    misgraded: int
    without_certificate: int
    unacknowledged: int
    passed: int


def look(journal: Journal, quiz: Quiz) -> Findings:
    """Compare every sheet with the rows; nothing is written."""
    enrolments = [sheet.enrolment for sheet in journal.sheets]
    attempts = Attempt.objects.filter(quiz=quiz, enrolment__in=enrolments)
    by_enrolment = {one.enrolment_id: one for one in attempts.order_by("-number")}
    doubled = attempts.values("enrolment").annotate(count=Count("pk")).filter(count__gt=1).count()
    held: dict[int, dict[int, Any]] = {}
    for answer in Answer.objects.filter(attempt__in=attempts):
        held.setdefault(answer.attempt_id, {})[answer.slot] = answer
    versions = QuestionVersion.objects.in_bulk(
        {slot.version for one in by_enrolment.values() for slot in one.paper}
    )
    found: Counter[str] = Counter()
    for sheet in journal.sheets:
        attempt = by_enrolment.get(sheet.enrolment)
        if attempt is None:
            found["lost"] += sum(slot.receipt is not None for slot in sheet.slots.values())
            found["unfinished"] += 1
            continue
        _compare(sheet, attempt, held.get(attempt.pk, {}), versions, quiz.pass_percent, found)
    passed = attempts.filter(passed=True)
    certified = Enrolment.objects.filter(
        pk__in=enrolments, completed_at__isnull=False, certificate__isnull=False
    )
    return Findings(
        people=len(enrolments),
        acknowledged=found["acknowledged"],
        lost=found["lost"],
        doubled=doubled,
        unfinished=found["unfinished"] + attempts.open().count(),
        misgraded=found["misgraded"],
        without_certificate=passed.exclude(enrolment__in=certified).count(),
        unacknowledged=found["unacknowledged"],
        passed=passed.count(),
    )


def _compare(
    sheet: Sheet,
    attempt: Attempt,
    held: dict[int, Any],
    versions: dict[int, QuestionVersion],
    pass_percent: int,
    found: Counter[str],
) -> None:
    earned = []
    for number, entry in enumerate(attempt.paper, start=1):
        slot, kept = sheet.slot(number), held.get(number)
        stored = None if kept is None else canonical(kept.response)
        response = None
        if slot.receipt is not None:
            found["acknowledged"] += 1
            response = canonical(slot.receipt.response)
        if stored != response and stored in [canonical(sent.response) for sent in slot.open]:
            # Sent after the last receipt, and stored: the line broke before the next one.
            found["unacknowledged"] += 1
            response = stored
        elif stored != response or (
            kept is not None and slot.receipt is not None and kept.seq < slot.receipt.seq
        ):
            found["lost"] += 1
        version = versions[entry.version]
        value = None if response is None else json.loads(response)
        earned.append((marking.share(version.kind, version.body, value), entry.marks))
    grade = (attempt.score, attempt.passed)
    if attempt.submitted_at and grade != marking.score(earned, pass_percent=pass_percent):
        found["misgraded"] += 1


def canonical(response: Any) -> str:
    """One text for answers that mean the same."""
    if isinstance(response, list):
        response = sorted(response)
    return json.dumps(response, sort_keys=True)
