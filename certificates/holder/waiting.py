"""For whom a certificate waits, as its holder is told: a worker is quick, a person takes days."""

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate
from jobs.compiled import Compiled, Given


class Wait(TextChoices):
    """What a person must do before it goes on, in a few words."""

    CORRECTION = "correction", gettext_lazy("Correction being looked at")
    CHECK = "check", gettext_lazy("Being checked")
    PAUSE = "pause", gettext_lazy("Paused")
    SIGNATURE = "signature", gettext_lazy("Waiting for its signature")


def sentence(wait: Wait) -> str:
    """The same in a sentence to the holder; it promises no time, because nobody knows it."""
    return {
        Wait.CORRECTION: _("The correction that you asked for is being looked at"),
        Wait.CHECK: _("An officer is checking your certificate before it is issued"),
        Wait.PAUSE: _("The Department has paused the issue of these certificates"),
        Wait.SIGNATURE: _("Your certificate is with the person who signs it"),
    }[wait]


# The live line asks this again and again.
_ASKED = Compiled(lambda: Certificate.objects.filter(pk=Given("certificate")).holds())


def of_one(certificate: Certificate) -> Wait | None:
    """For whom it waits; one statement while it has no number, none later."""
    if certificate.state != Certificate.State.PENDING:
        return _without_asking(certificate)
    return _wait(_ASKED.first(certificate=certificate.pk))


def of_many(certificates: Iterable[Certificate]) -> dict[int, Wait | None]:
    """The same by key, in one statement where any has no number."""
    found = {one.pk: _without_asking(one) for one in certificates}
    pending = [one.pk for one in certificates if one.state == Certificate.State.PENDING]
    if pending:
        holds = Certificate.objects.filter(pk__in=pending).holds()
        found |= {held[0]: _wait(held) for held in holds}
    return found


def _without_asking(certificate: Certificate) -> Wait | None:
    unsigned = certificate.state == Certificate.State.UNSIGNED
    return Wait.SIGNATURE if unsigned else None


def _wait(held: tuple[int, bool, bool, bool] | None) -> Wait | None:
    """The first of what holds it; None where it has its number by now."""
    waits = (Wait.CORRECTION, Wait.CHECK, Wait.PAUSE)
    return next((wait for wait, holds in zip(waits, (held or ())[1:], strict=False) if holds), None)
