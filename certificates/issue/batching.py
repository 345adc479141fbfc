"""Issuing for many at once: asked for in batches, seen as a bar, each failure with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from certificates.issue import candidates
from certificates.models import Certificate, IssueBatch, IssuingRule
from courses.models import CourseRun, Enrolment
from jobs import progress
from jobs.models import Progress

KIND = "certificates.issue"
State = Certificate.State


@dataclass(frozen=True)
class Standing:
    """How far an issue of many is: numbers of people. ``done`` of ``total`` need nothing more;
    ``unsigned`` wait for a signature that is made outside."""

    total: int
    filed: int
    unsigned: int
    refused: int
    failed: int
    left_out: int

    @property
    def done(self) -> int:
        return self.filed + self.refused + self.left_out

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def begin(*, run_id: int, enrolment_ids: Sequence[int], by: Any, at: datetime) -> IssueBatch | None:
    """Have certificates issued for these people of a run; None where no rule certifies it.

    The first of them are asked for at once, workers do the rest.
    """
    run = CourseRun.objects.select_related("course").get(pk=run_id)
    rule = candidates.rule_of(run)
    if rule is None:
        return None
    with transaction.atomic():
        batch = create(rule=rule, run=run, enrolment_ids=enrolment_ids, by=by, at=at)
    progress.carry_on(progress_id=batch.work_id, at=at)
    return batch


def create(
    *,
    rule: IssuingRule,
    enrolment_ids: Sequence[int],
    by: Any,
    at: datetime,
    run: CourseRun | None = None,
) -> IssueBatch:
    """An issue for these people, of a run or of any runs of the rule's course, in the caller's
    transaction; workers begin with it after that."""
    chosen = list(dict.fromkeys(enrolment_ids))
    return IssueBatch.objects.create(
        run=run,
        rule=rule,
        work=progress.begin(kind=KIND, total=len(chosen), at=at, by=by),
        chosen=chosen,
        by=by,
        at=at,
    )


def ask_for_some(work: Progress, at: datetime) -> int:
    """One batch (see ``jobs.progress``): how many people were looked at. Dated as it was begun."""
    batch = IssueBatch.objects.select_related("run__course", "rule__course", "rule__register").get(
        work=work
    )
    some = batch.chosen[batch.reached : batch.reached + candidates.BATCH]
    if some:
        left_out = candidates.ask(
            run=batch.run, rule=batch.rule, enrolment_ids=some, at=batch.at, batch=batch
        )
        IssueBatch.objects.filter(pk=batch.pk).update(
            reached=batch.reached + len(some), left_out=batch.left_out + left_out
        )
    return len(some)


def standing(batch: IssueBatch) -> Standing:
    """One statement."""
    counts = batch.certificates.aggregate(
        filed=Count("pk", filter=Q(state=State.FILED)),
        unsigned=Count("pk", filter=Q(state=State.UNSIGNED)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        failed=Count("pk", filter=~Q(problem="") & ~Q(state__in=[State.FILED, State.REFUSED])),
    )
    return Standing(total=len(batch.chosen), left_out=len(batch.left_out), **counts)


def left_out(batch: IssueBatch) -> list[tuple[str, str]]:
    """Who was left out, and why."""
    names = {
        enrolment.pk: str(enrolment.person)
        for enrolment in Enrolment.objects.filter(
            pk__in=[key for key, _reason in batch.left_out]
        ).select_related("person")
    }
    return [(names.get(key, ""), reason) for key, reason in batch.left_out]
