"""Where what is said about a quiz does not go together, and what to think about."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _

from quizzes import filling, kinds, stock
from quizzes.models import Opening, QuestionVersion, Quiz

# What an attempt's marks can hold.
MOST_MARKS = 99_999
_ORDER = (Quiz.Shown.SUBMITTED, Quiz.Shown.CLOSED, Quiz.Shown.NEVER)


def contradictions(quiz: Quiz) -> list[str]:
    """What cannot hold at the same time, each in words; empty if everything goes together."""
    return [*_in_review(quiz), *_in_time(quiz), *_in_marks(quiz)]


def _rank(shown: str) -> int:
    return _ORDER.index(Quiz.Shown(shown))


def _in_review(quiz: Quiz) -> Iterable[str]:
    """Whoever sees the marks of every question can add them up, and so on."""
    if _rank(quiz.show_marks) < _rank(quiz.show_result):
        yield _("The marks are shown before the result, which can be read from them.")
    if _rank(quiz.show_answers) < _rank(quiz.show_marks):
        yield _("The right answers are shown before the marks, which can be read from them.")


def _in_time(quiz: Quiz) -> Iterable[str]:
    full_time = quiz.at_closing == Quiz.AtClosing.FULL_TIME
    if full_time and quiz.minutes is None:
        yield _("Without a time limit there is no full time: attempts must end at the closing.")
    if full_time or quiz.minutes is None:
        return
    for opening in Opening.objects.filter(quiz=quiz.pk).select_related("run").order_by("pk"):
        if is_too_short(quiz, opening):
            yield _(
                "The opening in “%(run)s” is shorter than the time limit, and attempts are cut "
                "short: nobody would have the full time."
            ) % {"run": opening.run}


def is_too_short(quiz: Quiz, opening: Opening) -> bool:
    """Whether not even who starts at once has the full time before the opening ends."""
    if quiz.minutes is None or quiz.at_closing == Quiz.AtClosing.FULL_TIME:
        return False
    if opening.opens_at is None or opening.closes_at is None:
        return False
    return opening.closes_at - opening.opens_at < timedelta(minutes=quiz.minutes)


def _in_marks(quiz: Quiz) -> Iterable[str]:
    total = sum(section.count * section.marks for section in quiz.sections.all())
    if total > MOST_MARKS:
        yield _("All marks together are more than %(most)s.") % {"most": MOST_MARKS}


def doubts(quiz: Quiz) -> list[str]:
    """What to think about before publishing; none of it is in the way."""
    return [
        *_about_the_place(quiz),
        *_about_attempts(quiz),
        *_about_what_is_hidden(quiz),
        *_about_long_answers(quiz),
    ]


def _about_what_is_hidden(quiz: Quiz) -> Iterable[str]:
    """A course page says what is still missing, and a certificate is issued to who has passed."""
    if quiz.show_result != Quiz.Shown.SUBMITTED and quiz.assessment.required:
        yield _(
            "The result is hidden, but whether the course is completed is not: where the rest is "
            "done, learners can tell from it whether they have passed."
        )


def _about_the_place(quiz: Quiz) -> Iterable[str]:
    lesson = quiz.assessment.lesson
    if lesson is not None and not lesson.live:
        yield _("The lesson is not published: runs opened now do not have this test.")


def _about_attempts(quiz: Quiz) -> Iterable[str]:
    if quiz.attempts_allowed == 1:
        if quiz.cool_down_minutes:
            yield _("There is one attempt only: nobody has to wait for the next one.")
        return
    if quiz.grade_method == Quiz.GradeMethod.FIRST:
        yield _("Only the first attempt counts: further ones are for practice.")
    if quiz.show_answers == Quiz.Shown.SUBMITTED:
        yield _(
            "The right answers are shown after each attempt: where the bank is small, the next "
            "attempt asks the same questions."
        )


def _about_long_answers(quiz: Quiz) -> Iterable[str]:
    if not has_long_answers(quiz):
        if quiz.second_marker:
            yield _("Long answers are marked twice, but no question asks for one.")
        return
    if quiz.attempts_allowed > 1:
        yield _("The long answers of every attempt have to be marked.")


def has_long_answers(quiz: Quiz) -> bool:
    """Whether a question that a person must mark may be asked."""
    items = stock.of(quiz.bank).items
    asked = {
        item.version for section in quiz.sections.all() for item in filling.fitting(section, items)
    }
    by_people = [code for code, _label in kinds.CHOICES if kinds.get(code).marked_by_people]
    return QuestionVersion.objects.filter(pk__in=asked, kind__in=by_people).exists()
