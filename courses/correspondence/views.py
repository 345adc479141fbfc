"""The learner's side: asking the trainers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.correspondence import questioning
from courses.correspondence.forms import QuestionForm
from courses.models import Enrolment
from people.sessions import person_id


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Ask the trainers of one's own run."""
    own = Enrolment.objects.of_person(person_id(request))
    enrolment = get_object_or_404(own.select_related("run__course", "person"), pk=enrolment_id)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            questioning.ask(enrolment=enrolment, at=timezone.now(), **form.cleaned_data)
        except questioning.QuestionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The question has been sent to the trainers."))
            return redirect("courses:enrolment", enrolment.pk)
    context = {"form": form, "enrolment": enrolment, "run": enrolment.run}
    return render(request, "courses/correspondence/ask.html", context)
