"""The learner's side of the survey."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.models import Enrolment
from courses.survey import answering
from courses.survey.forms import SurveyForm
from people.sessions import person_id


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Fill in the survey of one's own run; who has done so, or may not yet, is sent back."""
    own = Enrolment.objects.of_person(person_id(request))
    enrolment = get_object_or_404(own.select_related("run__course"), pk=enrolment_id)
    now = timezone.now()
    if answering.has_answered(enrolment) or not answering.is_open_to(enrolment, at=now):
        return redirect("courses:enrolment", enrolment.pk)
    data = request.POST if request.method == "POST" else None
    course = enrolment.run.course
    form = SurveyForm(
        data,
        statements=answering.statements_of(course),
        initial={"version": answering.version_of(course)},
    )
    if form.is_valid():
        try:
            answering.answer_survey(enrolment_id=enrolment.pk, at=now, **form.answer())
        except answering.SurveyRefused as refused:
            form.add_error(None, str(refused))
            form.data = {**request.POST.dict(), "version": answering.version_of(course)}
        else:
            messages.success(request, _("Thank you. The sheet has been handed in without a name."))
            return redirect("courses:enrolment", enrolment.pk)
    context = {"form": form, "enrolment": enrolment, "run": enrolment.run}
    return render(request, "courses/survey/survey.html", context)
