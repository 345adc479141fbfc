"""Every Wagtail page says whom it admits; one that does not say admits nobody."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


def require_audience(
    page: Any, request: HttpRequest, _args: Any, _kwargs: Any
) -> HttpResponse | None:
    """Wagtail's ``before_serve_page``: let in, send to the log-in page, or refuse."""
    admits = getattr(page.specific, "admits", None)
    if admits is not None and admits(request.user):
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    raise PermissionDenied
