"""The holder's page before issue: what will be printed, confirmed or to be corrected."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from certificates.issue import confirming, freezing
from certificates.models import Certificate
from people.sessions import person_id


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET shows it; POST confirms what was seen, or asks for a correction."""
    certificate = get_object_or_404(
        Certificate.objects.of_person(person_id(request)).select_related(*freezing.PRINTED),
        public_id=public_id,
    )
    if request.method == "POST":
        if _act(request, certificate):
            return redirect("certificates:certificate", public_id)  # tells how it goes on
        return redirect(request.path)
    return render(request, "certificates/confirm.html", _context(certificate))


def _act(request: HttpRequest, certificate: Certificate) -> bool:
    """Do what was posted, and say so; whether it was confirmed."""
    try:
        if request.POST.get("do") == "correct":
            confirming.ask_correction(
                certificate_id=certificate.pk,
                text=request.POST.get("text", ""),
                at=timezone.now(),
            )
            messages.success(request, _("Your wish was sent. The certificate waits for it."))
        else:
            confirming.confirm(
                certificate_id=certificate.pk,
                seen=request.POST.get("seen", ""),
                at=timezone.now(),
            )
            messages.success(request, _("Confirmed."))
            return True
    except confirming.NotDone as reason:
        messages.error(request, _("Not done: %(reason)s Nothing was changed.") % {"reason": reason})
    return False


def _context(certificate: Certificate) -> dict[str, Any]:
    problem, shown = "", {}
    if certificate.state == Certificate.State.PENDING:
        try:
            shown = confirming.to_be_printed(certificate=certificate, at=timezone.now())
        except freezing.CannotIssue as reason:
            problem = str(reason)
    corrections = list(certificate.corrections.order_by("-asked_at"))
    return {
        "certificate": certificate,
        "shown": shown,
        "born": parse_date(shown.get("date_of_birth") or ""),
        "seen": confirming.fingerprint(shown) if shown else "",
        "problem": problem,
        "correcting": next((one for one in corrections if one.is_open), None),
        "settled": next((one for one in corrections if not one.is_open), None),
    }
