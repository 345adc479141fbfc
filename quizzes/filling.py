"""Whether a bank has enough questions for a quiz, said before a learner meets it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from courses.models import Assessment
from quizzes import drawing, stock
from quizzes.models import Quiz, QuizSection
from quizzes.stock import Item


def lacks(quiz: Quiz) -> list[str]:
    """Everything that keeps the bank from filling the quiz, in words; empty if it can.

    Judged as a paper is drawn, so that overlapping rules are neither refused nor let pass by
    mistake. Asks the database only for the sections, and for a bank that is new to this process.
    """
    sections = list(quiz.sections.all())
    if not sections:
        return [_("The test has no section.")]
    items = stock.of(quiz.bank).items
    reasons = [*_fixed_lacks(sections, items), *_drawn_lacks(sections, items)]
    if reasons:
        return reasons
    try:
        drawing.choose(sections, items, rng=drawing.fresh_rng())
    except drawing.BankTooSmall:
        return [_together(sections, items)]
    return []


def shortages(quizzes: Iterable[Quiz]) -> dict[int, str]:
    """What each quiz lacks, in words; a quiz that can be drawn is not in it."""
    found = {quiz.pk: " ".join(lacks(quiz)) for quiz in quizzes}
    return {key: reasons for key, reasons in found.items() if reasons}


def assessment_shortages(assessments: Sequence[Assessment]) -> dict[int, str]:
    """What keeps online tests from being held, by assessment (hook ``assessment_shortages``)."""
    wanted = Quiz.objects.filter(assessment__in=assessments)
    found = {}
    for quiz in wanted.select_related("bank").prefetch_related("sections"):
        reasons = lacks(quiz)
        if quiz.published_at is None:
            reasons.insert(0, _("The test is not published."))
        if reasons:
            found[quiz.assessment_id] = " ".join(reasons)
    return found


def fitting(section: QuizSection, items: Iterable[Item]) -> list[Item]:
    """The questions that a section can ask."""
    if section.question_id:
        return [item for item in items if item.question == section.question_id]
    return [item for item in items if drawing.fits(section, item)]


def _fixed_lacks(sections: Sequence[QuizSection], items: Sequence[Item]) -> Iterable[str]:
    known = {item.question for item in items}
    times = Counter(section.question_id for section in sections if section.question_id)
    for place, section in enumerate(sections, start=1):
        if section.question_id and section.question_id not in known:
            yield _("Section %(place)s: the fixed question is not in use in this bank.") % {
                "place": place
            }
    if any(number > 1 for number in times.values()):
        yield _("A fixed question stands in the test more than once.")


def _drawn_lacks(sections: Sequence[QuizSection], items: Sequence[Item]) -> Iterable[str]:
    fixed = {section.question_id for section in sections}
    free = [item for item in items if item.question not in fixed]
    for place, section in enumerate(sections, start=1):
        if section.question_id:
            continue
        have = len(fitting(section, free))
        if have < section.count:
            yield _(
                "Section %(place)s: the bank has %(have)s of the %(need)s questions asked for."
            ) % {"place": place, "have": have, "need": section.count}


def _together(sections: Sequence[QuizSection], items: Sequence[Item]) -> str:
    have = len({item.question for section in sections for item in fitting(section, items)})
    need = sum(section.count for section in sections)
    if have < need:
        return _("The question bank has %(have)s of the %(need)s questions asked for.") % {
            "have": have,
            "need": need,
        }
    return _("The rules of the sections overlap: they cannot all be filled without a repeat.")
