"""Changing a run while it is a draft; an opened one is amended (``amending``)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import CourseRun
from courses.running import RunRefused

SETS = frozenset({"trainers", "agencies"})
WHILE_DRAFT = SETS | {
    "course",
    "name",
    "mode",
    "starts_on",
    "ends_on",
    "enrol_until",
    "territory",
    "phase",
    "supplementary",
    "provider",
    "capacity",
    "open_to",
    "levels",
    "needs_approval",
}


def revise_run(*, run_id: int, changes: dict[str, Any]) -> CourseRun:
    """Change some fields of a draft. Raises RunRefused if it was opened meanwhile."""
    if unknown := changes.keys() - WHILE_DRAFT:
        raise ValueError(f"not part of a draft: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if run.state != CourseRun.State.DRAFT:
            raise RunRefused(_("The run was opened or closed meanwhile. Nothing was changed."))
        if columns := {name: value for name, value in changes.items() if name not in SETS}:
            CourseRun.objects.filter(pk=run_id).update(**columns)
        for name in SETS & changes.keys():
            getattr(run, name).set(changes[name])
    run.refresh_from_db()
    return run


def discard_draft(*, run_id: int) -> None:
    """Delete a run that was never opened, and its plan. Raises RunRefused on any other."""
    with transaction.atomic():
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if run.state != CourseRun.State.DRAFT:
            raise RunRefused(_("Only a draft can be deleted; close the run instead."))
        run.sessions.all().delete()
        run.delete()
