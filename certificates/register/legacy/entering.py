"""Entering paper certificates of earlier years into a register of their own.

Each becomes an entry that says so, with the number that is printed on the paper; no file is made.
The same paper is entered once, however often its list is handed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certificates.models import Certificate, Register, RegisterEntry
from certificates.register import entering
from certificates.register.legacy.reading import Paper
from people.models import Person
from vietnamese.text import fold

BATCH = 50  # papers entered in one transaction


@dataclass(frozen=True)
class Looked:
    """A paper with what becomes of it: it is entered, stands there already, or ``problem``."""

    paper: Paper
    standing: bool = False
    problem: str = ""

    @property
    def ready(self) -> bool:
        return not self.standing and not self.problem


def look_at(papers: Sequence[Paper], *, register: Register) -> list[Looked]:
    """What would become of each now. Two statements."""
    numbers = [paper.number for paper in papers]
    names: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    known = RegisterEntry.objects.numbered().filter(number__in=numbers)
    for entry in known.select_related("register"):
        number = entry.number or ""
        if entry.register_id == register.pk:
            names[number] = fold(entry.content["full_name"])
        else:
            elsewhere[number] = entry.register.name
    people = _people_like([paper for paper in papers if not paper.problem])
    seen: set[str] = set()
    found = []
    for paper in papers:
        found.append(_look(paper, names, elsewhere, people, seen))
        seen.add(paper.number)
    return found


def _look(
    paper: Paper,
    names: dict[str, str],
    elsewhere: dict[str, str],
    people: dict[tuple[str, Any], list[int]],
    seen: set[str],
) -> Looked:
    if paper.problem:
        return Looked(paper, problem=paper.problem)
    if paper.number in seen:
        return Looked(paper, problem=_("The number stands in this list twice."))
    if paper.number in elsewhere:
        return Looked(
            paper,
            problem=_("The number stands in another register: %(register)s")
            % {"register": elsewhere[paper.number]},
        )
    if paper.number in names:
        if names[paper.number] == fold(paper.full_name):
            return Looked(paper, standing=True)
        return Looked(paper, problem=_("The number is entered already, with another name."))
    if len(people.get(_key(paper), [])) > 1:
        return Looked(
            paper,
            problem=_("Several people on file have this name and date of birth; merge them first."),
        )
    return Looked(paper)


def _key(paper: Paper) -> tuple[str, Any]:
    return fold(paper.full_name), paper.date_of_birth


def _people_like(papers: Sequence[Paper]) -> dict[tuple[str, Any], list[int]]:
    """Those on file by folded name and date of birth. Without that date nobody is recognised."""
    found: dict[tuple[str, Any], list[int]] = {}
    days = {paper.date_of_birth for paper in papers if paper.date_of_birth}
    names = {fold(paper.full_name) for paper in papers}
    people = Person.objects.filter(search_text__in=names, date_of_birth__in=days).order_by("pk")
    for key, name, born in people.values_list("pk", "search_text", "date_of_birth"):
        found.setdefault((name, born), []).append(key)
    return found


def enter(
    *, register_id: int, papers: Sequence[Paper], by: Any, at: datetime
) -> tuple[int, list[Looked]]:
    """Enter those that are ready; returns how many were, and what was left out.

    In batches, each looked at anew under the register's lock.
    """
    entered, left = 0, []
    rest = iter(papers)
    done: set[str] = set()
    while batch := list(islice(rest, BATCH)):
        with transaction.atomic():
            register = entering.lock(register_id)
            if not register.legacy:
                raise ValueError("not a register of paper certificates")
            for looked in look_at(batch, register=register):
                if looked.ready and looked.paper.number not in done:
                    _enter(looked.paper, register=register, by=by, at=at)
                    entered += 1
                    done.add(looked.paper.number)
                else:
                    twice = looked.standing and looked.paper.number in done
                    problem = _("The number stands in this list twice.") if twice else ""
                    left.append(replace(looked, problem=looked.problem or problem))
    return entered, left


def _enter(paper: Paper, *, register: Register, by: Any, at: datetime) -> RegisterEntry:
    assert paper.issued_on
    known = _people_like([paper]).get(_key(paper), [])
    person = (
        Person.objects.get(pk=known[0])
        if known
        else Person.objects.create(full_name=paper.full_name, date_of_birth=paper.date_of_birth)
    )
    certificate = Certificate.objects.create(
        person=person, state=Certificate.State.FILED, pending_since=at
    )
    numbers = replace(entering.next_numbers(register=register, at=at), number=paper.number)
    born = paper.date_of_birth
    return entering.write(
        register=register,
        certificate=certificate,
        kind=RegisterEntry.Kind.ISSUE,
        content={
            "legacy": True,
            "number": paper.number,
            "register_entry_number": f"{numbers.entry_number:04d}/{numbers.year}",
            "full_name": paper.full_name,
            "date_of_birth": born.isoformat() if born else None,
            "workplace": paper.agency or None,
            "course_title": paper.course_title,
            "issued_on": paper.issued_on.isoformat(),
            "issuing_body": register.issuing_body,
        },
        at=at,
        numbers=numbers,
        by=by,
    )
