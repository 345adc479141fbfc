"""The holder's certificates, and the public look-up."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from certificates.forms import LookUpForm
from certificates.holder import holding, sharing
from certificates.issue import filing
from certificates.look_up import comparing, looking_up
from certificates.look_up.throttling import too_many
from certificates.models import Certificate, RegisterEntry
from certificates.paper import picturing
from certificates.proof import payload, publishing
from certificates.proof.needing_key import needs_key
from people.sessions import person_id


@require_safe
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """*Giấy chứng nhận của tôi*."""
    held = holding.certificates(person_id=person_id(request))
    return render(request, "certificates/mine.html", {"held": held})


def own_certificate(request: HttpRequest, public_id: str) -> Certificate:
    """The person's own; anybody else's is 404."""
    own = Certificate.objects.of_person(person_id(request))
    return get_object_or_404(own.select_related("rule", "person"), public_id=public_id)


@require_safe
@never_cache
def certificate(request: HttpRequest, public_id: str) -> HttpResponse:
    """One certificate: its state, content and file."""
    found = own_certificate(request, public_id)
    link = sharing.link_of(found)
    shown = {"share_address": publishing.url("shared", link.token) if link else ""}
    context = holding.overview(certificate=found) | shown
    return render(request, "certificates/certificate.html", context)


@require_safe
@never_cache
def state(request: HttpRequest, public_id: str) -> HttpResponse:
    """The live line "certificate on its way", asked again until it is filed or waits for a person.

    204 while it stands as the page has ``seen`` it: what does not change is not read out again.
    """
    found = own_certificate(request, public_id)
    notice = holding.live_line(certificate=found)
    if notice.live_url and request.GET.get("seen") == found.state:
        return HttpResponse(status=204)
    return render(request, "certificates/state.html", {"notice": notice})


@require_safe
def download(request: HttpRequest, public_id: str) -> FileResponse:
    """The filed PDF that stands, or that of the number asked for: the old ones are kept."""
    found = own_certificate(request, public_id)
    number = request.GET.get("number", "")
    entry = holding.filed_entry(certificate=found, number=number)
    if entry is None:
        raise Http404
    return send_file(entry)


def send_file(entry: RegisterEntry) -> FileResponse:
    """The file of a numbered entry. Raises Http404 where it is lost."""
    name = filing.filed_name(entry)
    storage = filing.storage()
    if not storage.exists(name):
        raise Http404
    return FileResponse(
        storage.open(name, "rb"),
        as_attachment=True,
        filename=holding.download_name(entry),
        content_type="application/pdf",
    )


@require_safe
def picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """The filed paper as a picture, for its holder."""
    entry = holding.filed_entry(certificate=own_certificate(request, public_id))
    if entry is None:
        raise Http404
    return _picture(picturing.picture(entry))


@require_safe
@login_not_required
def look_up(request: HttpRequest) -> HttpResponse:
    """Look a certificate up by its number and the holder's name."""
    asked = "number" in request.GET and "full_name" in request.GET
    number = request.GET.get("number", "")
    form = LookUpForm(request.GET if asked else None, initial={"number": number})
    context: dict[str, object] = {"form": form, "found": None, "asked": False}
    status = 200
    if asked and form.is_valid():
        if too_many(request):
            return _answer(request, context | {"throttled": True}, 429)
        context["asked"] = True
        context["found"] = looking_up.by_number_and_name(**form.cleaned_data)
        status = 200 if context["found"] else 404
    return _answer(request, context, status)


@require_safe
@login_not_required
@needs_key
def look_up_qr(request: HttpRequest, text: str) -> HttpResponse:
    """What the QR's address opens."""
    context: dict[str, object] = {"form": LookUpForm(), "found": None, "asked": True, "qr": True}
    if too_many(request):
        return _answer(request, context | {"throttled": True}, 429)
    try:
        context["found"] = looking_up.by_qr(text)
        context["card"] = settings.PUBLIC_URL + reverse("certificates:card", args=[text])
    except payload.InvalidPayload:
        context["forged"] = True
    return _answer(request, context, 200 if context["found"] else 404)


@require_POST
@login_not_required
# Nothing is changed by it; and so its length is looked at before any of it is read.
@csrf_exempt
def look_up_file(request: HttpRequest) -> HttpResponse:
    """Compare a PDF with what was issued; it is not kept."""
    context: dict[str, object] = {"form": LookUpForm(), "found": None, "asked": False}
    if too_many(request):
        return _answer(request, context | {"throttled": True}, 429)
    # A form adds some lines around its file.
    if int(request.headers.get("Content-Length") or 0) > comparing.MOST_BYTES + 4096:
        limit = comparing.MOST_BYTES // 1024 // 1024
        problem = _("The file is larger than %(limit)s MB.") % {"limit": limit}
        return _answer(request, context | {"file_problem": problem}, 413)
    file = request.FILES.get("file")
    if file is None:
        return _answer(request, context | {"file_problem": _("Please choose a file.")}, 400)
    compared = comparing.compare(file.read(), at=timezone.now())
    return _answer(request, context | {"compared": compared}, 200)


@require_safe
@login_not_required
@needs_key
def card(request: HttpRequest, text: str) -> HttpResponse:
    """What is seen of a valid certificate where the address in its QR is shared."""
    if too_many(request):
        return HttpResponse(status=429)
    try:
        found = looking_up.by_qr(text)
    except payload.InvalidPayload as forged:
        raise Http404 from forged
    if found is None or found.status != "valid":
        raise Http404
    return _picture(picturing.card(found))


def _picture(content: bytes) -> HttpResponse:
    headers = {"X-Robots-Tag": "noindex", "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


def _answer(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = render(request, "certificates/look_up.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response
