"""The officers' pages of issuing rules: which register certifies which course."""

from typing import Any

from django.core.exceptions import ValidationError

from certificates.models import IssuingRule
from jobs.staff_views import ScopedAdding, ScopedEditing, SharedViewSet, fields


class RuleSaving:
    """What was retired while the form was open is said beside it."""

    def form_valid(self, form: Any) -> Any:
        parent: Any = super()
        try:
            return parent.form_valid(form)
        except ValidationError as refused:
            form.add_error(None, refused)
            self.produced_error_message = parent.get_error_message()
            return parent.form_invalid(form)


class RuleAdding(RuleSaving, ScopedAdding):
    pass


class RuleEditing(RuleSaving, ScopedEditing):
    pass


class RuleViewSet(SharedViewSet):
    model = IssuingRule
    name = "issuing_rules"
    icon = "cog"
    add_view_class = RuleAdding
    edit_view_class = RuleEditing
    offers = frozenset({"add", "edit", "history"})
    ordering = "course__code"
    list_related = ("course", "register", "template")
    list_display = (
        "printed_title",
        "course",
        "register",
        "result",
        "issued_when",
        "validity",
        "template",
    )
    panels = fields(
        "course",
        "register",
        "printed_title",
        "result",
        "issued_when",
        "validity",
        "valid_years",
        "transition_months",
        "expected_per_day",
        "confirm_within",
        "template",
    )
