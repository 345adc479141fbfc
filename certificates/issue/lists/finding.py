"""What each line of a list comes to: asked anew each time, so that it is true when it is shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.issue import candidates
from certificates.issue.candidates import Candidate
from certificates.issue.lists import receiving, whom
from certificates.models import Certificate, IssueList, IssuingRule
from courses.lists.reading import Line
from courses.models import Enrolment
from people.models import Person


class Verdict(TextChoices):
    READY = "ready", gettext_lazy("Gets a certificate")
    AMBIGUOUS = "ambiguous", gettext_lazy("Several people possible")
    HELD = "held", gettext_lazy("Has a certificate already")
    HINDERED = "hindered", gettext_lazy("Cannot be issued")
    NOT_COMPLETED = "not_completed", gettext_lazy("Has not completed the course")
    UNKNOWN = "unknown", gettext_lazy("Unknown person")
    DUPLICATE = "duplicate", gettext_lazy("Twice in the list")
    UNREADABLE = "unreadable", gettext_lazy("Not readable")
    LEFT_OUT = "left_out", gettext_lazy("Left out of the issue")


@dataclass
class Found:
    """A line and what it comes to. ``candidate`` is the enrolment by which the person has a
    certificate or would get one; ``possible`` are the keys of who may be meant, ``choices`` what a
    page offers to say."""

    line: Line
    verdict: Verdict
    person: Person | None = None
    candidate: Candidate | None = None
    possible: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    decided: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)


def find(found: IssueList, *, at: datetime) -> list[Found]:
    """Every line of the list, in its order. Some ten statements, none for a single line."""
    lines = receiving.lines_of(found)
    rule = found.rule
    on = timezone.localdate(found.received_at)
    rows = [
        _named(line, of_line, found)
        for line, of_line in zip(lines, whom.meant(lines, course=rule.course, on=on), strict=True)
    ]
    people = Person.objects.in_bulk({key for row in rows for key in row.possible})
    for row in rows:
        if row.verdict == Verdict.READY:
            row.person, row.possible = people.get(row.possible[0]), []
            row.verdict = Verdict.READY if row.person else Verdict.UNKNOWN
    standings = _Standings([row.person for row in rows if row.person], rule=rule, at=at)
    first: dict[int, int] = {}
    for row in rows:
        if row.person and first.setdefault(row.person.pk, row.line.number) != row.line.number:
            row.verdict = Verdict.DUPLICATE
            row.reasons = [_("As row %(number)s") % {"number": first[row.person.pk]}]
        elif row.person:
            standings.say(row)
    return rows


def ready(rows: Iterable[Found]) -> list[Candidate]:
    """Who would get a certificate."""
    return [row.candidate for row in rows if row.verdict == Verdict.READY and row.candidate]


def _named(line: Line, of_line: whom.Meant, found: IssueList) -> Found:
    """The line with who is meant; READY stands for one who is known, until that is looked at."""
    number = str(line.number)
    if line.problem:
        return Found(line, Verdict.UNREADABLE, reasons=[line.problem])
    if number in found.decided:
        person_id = found.decided[number]
        if person_id is None:
            return Found(line, Verdict.LEFT_OUT, decided=True)
        return Found(line, Verdict.READY, possible=[person_id], decided=True)
    if of_line.person:
        row = Found(line, Verdict.READY, possible=[of_line.person])
        if of_line.namesakes and line.date_of_birth is None:
            row.reasons.append(_("Others on file bear this name."))
        return row
    if of_line.possible:
        return Found(line, Verdict.AMBIGUOUS, possible=of_line.possible)
    return Found(line, Verdict.UNKNOWN)


class _Standings:
    """How far these people are with a course; read for all of them at once."""

    def __init__(self, people: Sequence[Person], *, rule: IssuingRule, at: datetime) -> None:
        ids = {person.pk for person in people}
        completed = candidates.completed_in(rule.course).filter(person__in=ids)
        self.of: defaultdict[int, list[Candidate]] = defaultdict(list)
        latest_first = sorted(completed, key=lambda one: (one.completed_at, one.pk), reverse=True)
        for one in candidates.look_at(latest_first, rule=rule, at=at):
            self.of[one.enrolment.person_id].append(one)
        standing = Certificate.objects.standing().filter(rule=rule, person__in=ids)
        self.standing = set(standing.values_list("pk", flat=True))
        enrolled = Enrolment.objects.filter(run__course=rule.course_id, person__in=ids)
        self.enrolled = set(enrolled.values_list("person", flat=True))

    def say(self, row: Found) -> None:
        assert row.person
        all_of_them = self.of[row.person.pk]
        held = [
            one for one in all_of_them if one.certificate and one.certificate.pk in self.standing
        ]
        asked = [one for one in all_of_them if one.certificate is None]
        if held:
            row.verdict, row.candidate = Verdict.HELD, held[0]
        elif able := [one for one in asked if one.ready]:
            row.verdict, row.candidate = Verdict.READY, able[0]
            row.reasons += able[0].warnings
        elif all_of_them:
            row.verdict = Verdict.HINDERED
            row.candidate = (asked or all_of_them)[0]
            row.reasons = row.candidate.obstacles or [
                _("The certificate was taken out or taken back: look at it.")
            ]
        else:
            row.verdict = Verdict.NOT_COMPLETED
            if row.person.pk not in self.enrolled:
                row.reasons = [_("Was never enrolled in it.")]
