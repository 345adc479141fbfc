"""Carrying a correction into the grades given before it, in the background, attempt by attempt."""

from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from jobs import progress
from jobs.models import Progress
from quizzes import drawn, regrading
from quizzes.models import GradeRevision, Question, Regrading
from quizzes.models.attempt import AttemptQuerySet

KIND = "quizzes.regrade"
BATCH = 200
# A batch holds the locks of its learners; they must not wait long.
LONGEST_BATCH = 0.5


class RegradeRefused(Exception):
    """Carries the reason, in words for the person who asks for the regrade."""


def begin_regrade(*, version_id: int, reason: str, by: Any, at: datetime) -> Regrading:
    """Begin to grade the submitted attempts that hold the version anew, in the courses of ``by``.

    Asked twice by the same person while it goes on, it is one. Raises RegradeRefused.
    """
    if not reason.strip():
        raise RegradeRefused(_("Say why."))
    with transaction.atomic():
        # The question's lock makes two clicks one regrade.
        Question.objects.select_for_update(of=("self",)).get(versions=version_id)
        under_way = Regrading.objects.filter(version=version_id, work__state=Progress.State.GOING)
        if going := under_way.select_related("by").first():
            if going.by == by:
                return going
            raise RegradeRefused(_("A regrade of this question is under way; please wait for it."))
        total = _attempts(version_id, by).count()
        return Regrading.objects.create(
            version_id=version_id,
            work=progress.begin(kind=KIND, total=total, at=at, by=by),
            reason=reason.strip(),
            by=by,
            at=at,
        )


def regrade_batch(work: Progress, at: datetime) -> int:
    """One batch (see ``jobs.progress``): how many attempts were looked at.

    Every change is dated by the regrade itself, which is how ``revisions`` finds it again.
    """
    found = Regrading.objects.select_related("by").get(work=work)
    attempts = _attempts(found.version_id, found.by)
    # By enrolment, as everybody locks them who locks several: no two wait for each other.
    ahead = attempts.filter(enrolment__gt=found.reached).order_by("enrolment_id")
    begun, done, changed = monotonic(), 0, []
    for enrolment_id in ahead.values_list("enrolment_id", flat=True).distinct()[:BATCH]:
        own = attempts.filter(enrolment=enrolment_id).order_by("pk")
        for attempt_id in own.values_list("pk", flat=True):
            done += 1
            if regrading.regrade(
                attempt_id=attempt_id, at=found.at, by=found.by, reason=found.reason
            ):
                changed.append(attempt_id)
        found.reached = enrolment_id
        if monotonic() - begun > LONGEST_BATCH:
            break
    outcomes = revisions(found).filter(attempt__in=changed).values_list("passed", "attempt__passed")
    Regrading.objects.filter(pk=found.pk).update(
        reached=found.reached,
        changed=F("changed") + len(changed),
        now_passed=F("now_passed") + sum(not before and bool(now) for before, now in outcomes),
        now_failed=F("now_failed") + sum(bool(before) and not now for before, now in outcomes),
    )
    return done


def revisions(found: Regrading) -> QuerySet[GradeRevision]:
    """The grades that the regrade replaced."""
    return GradeRevision.objects.filter(at=found.at, by=found.by, reason=found.reason)


def _attempts(version_id: int, user: Any) -> AttemptQuerySet:
    submitted = drawn.attempts_with(version_id).filter(submitted_at__isnull=False)
    return submitted.visible_to(user)
