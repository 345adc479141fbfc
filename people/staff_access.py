"""How the staff come into the admin, and who may read what everybody did there."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.reports.audit_logging import LogEntriesView


@login_not_required
def log_in(request: HttpRequest) -> HttpResponse:
    """To the one log-in page: Wagtail's own would bypass the second factor.

    Who is logged in and is no staff gets the site: the log-in page would send such a person back.
    """
    if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
        return redirect(settings.LOGIN_REDIRECT_URL)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{reverse('account_login')}?{query}" if query else "account_login")


class SiteHistory(LogEntriesView):
    """Wagtail's report, for those who see everybody: it names people of every agency."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read_history(request.user):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


def may_read_history(user: Any) -> bool:
    return bool(user.has_perm("people.view_all_people"))


def addresses() -> list[URLPattern]:
    """To stand before Wagtail's own addresses."""
    history = "reports/site-history/"
    return [
        path("login/", log_in),
        path(history, require_admin_access(SiteHistory.as_view())),
        path(f"{history}results/", require_admin_access(SiteHistory.as_view(results_only=True))),
    ]
