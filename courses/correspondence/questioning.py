"""A learner's question to the trainers, and the answer: by mail, and for the run if they want."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from courses.models import CourseRun, Enrolment, RunQuestion
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mail
from people.addressing import of_person, of_user
from people.models import User

MOST_OPEN = 5


class QuestionRefused(Exception):
    """Carries the reason, in words for the learner."""


def trainers_of(run: CourseRun) -> list[User]:
    """Who teaches the run or its course, and can log in."""
    teaching = Q(teaches__course=run.course_id) | Q(taught_runs=run)
    found = User.objects.filter(teaching, is_active=True).select_related("person")
    return list(found.distinct().order_by("pk"))


def ask(*, enrolment: Enrolment, form: UUID, text: str, at: datetime) -> RunQuestion:
    """Keep the question and mail it to the trainers; the same form again is the same question.

    Raises QuestionRefused for who has withdrawn, and where too many wait for an answer.
    """
    if known := RunQuestion.objects.filter(form=form, enrolment=enrolment).first():
        return known
    mails = [_to_trainer(user, enrolment, form, text) for user in trainers_of(enrolment.run)]
    with transaction.atomic():
        locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
        if locked.withdrawn_at:
            raise QuestionRefused(_("Who has withdrawn from the run cannot ask its trainers."))
        known = RunQuestion.objects.filter(form=form).first()
        if known and known.enrolment_id != enrolment.pk:
            raise QuestionRefused(_("This form has been used before."))
        if known:
            return known
        if enrolment.questions.filter(answered_at__isnull=True).count() >= MOST_OPEN:
            raise QuestionRefused(_("First wait for the answers to the questions before."))
        question = RunQuestion.objects.create(
            run_id=enrolment.run_id, enrolment=enrolment, form=form, text=text, asked_at=at
        )
        for mail in mails:
            if mail.to:
                queue_mail(key=mail.key, to=mail.to, letter=mail.letter, at=at)
    return question


def answer(*, question_id: int, text: str, shown_to_run: bool, by: Any, at: datetime) -> bool:
    """Answer once, by mail too; False if it was answered already, then nothing changes."""
    question = RunQuestion.objects.select_related(
        "enrolment__person__user", "enrolment__run__course"
    ).get(pk=question_id)
    mail = _to_learner(question, text)
    with transaction.atomic():
        answered = RunQuestion.objects.filter(pk=question_id, answered_at__isnull=True).update(
            answer=text, answered_at=at, answered_by=by, shown_to_run=shown_to_run
        )
        if answered and mail.to:
            queue_mail(key=mail.key, to=mail.to, letter=mail.letter, at=at)
    return bool(answered)


def show_to_run(*, question_id: int, shown: bool) -> bool:
    """Show an answered question to the run, or take it away; False if it has no answer yet."""
    answered = RunQuestion.objects.filter(pk=question_id, answered_at__isnull=False)
    return bool(answered.update(shown_to_run=shown))


def _to_trainer(user: User, enrolment: Enrolment, form: UUID, text: str) -> Outgoing:
    to = of_user(user)
    with translation.override(to.language):
        run = enrolment.run
        letter = Letter(
            subject=_("A learner asks: %(run)s") % {"run": run},
            name=to.name,
            paragraphs=[
                _("%(learner)s asks in the run “%(run)s”, course “%(course)s”:")
                % {"learner": enrolment.person, "run": run, "course": run.course},
                text,
            ],
            path=f"{reverse('run_questions:index')}?run={run.pk}",
            link=_("Answer"),
        )
    rendered = letter.render(language=to.language)
    return Outgoing(f"question-{form}-{user.pk}", to.email, rendered)


def _to_learner(question: RunQuestion, text: str) -> Outgoing:
    enrolment = question.enrolment
    to = of_person(enrolment.person)
    with translation.override(to.language):
        letter = Letter(
            subject=_("The answer to your question: %(run)s") % {"run": enrolment.run},
            name=to.name,
            paragraphs=[
                _("You asked in the course “%(course)s”:") % {"course": enrolment.run.course},
                question.text,
                _("The trainer's answer:"),
                text,
            ],
            path=reverse("courses:enrolment", args=[enrolment.pk]),
            link=_("Go to the course"),
        )
    return Outgoing(f"answer-{question.pk}", to.email, letter.render(language=to.language))
