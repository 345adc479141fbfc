"""Retiring a template: no rule is offered it any more; nothing is deleted, papers keep it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certificates.models import CertificateTemplate, IssuingRule


class InUse(Exception):
    """``rules`` take the template and must be given another first."""

    def __init__(self, rules: list[IssuingRule]) -> None:
        self.rules = rules
        names = ", ".join(f"“{rule}”" for rule in rules)
        super().__init__(_("These issuing rules use the template: %(names)s.") % {"names": names})


def retire(*, template_id: int, by: Any, at: datetime) -> bool:
    """Offer it no more; False where it is retired already. Raises InUse, with the rules."""
    with transaction.atomic():
        # The lock that a rule takes when it is saved.
        template = CertificateTemplate.objects.select_for_update().get(pk=template_id)
        if template.retired_at:
            return False
        if rules := list(template.rules.order_by("printed_title", "pk")):
            raise InUse(rules)
        template.retired_at, template.retired_by = at, by
        template.save(update_fields=["retired_at", "retired_by"])
    return True


def take_back(*, template_id: int) -> bool:
    """Offer it again; False where it was not retired."""
    retired = CertificateTemplate.objects.filter(pk=template_id, retired_at__isnull=False)
    return bool(retired.update(retired_at=None, retired_by=None))
