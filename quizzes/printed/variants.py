"""Drawing the variants of a printed test: the same questions, in another order on each."""

import random
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from courses.models import CourseRun
from courses.paper.entering import tests_of
from quizzes import drawing, kinds, stock
from quizzes.models import PaperSlot, PrintedTest, PrintedVariant, Quiz
from quizzes.printed.notation import MOST_LETTERS, NOTATIONS

MOST_VARIANTS = 24
_TRIES = 50


class PrintingRefused(Exception):
    """Carries the reason why no variants can be drawn, in words for the staff."""


def printable(run: CourseRun) -> QuerySet[Quiz]:
    """The published online tests of the run's course: they can be held on paper too."""
    found: QuerySet[Quiz] = (
        Quiz.objects.published()
        .filter(assessment__in=tests_of(run))
        .select_related("assessment", "bank")
        .order_by("assessment__title", "pk")
    )
    return found


def draw_variants(
    *,
    quiz_id: int,
    run_id: int,
    count: int,
    at: datetime,
    by: Any = None,
    rng: random.Random | None = None,
) -> PrintedTest:
    """Draw so many variants (1 to 24) for the class of a run; they never change afterwards.

    All have the same questions, drawn once. Their order changes within each section, and that of
    choices within each question, where the test shuffles. Codes are 101, 102, … for the first
    printed test of the run, 201, … for the second. Raises PrintingRefused, Quiz.DoesNotExist for a
    test of another course or one that is not published, CourseRun.DoesNotExist.
    """
    source = rng or random.SystemRandom()
    with transaction.atomic():
        # The lock keeps the codes of two tests drawn at once apart.
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if run.state == CourseRun.State.DRAFT:
            raise PrintingRefused(_("The run is a draft: nobody learns in it yet."))
        quiz = printable(run).get(pk=quiz_id)
        papers = _papers(quiz, count, source)
        series = PrintedTest.objects.filter(run=run).count() + 1
        test = PrintedTest.objects.create(quiz=quiz, run=run, drawn_at=at, drawn_by=by)
        PrintedVariant.objects.bulk_create(
            PrintedVariant(test=test, code=str(series * 100 + number), paper=paper)
            for number, paper in enumerate(papers, start=1)
        )
    return test


def _papers(quiz: Quiz, count: int, rng: random.Random) -> list[tuple[PaperSlot, ...]]:
    if not 1 <= count <= MOST_VARIANTS:
        raise PrintingRefused(
            _("From 1 to %(most)s variants can be drawn.") % {"most": MOST_VARIANTS}
        )
    if count > 1 and not quiz.shuffle:
        raise PrintingRefused(
            _("This test does not shuffle questions and choices: all variants would be the same.")
        )
    try:
        first = drawing.draw(quiz=quiz, rng=rng)
    except drawing.BankTooSmall as small:
        raise PrintingRefused(str(small)) from small
    _check_kinds(first)
    parts = _parts(quiz, first)
    papers = [first]
    for _number in range(1, count):
        papers.append(_another(parts, papers, rng))
    return papers


def _check_kinds(paper: tuple[PaperSlot, ...]) -> None:
    for version in stock.versions(slot.version for slot in paper).values():
        notation = NOTATIONS.get(version.kind)
        if notation is None:
            raise PrintingRefused(
                _("Questions of the kind “%(kind)s” cannot be asked on paper.")
                % {"kind": kinds.get(version.kind).label}
            )
        if notation.letters(version.body, ()) > MOST_LETTERS:
            raise PrintingRefused(
                _("The question “%(name)s” has more choices than there are letters.")
                % {"name": version.question.name}
            )


def _parts(quiz: Quiz, paper: tuple[PaperSlot, ...]) -> list[list[PaperSlot]]:
    """The paper in the parts within which questions change places.

    A part is a section; fixed questions that follow each other are one.
    """
    sections = enumerate(quiz.sections.all())
    sizes = [
        sum(section.count for _place, section in together)
        for _same, together in groupby(
            sections, key=lambda one: -1 if one[1].question_id else one[0]
        )
    ]
    parts, start = [], 0
    for size in sizes:
        parts.append(list(paper[start : start + size]))
        start += size
    return parts


def _another(
    parts: list[list[PaperSlot]], papers: list[tuple[PaperSlot, ...]], rng: random.Random
) -> tuple[PaperSlot, ...]:
    """A paper with the same questions that is like none of the others. Raises PrintingRefused."""
    versions = stock.versions(slot.version for slot in papers[0])
    for _attempt in range(_TRIES):
        shuffled = []
        for part in parts:
            slots = list(part)
            rng.shuffle(slots)
            for slot in slots:
                version = versions[slot.version]
                order = kinds.get(version.kind).draw(version.body, rng, shuffle=True)
                shuffled.append(slot._replace(order=tuple(order)))
        if tuple(shuffled) not in papers:
            return tuple(shuffled)
    raise PrintingRefused(_("The test is too short for so many different variants."))
