"""Later decisions on a certificate, for tests of what follows from them."""

from typing import Any

from django.utils import timezone

from certificates.models import RegisterEntry
from certificates.register import deciding
from tests import factories

Kind = RegisterEntry.Kind
VERBS: dict[str, Any] = {
    Kind.REISSUE: deciding.reissue,
    Kind.REVOKE: deciding.revoke,
    Kind.VOID: deciding.void,
}


def decide(issued: RegisterEntry, kind: RegisterEntry.Kind) -> RegisterEntry:
    """A decision of today; a correction is of the name, a renewal of a certificate without end."""
    how: dict[str, Any] = {
        "entry_id": issued.pk,
        "decision": deciding.Decision("12/QĐ-SKHCN", timezone.localdate(), "Sai tên"),
        "by": factories.UserFactory(officer=True),
        "at": timezone.now(),
    }
    if kind == Kind.CORRECT:
        return deciding.correct(changes={"full_name": "Trần Thị Đã Sửa"}, **how)
    if kind == Kind.RENEW:
        return deciding.renew(valid_until=timezone.localdate().replace(year=2099), **how)
    entry: RegisterEntry = VERBS[kind](**how)
    return entry
