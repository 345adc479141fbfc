"""Drawing a paper: which questions, in which order, with which order of choices."""

import os
import random
from bisect import bisect_left
from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from jobs.compiled import Compiled, Given
from quizzes import kinds, stock
from quizzes.models import PaperSlot, QuestionVersion, Quiz, QuizSection
from quizzes.stock import Item

_SECTIONS = Compiled(lambda: QuizSection.objects.filter(quiz=Given("quiz")))


class BankTooSmall(Exception):
    """The bank cannot fill the quiz; carries the reason in words for people."""


def fresh_rng() -> random.Random:
    """Dice that nobody can foresee."""
    return random.Random(os.urandom(16))  # noqa: S311 - its seed is secret, its stream is not shown


def draw(*, quiz: Quiz, rng: random.Random, seen: Collection[int] = ()) -> tuple[PaperSlot, ...]:
    """Draw the paper of one attempt, no question twice. Raises BankTooSmall.

    ``seen`` names the versions of earlier papers: their questions come again only where the bank
    has no others. ``rng`` is a system source in service and a seeded one in tests.
    """
    sections = _SECTIONS.ask(quiz=quiz.pk)
    items = stock.of(quiz.bank)
    # By question: the wording may have been edited since.
    known = {version.question_id for version in stock.versions(seen).values()}
    chosen = choose(sections, items.items, rng=rng, known=known)
    versions = stock.versions({item.version for picked in chosen for item in picked})
    return tuple(
        _slot(versions[item.version], marks=section.marks, shuffle=quiz.shuffle, rng=rng)
        for section, picked in zip(sections, chosen, strict=True)
        for item in (picked if quiz.shuffle else sorted(picked, key=lambda one: one.question))
    )


def choose(
    sections: Sequence[QuizSection],
    items: Sequence[Item],
    *,
    rng: random.Random,
    known: Collection[int] = (),
) -> list[list[Item]]:
    """The questions of each section, in the order of the sections. Raises BankTooSmall.

    Fixed questions come first, then a matching gives every place of every section a question of
    its own wherever that is possible at all, and as many as can be had that are not ``known``,
    however the rules overlap.
    """
    fixed = {section.question_id for section in sections if section.question_id}
    by_question = {item.question: item for item in items}
    free = [item for item in items if item.question not in fixed]
    rng.shuffle(free)
    # Those not seen before stand first; the sort keeps the shuffled order within each half.
    free.sort(key=lambda item: item.question in known)
    unseen = sum(item.question not in known for item in free)
    fitting = [
        []
        if section.question_id
        else [place for place, item in enumerate(free) if fits(section, item)]
        for section in sections
    ]
    taken = _match(sections, fitting, unseen=unseen)
    chosen = []
    for number, section in enumerate(sections):
        if section.question_id:
            if section.question_id not in by_question:
                raise BankTooSmall(_("A fixed question is not in use any more."))
            chosen.append([by_question[section.question_id]])
        else:
            picked = [free[place] for place in taken[number]]
            rng.shuffle(picked)
            chosen.append(picked)
    return chosen


def fits(section: QuizSection, item: Item) -> bool:
    """Whether the rule of a section admits a question."""
    if section.category_id is not None and section.category_id != item.category:
        return False
    if section.difficulty and section.difficulty not in item.tags:
        return False
    if section.clause and not any(_within(tag, section.clause) for tag in item.tags):
        return False
    return all(tag in item.tags for tag in tags_of(section))


def tags_of(section: QuizSection) -> list[str]:
    return [tag for part in section.tags.split(",") if (tag := part.strip())]


def _within(tag: str, clause: str) -> bool:
    return tag == clause or tag.startswith(f"{clause}.")


def _match(
    sections: Sequence[QuizSection], fitting: Sequence[Sequence[int]], *, unseen: int
) -> list[list[int]]:
    """Places in the stock for each section, none twice, as many as can be of the ``unseen`` first.

    Raises BankTooSmall for the first section that stays short even if the others give way.
    """
    holder: dict[int, int] = {}
    lacking = [0 if section.question_id else section.count for section in sections]
    # What is taken stays taken, so that the second round costs none of those not seen before.
    _augment(holder, lacking, [places[: bisect_left(places, unseen)] for places in fitting])
    _augment(holder, lacking, fitting)
    for section, lacks in zip(sections, lacking, strict=True):
        if lacks:
            raise BankTooSmall(
                _("The question bank has too few questions for this test: %(have)s of %(need)s.")
                % {"have": section.count - lacks, "need": section.count}
            )
    taken: list[list[int]] = [[] for _section in sections]
    for place, number in holder.items():
        taken[number].append(place)
    return taken


def _augment(holder: dict[int, int], lacking: list[int], fitting: Sequence[Sequence[int]]) -> None:
    """Give the sections what they lack, as far as can be (augmenting paths, Kuhn 1955).

    A section that found nothing once finds nothing later, so that it is asked no further.
    """
    # No place becomes free again, so that each list is walked once in search of a free one.
    fresh = [iter(places) for places in fitting]

    def claim(section: int, tried: set[int]) -> bool:
        for place in fresh[section]:
            if place not in holder:
                holder[place] = section
                return True
        tried.add(section)
        for place in fitting[section]:
            if holder[place] not in tried and claim(holder[place], tried):
                holder[place] = section
                return True
        return False

    for section in range(len(lacking)):
        while lacking[section] and claim(section, set()):
            lacking[section] -= 1


def _slot(version: QuestionVersion, *, marks: int, shuffle: bool, rng: random.Random) -> PaperSlot:
    order = kinds.get(version.kind).draw(version.body, rng, shuffle=shuffle)
    return PaperSlot(version.pk, marks, tuple(order))
