"""Staff end an enrolment or move it to another run; asked once more, with a reason."""

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from courses import admitting, withdrawing
from courses.enrolling import EnrolmentRefused
from courses.models import CourseRun, Enrolment
from jobs.forms import FormPage, offer
from jobs.staff_views import NARROW


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class TransferForm(WithdrawalForm):
    run = forms.ModelChoiceField(
        label=gettext_lazy("To the run"), queryset=CourseRun.objects.none(), widget=NARROW
    )
    field_order = ("run", "reason")

    def __init__(self, *args: Any, enrolment: Enrolment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = CourseRun.objects.open_for_enrolment(on=timezone.localdate())
        others = others.filter(course=enrolment.run.course_id).exclude(pk=enrolment.run_id)
        offer(self, "run", others)


class EnrolmentStep(WagtailAdminTemplateMixin, FormPage, ABC):
    """For a focal point with people of the own agency, for DOST officers with everybody."""

    header_icon = "user"
    template_name = "courses/admin/enrolment_step.html"
    enrolment: Enrolment

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.has_perm("courses.view_enrolment"):
            raise PermissionDenied
        seen = Enrolment.objects.visible_to(request.user)
        related = seen.select_related("person", "run__course", "agency")
        self.enrolment = get_object_or_404(related, pk=kwargs["pk"])
        if not admitting.staff_scope(request.user)(self.enrolment.agency):
            raise PermissionDenied

    def get_page_subtitle(self) -> str:
        return str(self.enrolment.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        own = reverse("enrolments:inspect", args=[self.enrolment.pk])
        return [
            *self.breadcrumbs_items,
            {"url": reverse("enrolments:index"), "label": _("Enrolments")},
            {"url": own, "label": str(self.enrolment)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"object": self.enrolment}

    @abstractmethod
    def take(self, given: dict[str, Any]) -> Enrolment:
        """Call the verb with what the form says; EnrolmentRefused is shown above it."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            standing = self.take(form.cleaned_data)
        except EnrolmentRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect("enrolments:inspect", standing.pk)

    success_message: Any


class Withdraw(EnrolmentStep):
    page_title = gettext_lazy("Withdraw")
    form_class = WithdrawalForm
    success_message = gettext_lazy("The enrolment was withdrawn.")

    def take(self, given: dict[str, Any]) -> Enrolment:
        return withdrawing.withdraw(
            enrolment_id=self.enrolment.pk, at=timezone.now(), by=self.request.user, **given
        )


class Transfer(EnrolmentStep):
    page_title = gettext_lazy("Transfer to another run")
    form_class = TransferForm
    success_message = gettext_lazy(
        "The learner was transferred; what was learnt stays with the old enrolment."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"enrolment": self.enrolment}

    def take(self, given: dict[str, Any]) -> Enrolment:
        return withdrawing.transfer(
            enrolment_id=self.enrolment.pk,
            to_run_id=given["run"].pk,
            at=timezone.now(),
            by=self.request.user,
            reason=given["reason"],
        )
