"""What a learner may see of an attempt after submitting, by the quiz's review policy."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from courses.models import Enrolment
from quizzes.models import Accommodation, Attempt, Opening, Quiz

Shown = Quiz.Shown


@dataclass(frozen=True)
class Seen:
    """Whether passed or not, the marks of each question, right answers and explanations show."""

    result: bool
    marks: bool
    answers: bool
    feedback: bool

    @property
    def anything(self) -> bool:
        """Whether any question is to be shown again."""
        return self.marks or self.answers or self.feedback


def of(attempt: Attempt, at: datetime) -> Seen:
    """What shows at that time. Asks the database only where a policy waits for the closing."""
    quiz = attempt.quiz
    wanted = (quiz.show_result, quiz.show_marks, quiz.show_answers, quiz.show_feedback)
    if attempt.submitted_at is None:
        return Seen(*(False for _one in wanted))
    closed = Shown.CLOSED in wanted and is_closed(attempt, at)
    return Seen(*(one == Shown.SUBMITTED or (one == Shown.CLOSED and closed) for one in wanted))


def hidden_results(enrolment: Enrolment) -> set[int]:
    """The assessments whose result the learner may not see yet (hook ``hidden_results``)."""
    submitted = (
        Attempt.objects.filter(enrolment=enrolment, submitted_at__isnull=False)
        .exclude(quiz__show_result=Shown.SUBMITTED)
        .select_related("quiz", "enrolment__run")
        .defer("paper", "marks")
    )
    # It is the same for all attempts of one quiz.
    by_quiz = {one.quiz_id: one for one in submitted}
    now = timezone.now()
    return {one.quiz.assessment_id for one in by_quiz.values() if not of(one, now).result}


def is_closed(attempt: Attempt, at: datetime) -> bool:
    """Whether nobody of the attempt's run can take the quiz any more. Up to three statements."""
    run = attempt.enrolment.run
    same = Attempt.objects.filter(quiz=attempt.quiz_id, enrolment__run=run)
    if same.open().exists():
        return False
    if not run.is_going_on:
        return True
    opening = Opening.objects.filter(quiz=attempt.quiz_id, run=run).first()
    if opening is None or opening.closes_at is None or opening.closes_at > at:
        return False
    later = Accommodation.objects.standing().filter(quiz=attempt.quiz_id, closes_at__gt=at)
    return not later.exists()
