"""A text is to be written, which people mark by a rubric."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quizzes.kinds.choices import is_id
from quizzes.kinds.contract import Body, InvalidResponse, Kind, Line, is_text
from vietnamese.text import nfc

MOST_CRITERIA = 20
MOST_POINTS = 100
USUAL_POINTS = 10
LONGEST_ANSWER = 20_000
USUAL_LENGTH = 4_000


@dataclass(frozen=True)
class Criterion:
    """One thing that a marker looks at; worth ``points`` at most."""

    id: int
    text: str
    points: int


class Essay(Kind[str]):
    """The body is `{"rubric": [{"id", "text", "points"}, …], "longest": characters}`.

    `points` are whole numbers. A single criterion may be without a text: then the answer is
    marked as a whole. The response is the text, in NFC.
    """

    code = "essay"
    label = gettext_lazy("Long answer")
    marked_by_people = True

    def problems(self, body: object) -> list[str]:
        if not isinstance(body, Mapping):
            return [_("The question has no rubric.")]
        rubric, longest = body.get("rubric"), body.get("longest")
        problems = _rubric_problems(rubric)
        if type(longest) is not int or not 1 <= longest <= LONGEST_ANSWER:
            problems.append(
                _("The length of the answer is not a number from 1 to %(most)d.")
                % {"most": LONGEST_ANSWER}
            )
        return problems

    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        return {"longest": body["longest"]}

    def clean(self, body: Body, raw: object) -> str | None:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise InvalidResponse(_("The answer is not a text."))
        # Tidying takes time; no honest text shrinks so much by it.
        if len(raw) > 4 * body["longest"] + 100:
            raise _too_long(body)
        text = _tidy(raw)
        if len(text) > body["longest"]:
            raise _too_long(body)
        return text or None

    def score(self, body: Body, response: str | None) -> Fraction | None:
        return Fraction(0) if response is None else None

    def explain(self, body: Body, order: Sequence[int], response: str | None) -> list[Line]:
        return [
            Line(
                text="",
                chosen=response is not None,
                answer=response or "",
                expected="\n".join(self.key(body)),
                right=False,
                feedback="",
            )
        ]

    def key(self, body: Body) -> list[str]:
        return [
            f"{criterion.text} ({points_in_words(criterion.points)})"
            for criterion in criteria(body)
        ]


def set_rubric(
    lines: Iterable[tuple[str, int]] = (), *, longest: int = USUAL_LENGTH
) -> dict[str, Any]:
    """The body made of (what is looked at, points); without any the answer is marked as a whole."""
    listed = list(lines) or [("", USUAL_POINTS)]
    return {
        "rubric": [
            {"id": number, "text": text, "points": points}
            for number, (text, points) in enumerate(listed, start=1)
        ],
        "longest": longest,
    }


def criteria(body: Body) -> list[Criterion]:
    """What a marker looks at, with a name for the answer as a whole."""
    return [
        Criterion(one["id"], one["text"] or _("The answer as a whole"), one["points"])
        for one in body["rubric"]
    ]


def points_in_words(points: int) -> str:
    return ngettext("%(count)s point", "%(count)s points", points) % {"count": points}


def _rubric_problems(rubric: object) -> list[str]:
    if not isinstance(rubric, list) or not 1 <= len(rubric) <= MOST_CRITERIA:
        return [
            _("The question has no rubric, or one of more than %(most)d criteria.")
            % {"most": MOST_CRITERIA}
        ]
    alone = len(rubric) == 1
    if not all(isinstance(one, dict) and is_text(one.get("text"), empty=alone) for one in rubric):
        return [_("A criterion is empty or too long.")]
    ids = [one.get("id") for one in rubric]
    if not all(is_id(number) for number in ids) or len(set(ids)) < len(ids):
        return [_("A criterion has no number of its own.")]
    if not all(type(one.get("points")) is int for one in rubric) or not all(
        1 <= one["points"] <= MOST_POINTS for one in rubric
    ):
        return [
            _("The points of a criterion are not a number from 1 to %(most)d.")
            % {"most": MOST_POINTS}
        ]
    return []


def _tidy(raw: str) -> str:
    """Plain line ends, no control characters (PostgreSQL takes no NUL), composed Unicode."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    unwanted = {char for char in set(text) if _is_unwanted(char)}
    return nfc(text.translate({ord(char): None for char in unwanted})).strip()


def _is_unwanted(char: str) -> bool:
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs")


def _too_long(body: Body) -> InvalidResponse:
    return InvalidResponse(
        _("The answer is longer than %(most)s characters.") % {"most": body["longest"]}
    )
