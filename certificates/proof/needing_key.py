"""Pages that rest on the register's key: without it they say so, and call nobody's paper forged."""

import logging
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from certificates.proof import used_key
from certificates.proof.keys import KeyUnusable

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def needs_key(view: View) -> View:
    """Answer 503 while the register's key cannot be used, or is not the one that signed before."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            used_key.refuse_another()
            return view(request, *args, **kwargs)
        except KeyUnusable as reason:
            logger.error("The register's key cannot be used: %s", reason)
            response = render(request, "certificates/key_unusable.html", status=503)
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers["Cache-Control"] = "no-store"
            return response

    return guarded
