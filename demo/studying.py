"""How the demo's learners study: they watch, come to class, and sit tests, well or badly."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from courses.models import Enrolment, RunLesson
from courses.watching import FASTEST, FIRST_REPORT_SECONDS, record_watching
from demo.answering import right, wrong
from quizzes import attempts
from quizzes.models import Quiz


def watch(*, enrolment: Enrolment, lessons: Iterable[RunLesson], at: datetime) -> datetime:
    """Watch lessons to their end, one after the other; return when that was.

    A player reports at once what it has played, then again what its clock allows.
    """
    for lesson in lessons:
        watched, seconds = 0.0, float(lesson.seconds)
        while watched < seconds:
            upto = min(watched + FIRST_REPORT_SECONDS, seconds)
            at += timedelta(seconds=FIRST_REPORT_SECONDS / FASTEST)
            record_watching(
                enrolment=enrolment,
                page_id=lesson.page_id,
                raw_spans=[[watched, upto]],
                position=upto,
                at=at,
            )
            watched = upto
        at += timedelta(minutes=7)
    return at


def sit(
    *,
    quiz: Quiz,
    enrolment: Enrolment,
    mistakes: Sequence[int],
    at: datetime,
    rng: random.Random,
) -> datetime:
    """Sit a test once for each number of wrong answers, a day apart; return when it was over."""
    for number in mistakes:
        attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=at, rng=rng)
        versions = attempts.versions_of(attempt.paper)
        missed = set(rng.sample(range(1, len(attempt.paper) + 1), number))
        changes = []
        for slot, entry in enumerate(attempt.paper, start=1):
            version = versions[entry.version]
            response = wrong(version, rng) if slot in missed else right(version)
            changes.append(attempts.RawChange(slot, slot, response))
        attempts.save_answers(
            attempt_id=attempt.pk,
            person_id=enrolment.person_id,
            changes=changes,
            at=at + timedelta(minutes=12),
        )
        at += timedelta(minutes=15)
        attempts.finish(attempt_id=attempt.pk, at=at)
        at += timedelta(days=1)
    return at
