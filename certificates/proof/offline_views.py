"""Checking a QR without a network: the page for it, and the worker that keeps that page.

The worker lies under ``/T/``, where the addresses of QRs are, so that it may serve them; no payload
has a dot in it.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

SHELL = "certificates/offline.html"
_FILES = (
    "site/tokens.css",
    "site/site.css",
    "site/print.css",
    "site/icon.svg",
    "site/proof.js",
)
# A module that a script imports is asked for under its plain name.
_MODULES = ("site/proof/payload.js",)


@require_safe
@login_not_required
def shell(request: HttpRequest) -> HttpResponse:
    """What is shown in place of a QR's page when the server cannot be asked; of nobody's data."""
    response = render(request, SHELL)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it differs, and so is installed anew, when page or language do."""
    page = render_to_string(SHELL, request=request)
    address = reverse("certificates:offline")
    kept = [
        address,
        reverse("certificates:key_set"),
        *(static(name) for name in _FILES),
        *(f"{settings.STATIC_URL}{name}" for name in _MODULES),
    ]
    lines = [
        f"// {hashlib.sha256(page.encode()).hexdigest()}",
        f"self.SHELL = {json.dumps(address)};",
        f"self.KEPT = {json.dumps(kept)};",
        f"importScripts({json.dumps(static('site/proof/worker.js'))});",
    ]
    return HttpResponse(
        "\n".join(lines) + "\n",
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
