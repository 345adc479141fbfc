"""What was written in a run, for its learner's page."""

from typing import Any

from django import template

from courses.correspondence.forms import QuestionForm
from courses.models import Enrolment, RunQuestion
from people.addressing import of_person

register = template.Library()


@register.simple_tag
def letters_of(enrolment: Enrolment) -> dict[str, Any]:
    """``messages`` to the run, ``own`` questions, what is ``shown`` to all, and a ``form``.

    ``by_mail`` says whether an answer also comes by e-mail.
    """
    return {
        "messages": enrolment.run.messages.all(),
        "own": enrolment.questions.order_by("asked_at", "pk"),
        "shown": RunQuestion.objects.shown_in(enrolment.run_id)
        .exclude(enrolment=enrolment)
        .order_by("answered_at", "pk"),
        "by_mail": bool(of_person(enrolment.person).email),
        "form": None if enrolment.withdrawn_at else QuestionForm(),
    }
