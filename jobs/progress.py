"""Long work in batches: begun in one transaction, carried on by workers, seen as a bar.

A room registers, in ``AppConfig.ready``, a function that does one batch of its kind. ``begin``
writes the row and sends a hint; ``jobs.tasks.carry_on_work`` does batch after batch; a sweep goes
on where a worker was lost.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from jobs.hinting import hint
from jobs.models import Progress

# Does one batch, of at most about a second, inside the caller's transaction, and says how many
# of the total it did; 0 when nothing is left. A batch that is rolled back is done again.
Batch = Callable[[Progress, datetime], int]

STANDS_STILL = timedelta(seconds=10)
MOST_FAILURES = 3
logger = logging.getLogger(__name__)
_batches: dict[str, Batch] = {}


def register(kind: str, batch: Batch) -> None:
    """Have ``batch`` carry on the work of this kind."""
    _batches[kind] = batch


def begin(*, kind: str, total: int, at: datetime, by: Any = None) -> Progress:
    """Write the row, and hint to a worker once the caller's transaction has committed."""
    progress = Progress.objects.create(
        kind=kind, total=total, started_at=at, moved_at=at, started_by=by
    )
    _hint(progress.pk)
    return progress


def carry_on(*, progress_id: int, at: datetime) -> bool:
    """Do one batch; False when nothing is left to do. A row that is gone is nothing to do.

    The row is locked for the batch, so that two workers take turns.
    """
    try:
        with transaction.atomic():
            going = Progress.objects.select_for_update(of=("self",))
            progress = going.filter(pk=progress_id, state=Progress.State.GOING).first()
            if progress is None:
                return False
            done = _batches[progress.kind](progress, at)
            progress.done += done
            progress.moved_at = at
            progress.failures = 0
            progress.problem = ""
            if not done:
                progress.state, progress.finished_at = Progress.State.FINISHED, at
            progress.save()
    except Exception as error:  # the row must say what stopped the work, whatever it was
        logger.exception("batch of progress %s failed", progress_id)
        return _note_failure(progress_id=progress_id, problem=repr(error), at=at)
    return done > 0


def try_again(*, progress_id: int, at: datetime) -> None:
    """Go on with work that a problem has stopped."""
    with transaction.atomic():
        Progress.objects.filter(pk=progress_id, state=Progress.State.FAILED).update(
            state=Progress.State.GOING, failures=0, moved_at=at
        )
        _hint(progress_id)


def go_on_where_it_stands_still(at: datetime) -> int:
    """Sweep: one batch of each work that no worker has moved lately; a hint for the rest."""
    still = Progress.objects.filter(state=Progress.State.GOING, moved_at__lte=at - STANDS_STILL)
    moved = 0
    for progress_id in list(still.values_list("pk", flat=True)):
        moved += 1
        if carry_on(progress_id=progress_id, at=at):
            _hint(progress_id)
    return moved


def _note_failure(*, progress_id: int, problem: str, at: datetime) -> bool:
    """Whether it is worth trying again: a passing lock, say; not the same fault three times."""
    going = Progress.objects.filter(pk=progress_id, state=Progress.State.GOING)
    going.update(failures=F("failures") + 1, problem=problem, moved_at=at)
    return not going.filter(failures__gte=MOST_FAILURES).update(state=Progress.State.FAILED)


def _hint(progress_id: int) -> None:
    from jobs.tasks import carry_on_work  # tasks import this module

    hint(carry_on_work, progress_id)
