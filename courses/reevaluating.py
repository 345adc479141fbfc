"""Carrying changed rules or lessons of a run into everybody's evidence, in the background.

Each enrolment is a transaction of its own. ``CourseRun.unsettled_since`` says that it is still to
be done, so a message that is lost is made good by the sweep.
"""

from datetime import datetime

from courses import completion
from courses.models import CourseRun, Enrolment


def reevaluate(*, run_id: int, at: datetime) -> bool:
    """Evaluate everybody in the run; twice changes nothing.

    False where nothing was to do, or the run was amended again meanwhile: then the next call
    does it.
    """
    since = CourseRun.objects.filter(pk=run_id).values_list("unsettled_since", flat=True).first()
    if since is None:
        return False
    enrolled = Enrolment.objects.filter(run=run_id).order_by("pk").values_list("pk", flat=True)
    for enrolment_id in list(enrolled):
        completion.evaluate(enrolment_id=enrolment_id, at=at)
    same = CourseRun.objects.filter(pk=run_id, unsettled_since=since)
    return bool(same.update(unsettled_since=None))


def unsettled(at: datetime) -> int:
    """Sweep: what a lost message left. Returns how many runs were settled."""
    waiting = CourseRun.objects.filter(unsettled_since__isnull=False).order_by("pk")
    return sum(reevaluate(run_id=pk, at=at) for pk in list(waiting.values_list("pk", flat=True)))
