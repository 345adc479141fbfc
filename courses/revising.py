"""Changing a run: freely while it is a draft, a little while it goes on, no more once closed."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CourseRun
from courses.running import RunRefused

WHILE_DRAFT = frozenset(
    {
        "course",
        "name",
        "mode",
        "starts_on",
        "ends_on",
        "territory",
        "phase",
        "supplementary",
        "provider",
        "capacity",
    }
)
# What is counted under was written down with the first turn; these are not part of it.
WHILE_OPEN = frozenset({"name", "ends_on", "provider", "capacity"})


def changeable(run: CourseRun) -> frozenset[str]:
    """The fields that may be changed in the run's state."""
    if run.state == CourseRun.State.DRAFT:
        return WHILE_DRAFT
    return frozenset() if run.state == CourseRun.State.CLOSED else WHILE_OPEN


def revise_run(*, run_id: int, changes: dict[str, Any]) -> CourseRun:
    """Change some fields. Raises RunRefused if the run's state no longer allows one of them."""
    with transaction.atomic():
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if changes.keys() - changeable(run):
            raise RunRefused(_("The run was opened or closed meanwhile. Nothing was changed."))
        if changes:
            CourseRun.objects.filter(pk=run_id).update(**changes)
    run.refresh_from_db()
    return run


def discard_draft(*, run_id: int) -> None:
    """Delete a run that was never opened. Raises RunRefused on any other."""
    with transaction.atomic():
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if run.state != CourseRun.State.DRAFT:
            raise RunRefused(_("Only a draft can be deleted; close the run instead."))
        run.delete()
