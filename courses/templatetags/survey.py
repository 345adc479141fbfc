"""The survey on a learner's page."""

from django import template
from django.utils import timezone

from courses.models import Enrolment
from courses.survey import answering

register = template.Library()


@register.simple_tag
def survey_of(enrolment: Enrolment) -> str:
    """``open``, ``answered``, or empty where there is no survey to speak of."""
    if not answering.is_open_to(enrolment, at=timezone.now()):
        return ""
    return "answered" if answering.has_answered(enrolment) else "open"
