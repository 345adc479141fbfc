"""The candidates of a run, for DOST officers: looked at, previewed, and issued on purpose."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.log_actions import log

from certificates.issue import batching, candidates, freezing
from certificates.models import Certificate
from certificates.paper.rendering import RenderingError
from certificates.posted import keys
from courses.asking import RunLink
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun

PER_PAGE = 100


class OfficersPage(ManagedRunPage):
    """Only those who may issue certificates; the trainers of the run may not."""

    model = Certificate
    permission_required = "add"
    header_icon = "success"


class Candidates(OfficersPage, TemplateView):
    """Who has completed the run, with or without a certificate; POST asks, then issues."""

    page_title = gettext_lazy("Certificate candidates")
    template_name = "certificates/admin/candidates.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rule = candidates.rule_of(self.run)
        found = candidates.completed(self.run)
        issued = found.filter(certificate__isnull=False)
        waiting = found.filter(certificate__isnull=True)
        of_issued = self.request.GET.get("shown") == "issued"
        pages = Paginator(issued if of_issued else waiting, PER_PAGE)
        page = pages.get_page(self.request.GET.get("p"))
        now = timezone.now()
        return context | {
            "rule": rule,
            "of_issued": of_issued,
            "waiting": waiting.count(),
            "issued": issued.count(),
            "under_way": issued.filter(certificate__in=Certificate.objects.unfinished()).count(),
            "page": page,
            "people": candidates.look_at(list(page), rule=rule, at=now) if rule else [],
            "today": timezone.localdate(now),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rule = candidates.rule_of(self.run)
        if rule is None:
            return redirect("candidates", self.run.pk)
        found = candidates.completed(self.run).filter(certificate__isnull=True)
        if "all" not in request.POST:
            found = found.filter(pk__in=keys(request.POST.getlist("candidate")))
        looked_at = candidates.look_at(list(found), rule=rule, at=timezone.now())
        ready = [one for one in looked_at if one.ready]
        if not ready:
            messages.warning(
                request, _("Nobody was chosen who could get a certificate. Nothing was changed.")
            )
            return redirect("candidates", self.run.pk)
        if "confirmed" not in request.POST:
            return self._ask(ready, left_out=len(looked_at) - len(ready))
        batch = batching.begin(
            run_id=self.run.pk,
            enrolment_ids=[one.enrolment.pk for one in ready],
            by=request.user,
            at=timezone.now(),
        )
        assert batch  # there is a rule
        log(instance=self.run, action="wagtail.edit", user=request.user)
        words = ngettext(
            "%(count)s certificate is being issued.",
            "%(count)s certificates are being issued.",
            len(ready),
        )
        messages.success(request, words % {"count": len(ready)})
        return redirect("issue_batches:inspect", batch.pk)

    def _ask(self, ready: list[candidates.Candidate], *, left_out: int) -> HttpResponse:
        self.template_name = "certificates/admin/issue_candidates.html"
        context = self.get_context_data(
            ready=ready,
            left_out=left_out,
            warned=sum(bool(one.warnings) for one in ready),
            back=reverse("candidates", args=[self.run.pk]),
        )
        return self.render_to_response(context)


class Preview(OfficersPage, TemplateView):
    """The paper as it would be printed, marked as a preview; nothing is written."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rule = candidates.rule_of(self.run)
        enrolment = get_object_or_404(candidates.completed(self.run), pk=kwargs["enrolment_id"])
        if rule is None:
            raise Http404
        try:
            pdf = candidates.preview(enrolment=enrolment, rule=rule, at=timezone.now())
        except (freezing.CannotIssue, RenderingError) as reason:
            messages.error(request, _("Not done: %(reason)s") % {"reason": reason})
            return redirect("candidates", self.run.pk)
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'inline; filename="xem-truoc-{enrolment.pk}.pdf"',
                "Cache-Control": "private, no-store",
            },
        )


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    return [
        path("candidates/<int:run_id>/", Candidates.as_view(), name="candidates"),
        path(
            "candidates/<int:run_id>/<int:enrolment_id>/preview/",
            Preview.as_view(),
            name="candidate_preview",
        ),
    ]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """Hook ``run_links``."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("certificates.add_certificate"):
        return []
    url = reverse("candidates", args=[run.pk])
    return [RunLink(_("Certificate candidates"), url, "success")]
