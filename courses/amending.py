"""Changing an opened run: in the open, with a reason, seen by its learners.

Every change is an ``Amendment`` in the language of the service. Changed rules are carried into
everybody's evidence in the background (``reevaluating``).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from agencies.models import Agency, Level
from courses import plain_rules, rules, running, seating
from courses.models import Amendment, Assessment, Course, CourseRun
from courses.running import RunRefused
from courses.tasks import reevaluate_run
from jobs.hinting import hint

COLUMNS = (
    "name",
    "ends_on",
    "enrol_until",
    "capacity",
    "provider",
    "open_to",
    "levels",
    "needs_approval",
)
SETS = ("agencies", "trainers")
RULES = ("participation", "completion", "assessments")
AMENDABLE = frozenset((*COLUMNS, *SETS, *RULES))
# Of a longer list only what was added and removed is written out.
MOST_NAMES = 10


def amend_run(
    *,
    run_id: int,
    changes: Mapping[str, Any],
    by: Any,
    reason: str,
    at: datetime,
    seen: int | None = None,
) -> CourseRun:
    """Change some of ``AMENDABLE``; what stays as it is is no change.

    Sets are given as collections of rows, ``assessments`` as those that are required from now on.
    ``seen`` is how many amendments the person had seen: with a newer one nothing is changed.
    Raises RunRefused with every reason, and CourseRun.DoesNotExist.
    """
    if unknown := changes.keys() - AMENDABLE:
        raise ValueError(f"not amendable: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        run = opened(run_id, seen=seen)
        before = values(run)
        after = before | {name: _as_kept(name, value) for name, value in changes.items()}
        differing = [name for name in after if after[name] != before[name]]
        if not differing:
            return run
        _apply(run, {name: after[name] for name in differing})
        if reasons := _reasons_against(run, before, after):
            raise RunRefused(*reasons)
        write_down(run, lambda: _in_words(differing, before, after), by=by, reason=reason, at=at)
        if "needs_approval" in differing and not run.needs_approval:
            seating.let_wait(run)
        if {"capacity", "needs_approval"} & set(differing):
            seating.fill(run, at=at)
        if set(differing) & set(RULES):
            settle_later(run, at=at)
    return run


def opened(run_id: int, *, seen: int | None = None) -> CourseRun:
    """The run under its lock, if it goes on and nobody amended it since; else RunRefused."""
    run = seating.locked(run_id)
    if run.state == CourseRun.State.DRAFT:
        raise RunRefused(_("The run is a draft: it can be changed directly."))
    if run.state == CourseRun.State.CLOSED:
        raise RunRefused(_("The run is closed: it stays as it is."))
    if seen is not None and run.amendments.count() != seen:
        raise RunRefused(_("Somebody else amended the run meanwhile: look at it once more."))
    return run


def write_down(run: CourseRun, changes: Any, *, by: Any, reason: str, at: datetime) -> Amendment:
    """Keep what was changed; ``changes()`` says it in words. Raises RunRefused without reason."""
    if not reason.strip():
        raise RunRefused(_("The run is opened: say why this changes; learners will see it."))
    with override(settings.LANGUAGE_CODE):
        said = changes()
    return Amendment.objects.create(run=run, at=at, by=by, reason=reason.strip(), changes=said)


def settle_later(run: CourseRun, *, at: datetime) -> None:
    """Have everybody's evidence read again under what holds from now on."""
    CourseRun.objects.filter(pk=run.pk).update(unsettled_since=at)
    run.unsettled_since = at
    hint(reevaluate_run, run.pk)


def values(run: CourseRun) -> dict[str, Any]:
    """What can be amended, as it stands."""
    return {
        **{name: getattr(run, name) for name in COLUMNS},
        **{name: frozenset(getattr(run, name).values_list("pk", flat=True)) for name in SETS},
        **{name: run.rules[name] for name in RULES},
    }


def _as_kept(name: str, value: Any) -> Any:
    if name in SETS:
        return frozenset(one.pk for one in value)
    if name == "assessments":
        return sorted(one.pk for one in value)
    if name in ("participation", "completion"):
        rules.check(value)
    return value


