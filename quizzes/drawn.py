"""Where a version of a question was drawn: the attempts, and the answers on paper, that hold it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, TextField, Value
from django.db.models.functions import Concat

from quizzes.models import Attempt, PrintedResponse
from quizzes.models.attempt import AttemptQuerySet

# A paper is text, "version:marks:order version:marks:order"; no index knows of it, and a scan of
# all papers of the service takes less than a second.
_PAPER = Concat(Value(" "), F("paper"), output_field=TextField())
_PRINTED_PAPER = Concat(Value(" "), F("variant__paper"), output_field=TextField())


@dataclass(frozen=True)
class Drawn:
    """How often a version was drawn: attempts that run, attempts submitted, papers printed."""

    running: int = 0
    submitted: int = 0
    printed: int = 0


def attempts_with(version_id: int) -> AttemptQuerySet:
    """The attempts whose paper holds the version."""
    found: AttemptQuerySet = Attempt.objects.alias(tokens=_PAPER).filter(_holds(version_id))
    return found


def counts(version_ids: Iterable[int]) -> dict[int, Drawn]:
    """How often each of these versions was drawn, by whomever. Two statements."""
    ids = list(version_ids)
    if not ids:
        return {}
    submitted = Q(submitted_at__isnull=False)
    asked = {}
    for key in ids:
        asked[f"running_{key}"] = Count("pk", filter=_holds(key) & ~submitted)
        asked[f"submitted_{key}"] = Count("pk", filter=_holds(key) & submitted)
    on_screen = Attempt.objects.alias(tokens=_PAPER).aggregate(**asked)
    printed = {str(key): Count("pk", filter=_holds(key)) for key in ids}
    on_paper = PrintedResponse.objects.alias(tokens=_PRINTED_PAPER).aggregate(
        **{f"printed_{key}": counted for key, counted in printed.items()}
    )
    return {
        key: Drawn(
            running=on_screen[f"running_{key}"],
            submitted=on_screen[f"submitted_{key}"],
            printed=on_paper[f"printed_{key}"],
        )
        for key in ids
    }


def _holds(version_id: int) -> Q:
    return Q(tokens__contains=f" {version_id}:")
