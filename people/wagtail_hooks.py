from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.users.views.bulk_actions import SetActiveStateBulkAction

from people import menus
from people.models import AccountSession
from people.viewsets import PersonViewSet

hooks.register("register_admin_viewset", PersonViewSet)
hooks.register("construct_reports_menu", menus.shorten_reports)
hooks.register("construct_main_menu", menus.shorten_main)


@hooks.register("insert_global_admin_css")
def narrow_screens() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("staff/narrow.css"))


@hooks.register("after_bulk_action")
def log_out_deactivated(
    _request: HttpRequest, _action_type: str, accounts: Sequence[Any], action: Any
) -> None:
    """Wagtail deactivates by a bare UPDATE, so ``User.save`` does not see it."""
    if not isinstance(action, SetActiveStateBulkAction):
        return
    if not action.cleaned_form.cleaned_data["mark_as_active"]:
        for account in accounts:
            AccountSession.end_all(account_id=account.pk)