def _apply(run: CourseRun, changed: dict[str, Any]) -> None:
    columns = {name: value for name, value in changed.items() if name in COLUMNS}
    if frozen := {name: value for name, value in changed.items() if name in RULES}:
        columns["frozen_rules"] = _rules_after(run, frozen)
    for name, value in columns.items():
        setattr(run, name, value)
    if run.ends_on < run.starts_on:
        raise RunRefused(_("The last day is before the first."))
    if run.capacity == 0:
        raise RunRefused(_("A run has at least one seat."))
    try:
        run.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise RunRefused(*error.messages) from error
    run.save(update_fields=list(columns))
    for name in SETS:
        if name in changed:
            getattr(run, name).set(changed[name])


def _rules_after(run: CourseRun, changed: dict[str, Any]) -> dict[str, Any]:
    """What is no longer required can still be taken."""
    after = run.rules | changed
    voluntary = set(running.offered(run)) - set(after["assessments"])
    return after | {"voluntary": sorted(voluntary)}


def _reasons_against(run: CourseRun, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    reasons = running.contradictions(run)
    enrolled = run.enrolments.active().count()
    if run.capacity is not None and run.capacity < enrolled:
        reasons.append(
            ngettext(
                "%(number)s person is enrolled: there cannot be fewer seats.",
                "%(number)s people are enrolled: there cannot be fewer seats.",
                enrolled,
            )
            % {"number": enrolled}
        )
    if run.sessions.held().filter(ends_at__date__gt=run.ends_on).exists():
        reasons.append(_("A class meeting is planned after this last day."))
    own = Assessment.objects.of_courses(Course.objects.filter(pk=run.course_id))
    if Assessment.objects.filter(pk__in=after["assessments"]).exclude(pk__in=own).exists():
        reasons.append(_("A required test belongs to another course."))
    if any(after[name] != before[name] for name in RULES):
        reasons += never_met(run, after)
    return reasons


def never_met(run: CourseRun, after: Mapping[str, Any]) -> list[str]:
    """Which of these rules ask for what the run does not offer, each in words."""
    offered = {
        "lessons": run.lessons.exists(),
        "attendance": run.mode != CourseRun.Mode.ONLINE or run.sessions.held().exists(),
        "assessments": bool(after["assessments"]),
    }
    labels = _labels()
    return [
        _("“%(rule)s” asks for what this run does not offer.") % {"rule": labels[name]}
        for name in ("participation", "completion")
        if not running.can_be_met(after[name], offered)
    ]


def _in_words(
    names: list[str], before: dict[str, Any], after: dict[str, Any]
) -> dict[str, list[str]]:
    labels = _labels()
    said = {}
    for name in names:
        if name in SETS or name == "assessments":
            said[labels[name]] = _sets_in_words(name, set(before[name]), set(after[name]))
        else:
            said[labels[name]] = [_text(name, before[name]), _text(name, after[name])]
    return said


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "ends_on": _("Last day"),
        "enrol_until": _("Last day of enrolment"),
        "capacity": _("Seats"),
        "provider": _("Provider"),
        "open_to": _("Open to"),
        "levels": _("Levels"),
        "needs_approval": _("The focal point approves"),
        "agencies": _("Agencies"),
        "trainers": _("Trainers of this run"),
        "participation": _("What counts as a turn"),
        "completion": _("What completes the course"),
        "assessments": _("Required tests"),
    }


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "open_to":
        return str(CourseRun.OpenTo(value).label)
    if name == "levels":
        return "; ".join(str(Level(level).label) for level in value) or "–"
    if name == "capacity":
        return _("not limited") if value is None else str(value)
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return plain_rules.in_words(value) if isinstance(value, dict) else str(value or "–")


def _sets_in_words(name: str, before: set[int], after: set[int]) -> list[str]:
    model: Any = {
        "agencies": Agency,
        "trainers": get_user_model(),
        "assessments": Assessment,
    }[name]
    known = {one.pk: str(one) for one in model._default_manager.filter(pk__in=before | after)}

    def named(keys: set[int]) -> str:
        return "; ".join(sorted(known[key] for key in keys)) or "–"

    if max(len(before), len(after)) <= MOST_NAMES:
        return [named(before), named(after)]
    counted = _("%(number)s; added: %(added)s; removed: %(removed)s") % {
        "number": len(after),
        "added": named(after - before),
        "removed": named(before - after),
    }
    return [str(len(before)), counted]
