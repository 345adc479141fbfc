"""What never changes, kept in each process: versions, papers, and what a bank offers.

A busy hour asks for the same questions thousands of times; the database is asked once. A bank
counts its changes, so that what is kept of it is known to be old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F

from quizzes.models import Attempt, KeyCorrection, Paper, Question, QuestionBank, QuestionVersion

# Beyond so many the process forgets them and asks again.
MOST_VERSIONS = MOST_PAPERS = 20_000


@dataclass(frozen=True)
class Item:
    """A question that can be drawn."""

    question: int
    version: int
    category: int
    tags: frozenset[str]


@dataclass(frozen=True)
class Stock:
    """The questions in use of one bank at one revision, and the latest correction of each key."""

    revision: int
    items: tuple[Item, ...]
    corrections: Mapping[int, KeyCorrection]


_banks: dict[int, Stock] = {}
_versions: dict[int, QuestionVersion] = {}
_papers: dict[tuple[int, int], Paper] = {}


def of(bank: QuestionBank) -> Stock:
    """What can be drawn from the bank; asks the database only where its ``revision`` is new."""
    known = _banks.get(bank.pk)
    if known is None or known.revision != bank.revision:
        known = _banks[bank.pk] = Stock(
            bank.revision, tuple(_items(bank.pk)), _corrections(bank.pk)
        )
    return known


def _items(bank_id: int) -> Iterable[Item]:
    rows = (
        Question.objects.in_use()
        .filter(bank=bank_id, current__isnull=False)
        .order_by("pk")
        .values_list("pk", "current", "category", "current__tags")
    )
    for question, version, category, tags in rows:
        yield Item(question, version, category, frozenset(tags))


def _corrections(bank_id: int) -> dict[int, KeyCorrection]:
    found = KeyCorrection.objects.filter(version__question__bank=bank_id).order_by("at", "pk")
    return {one.version_id: one for one in found}


def corrections(
    bank: QuestionBank, *, drawn: Iterable[QuestionVersion]
) -> Mapping[int, KeyCorrection]:
    """The latest correction of each key of these versions, and of others.

    The versions come from ``bank``, unless they were drawn before the quiz changed its bank.
    """
    found = of(bank).corrections
    for other in {version.question.bank_id for version in drawn} - {bank.pk}:
        found = {**found, **_corrections(other)}
    return found


def changed(bank_id: int) -> None:
    """Say that questions or keys have changed; within the transaction of the change."""
    QuestionBank.objects.filter(pk=bank_id).update(revision=F("revision") + 1)


def versions(ids: Iterable[int]) -> dict[int, QuestionVersion]:
    """The versions by id, with their questions; at most one statement."""
    wanted = set(ids)
    known = {key: version for key in wanted if (version := _versions.get(key))}
    if len(known) < len(wanted):
        missing = wanted - known.keys()
        found = QuestionVersion.objects.select_related("question").in_bulk(missing)
        if len(_versions) + len(found) > MOST_VERSIONS:
            _versions.clear()
        _versions.update(found)
        known |= found
    return known


def paper_of(attempt_id: int, *, person_id: int) -> Paper | None:
    """The paper of a person's own attempt, which is frozen; None if there is no such attempt."""
    paper = _papers.get((attempt_id, person_id))
    if paper is None:
        own = Attempt.objects.of_person(person_id).filter(pk=attempt_id)
        paper = own.values_list("paper", flat=True).first()
        if paper is not None:
            keep_paper(attempt_id, paper, person_id=person_id)
    return paper


def keep_paper(attempt_id: int, paper: Paper, *, person_id: int) -> None:
    """Remember the paper of a person's own attempt: whoever looks at it answers it next."""
    if len(_papers) >= MOST_PAPERS:
        _papers.clear()
    _papers[attempt_id, person_id] = paper


def forget() -> None:
    """Start anew, where another database takes the place of this one."""
    _banks.clear()
    _versions.clear()
    _papers.clear()
