"""The published keys: for people, and for the programmes of others."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certificates.models import Register
from certificates.proof import keys, publishing
from certificates.proof.needing_key import needs_key

# Whoever verifies in a browser may read them from any site.
FOR_ANYONE = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}


def _told(content: Mapping[str, Any], content_type: str = "application/json") -> JsonResponse:
    return JsonResponse(content, content_type=content_type, headers=FOR_ANYONE)


@require_safe
@login_not_required
@needs_key
def public_keys(request: HttpRequest) -> HttpResponse:
    """Every key with its fingerprint and its time."""
    published = [(one, publishing.thumbprint(one)) for one in keys.published().values()]
    address = publishing.url("key_set")
    return render(request, "certificates/keys.html", {"published": published, "address": address})


@require_safe
@login_not_required
@needs_key
def key_set(request: HttpRequest) -> JsonResponse:
    return _told(publishing.key_set(), "application/jwk-set+json")


@require_safe
@login_not_required
@needs_key
def public_key(request: HttpRequest, key_id: int) -> JsonResponse:
    one = keys.published().get(key_id)
    if one is None:
        raise Http404
    return _told(publishing.jwk(one), "application/jwk+json")


@require_safe
@login_not_required
@needs_key
def issuer(request: HttpRequest, register_code: str) -> JsonResponse:
    """Who issues the certificates of a register, with the keys that speak for it."""
    return _told(publishing.issuer(get_object_or_404(Register, code=register_code)))
