"""The learner's pages of an assignment: writing and keeping, handing in, one's own files."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses import running
from courses.assignments import handing_in, showing
from courses.assignments.handing_in import HandingInRefused
from courses.models import Assignment, Enrolment, SubmissionFile
from jobs import private_files
from people.sessions import person_id


def _own(request: HttpRequest, enrolment_id: int, assignment_id: int) -> dict[str, Any]:
    own = Enrolment.objects.of_person(person_id(request)).select_related("run__course", "person")
    enrolment = get_object_or_404(own, pk=enrolment_id)
    of_course = Assignment.objects.filter(assessment__course=enrolment.run.course_id)
    # Or handed in already, whatever is asked for by now.
    asked = Q(assessment__in=running.offered(enrolment.run)) | Q(submissions__enrolment=enrolment)
    found = of_course.filter(asked).distinct().select_related("assessment")
    assignment = get_object_or_404(found, pk=assignment_id)
    return {"enrolment": enrolment, "assignment": assignment}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def assignment(request: HttpRequest, enrolment_id: int, assignment_id: int) -> HttpResponse:
    """What is asked, and what is written so far; every POST keeps it."""
    found = _own(request, enrolment_id, assignment_id)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            _keep(request, found)
        except HandingInRefused as refused:
            context = {"refused": str(refused), "typed": request.POST.get("text", "")}
        else:
            if "hand_in" in request.POST:
                return redirect("courses:hand_in", enrolment_id, assignment_id)
            now = timezone.localtime()
            messages.success(request, _("Draft kept at %(time)s") % {"time": f"{now:%H:%M:%S}"})
            return redirect("courses:assignment", enrolment_id, assignment_id)
    context = showing.for_learner(**found) | context
    status = 422 if "refused" in context else 200
    return render(request, "courses/assignments/assignment.html", context, status=status)


def _keep(request: HttpRequest, found: dict[str, Any]) -> None:
    """Text first: whatever is wrong with a file, what was written is kept."""
    about = {
        "enrolment_id": found["enrolment"].pk,
        "assignment": found["assignment"],
        "at": timezone.now(),
    }
    handing_in.save_draft(text=request.POST.get("text", "").replace("\r\n", "\n"), **about)
    removed = request.POST.get("remove", "")
    if removed.isascii() and removed.isdigit() and len(removed) < 19:
        handing_in.remove_file(file_id=int(removed), **about)
    for upload in request.FILES.getlist("files"):
        try:
            handing_in.add_file(upload=upload, **about)
        except HandingInRefused as refused:
            raise HandingInRefused(
                _("%(file)s was not kept: %(reason)s") % {"file": upload.name, "reason": refused}
            ) from refused


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hand_in(request: HttpRequest, enrolment_id: int, assignment_id: int) -> HttpResponse:
    """Asked once more, because it cannot be changed afterwards."""
    found = _own(request, enrolment_id, assignment_id)
    context = showing.for_learner(**found)
    if request.method == "POST":
        submission = context["submission"]
        try:
            handing_in.hand_in(
                enrolment_id=enrolment_id,
                assignment=found["assignment"],
                text=submission.text if submission else "",
                at=timezone.now(),
            )
        except HandingInRefused as refused:
            context["refused"] = str(refused)
        else:
            return redirect("courses:assignment", enrolment_id, assignment_id)
    elif not context["open"]:
        return redirect("courses:assignment", enrolment_id, assignment_id)
    status = 422 if "refused" in context else 200
    return render(request, "courses/assignments/hand_in.html", context, status=status)


@require_safe
def file(request: HttpRequest, enrolment_id: int, file_id: int) -> HttpResponseBase:
    """One of the learner's own files."""
    own = Enrolment.objects.of_person(person_id(request))
    found = get_object_or_404(
        SubmissionFile, pk=file_id, submission__enrolment__in=own.filter(pk=enrolment_id)
    )
    return private_files.download(found.file.name, as_name=found.name)
