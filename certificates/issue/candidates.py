"""Who of a run could be certified: what would be printed, what stands in the way, and issuing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from certificates.holder import holding
from certificates.issue import freezing, issuing
from certificates.models import Certificate, IssueBatch, IssuingRule, RegisterEntry
from certificates.paper import previewing
from courses.models import Course, CourseRun, Enrolment, EvidenceConflict

BATCH = 50  # certificates asked for in one transaction


@dataclass
class Candidate:
    """A completed enrolment. ``content`` is what would be frozen now, empty where it cannot be.

    ``obstacles`` forbid issuing, ``warnings`` want to be looked at; both in words.
    """

    enrolment: Enrolment
    certificate: Certificate | None
    entry: RegisterEntry | None
    content: dict[str, Any] = field(default_factory=dict)
    obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.enrolment.pk)

    @property
    def studied(self) -> tuple[date, date] | None:
        """First and last day as printed."""
        if not self.content:
            return None
        first, last = (self.content[name] for name in ("starts_on", "ends_on"))
        return date.fromisoformat(first), date.fromisoformat(last)

    @property
    def ready(self) -> bool:
        """Whether a certificate can be issued now."""
        return self.certificate is None and not self.obstacles


def rule_of(run: CourseRun) -> IssuingRule | None:
    related = ("register", "template__published")
    return IssuingRule.objects.filter(course=run.course_id).select_related(*related).first()


def completed(run: CourseRun) -> QuerySet[Enrolment]:
    """The completed enrolments of a run by given name."""
    return _completed().filter(run=run)


def completed_in(course: Course) -> QuerySet[Enrolment]:
    """The completed enrolments of all runs of a course by given name."""
    return _completed().filter(run__course=course)


def _completed() -> QuerySet[Enrolment]:
    in_doubt = EvidenceConflict.objects.filter(enrolment=OuterRef("pk"), resolved_at__isnull=True)
    return (
        Enrolment.objects.filter(completed_at__isnull=False)
        .select_related("person", "agency", "run__course__edition", "certificate__printed_agency")
        .annotate(in_doubt=Exists(in_doubt))
        .order_by("person__sort_name", "pk")
    )


def look_at(enrolments: Sequence[Enrolment], *, rule: IssuingRule, at: datetime) -> list[Candidate]:
    """The candidates with all that is to be known of them. One or two statements."""
    held = {
        one.certificate.enrolment_id: one.entry
        for one in holding.of_enrolments([enrolment.pk for enrolment in enrolments])
    }
    return [_look(one, rule=rule, entry=held.get(one.pk), at=at) for one in enrolments]


def _look(
    enrolment: Enrolment, *, rule: IssuingRule, entry: RegisterEntry | None, at: datetime
) -> Candidate:
    certificate = getattr(enrolment, "certificate", None)
    candidate = Candidate(enrolment, certificate, entry)
    if entry:
        candidate.content = entry.content
        return candidate
    try:
        candidate.content = _content(enrolment, rule=rule, at=at)
    except freezing.CannotIssue as reason:
        candidate.obstacles.append(str(reason))
    if getattr(enrolment, "in_doubt", False):
        candidate.obstacles.append(_("The evidence of completion is in doubt; decide that first."))
    if enrolment.person.date_of_birth is None:
        candidate.warnings.append(_("The date of birth is missing."))
    if enrolment.agency is None:
        candidate.warnings.append(_("The agency is missing."))
    if enrolment.withdrawn_at:
        candidate.warnings.append(_("The person has withdrawn from the run."))
    return candidate


def _content(enrolment: Enrolment, *, rule: IssuingRule, at: datetime) -> dict[str, Any]:
    """What would be frozen if it were issued now, without its numbers. Raises CannotIssue."""
    asked = getattr(enrolment, "certificate", None)
    unsaved = Certificate(
        enrolment=enrolment,
        person=enrolment.person,
        rule=rule,
        pending_since=at,
        printed_agency=asked.printed_agency if asked else None,
    )
    return freezing.content(
        certificate=unsaved, register=rule.register, numbers=freezing.UNNUMBERED, at=at
    )


def preview(*, enrolment: Enrolment, rule: IssuingRule, at: datetime) -> bytes:
    """The paper as it would look, with a watermark and without number. Nothing is written.

    Raises CannotIssue and RenderingError.
    """
    return previewing.preview(_content(enrolment, rule=rule, at=at))


def issue(*, run_id: int, enrolment_ids: Sequence[int], at: datetime) -> int:
    """Have certificates issued for those who are ready; the others are left alone.

    Returns how many were asked for. Asking twice changes nothing; workers do the rest.
    """
    run = CourseRun.objects.select_related("course").get(pk=run_id)
    rule = rule_of(run)
    if rule is None:
        return 0
    asked, left = 0, iter(dict.fromkeys(enrolment_ids))
    while batch := list(islice(left, BATCH)):
        with transaction.atomic():
            asked += len(batch) - len(ask(run=run, rule=rule, enrolment_ids=batch, at=at))
    return asked


def ask(
    *,
    rule: IssuingRule,
    enrolment_ids: Sequence[int],
    at: datetime,
    run: CourseRun | None = None,
    batch: IssueBatch | None = None,
) -> list[tuple[int, str]]:
    """Ask for the certificates of those who are ready, in the caller's transaction.

    Without a ``run`` they are of any run of the course, and who has a certificate of another one
    is left out. Returns who was left out, by the enrolment's key, and why.
    """
    # Locked, so that nothing is taken back or asked for between looking and asking.
    chosen = Enrolment.objects.filter(pk__in=enrolment_ids, run__course=rule.course_id)
    together = chosen.filter(run=run) if run else _of_the_same_people(chosen, rule)
    list(together.select_for_update(of=("self",)).order_by("pk"))
    found = completed(run) if run else completed_in(rule.course)
    found = found.filter(pk__in=enrolment_ids)
    missing = set(enrolment_ids) - {enrolment.pk for enrolment in found}
    left_out = [(key, _("The enrolment is not completed.")) for key in sorted(missing)]
    certified = set() if run else set(_certified(found, rule))
    for one in look_at(list(found), rule=rule, at=at):
        if one.ready and one.enrolment.person_id not in certified:
            issuing.request_certificate(enrolment=one.enrolment, at=at, batch=batch)
            certified |= set() if run else {one.enrolment.person_id}
        else:
            there = "" if one.obstacles else _("There is a certificate already.")
            left_out.append((one.enrolment.pk, there or " ".join(one.obstacles)))
    return left_out


def _of_the_same_people(chosen: QuerySet[Enrolment], rule: IssuingRule) -> QuerySet[Enrolment]:
    people = chosen.values("person")
    return Enrolment.objects.filter(run__course=rule.course_id, person__in=people)


def _certified(found: QuerySet[Enrolment], rule: IssuingRule) -> QuerySet[Any, Any]:
    people = found.order_by().values("person")
    standing = Certificate.objects.standing().filter(rule=rule, person__in=people)
    return standing.order_by().values_list("person", flat=True)
