"""The holder's credential and share link, and what others read of them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from certificates.holder import holding, sharing
from certificates.proof import credentials, status_lists
from certificates.proof.key_views import FOR_ANYONE
from certificates.proof.needing_key import needs_key
from certificates.views import own_certificate


@require_safe
@never_cache
@needs_key
def credential(request: HttpRequest, public_id: str) -> HttpResponse:
    """The Open Badges 3.0 credential of the entry that stands, as a file."""
    entry = holding.standing_entry(certificate=own_certificate(request, public_id))
    if entry is None:
        raise Http404
    name = holding.download_name(entry).removesuffix(".pdf")
    return HttpResponse(
        credentials.token(entry=entry),
        content_type="application/vc+jwt",
        headers={"Content-Disposition": f'attachment; filename="{name}.jwt"'},
    )


@require_safe
@login_not_required
@needs_key
def status_list(request: HttpRequest, register_code: str, list_number: int) -> HttpResponse:
    """A signed status list. It tells nobody whose bit is whose."""
    token = status_lists.published(
        register_code=register_code, list_number=list_number, at=timezone.now()
    )
    if token is None:
        raise Http404
    return HttpResponse(token, content_type="application/vc+jwt", headers=FOR_ANYONE)


@require_POST
def share(request: HttpRequest, public_id: str) -> HttpResponse:
    found = own_certificate(request, public_id)
    if holding.filed_entry(certificate=found) is None:
        raise Http404
    sharing.share(certificate=found, at=timezone.now())
    return redirect("certificates:certificate", public_id)


@require_POST
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    sharing.withdraw(certificate=own_certificate(request, public_id), at=timezone.now())
    return redirect("certificates:certificate", public_id)


@require_safe
@login_not_required
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What a share link opens: the same as the look-up shows."""
    found = sharing.shown(token=token)
    status = 200 if found else 404
    response = render(request, "certificates/shared.html", {"found": found}, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
