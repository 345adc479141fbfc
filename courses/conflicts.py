"""Deciding conflicts of evidence: what rests on what the evidence no longer supports."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from courses import asking, completion
from courses.models import Enrolment, EvidenceConflict


class DecisionRefused(Exception):
    """Carries the reason, in words for people."""


def resolve(*, conflict_id: int, decision: str, by: Any, at: datetime) -> EvidenceConflict:
    """Keep what was decided. The first decision stands: who comes later gets that one.

    Where nothing rests on it any more (what was issued has been revoked), the evidence then says
    what holds; otherwise what stands goes on standing. Raises DecisionRefused without words.
    """
    if not decision.strip():
        raise DecisionRefused(_("Say in words what was decided."))
    with transaction.atomic():
        conflict = EvidenceConflict.objects.get(pk=conflict_id)
        # The enrolment first, as everywhere: no two can wait for each other.
        held = Enrolment.objects.select_for_update(of=("self",))
        enrolment = held.get(pk=conflict.enrolment_id)
        undecided = EvidenceConflict.objects.filter(pk=conflict_id, resolved_at__isnull=True)
        takes_effect = not asking.consequences([enrolment])
        decided = undecided.update(
            resolved_at=at,
            resolved_by=by,
            resolution=decision.strip(),
            over_at=at if takes_effect else None,
        )
        if decided and takes_effect:
            completion.evaluate(enrolment_id=conflict.enrolment_id, at=at)
        conflict.refresh_from_db()
    return conflict
