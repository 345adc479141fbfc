"""Class meetings on the pages of a run."""

from django import template
from django.utils import timezone

from courses.attendance import lines
from courses.models import Enrolment

register = template.Library()


@register.simple_tag
def meetings_of(enrolment: Enrolment) -> list[lines.MeetingLine]:
    """The meetings of the learner's run, each with what is entered."""
    return lines.of_enrolment(enrolment, at=timezone.now())
