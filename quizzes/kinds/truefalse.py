"""A statement is true or false."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.kinds.contract import Body, InvalidResponse, Kind, Line, is_text

TRUE, FALSE = 1, 2
_SPELLINGS = {"1": TRUE, "true": TRUE, "2": FALSE, "false": FALSE}


class TrueFalse(Kind[int]):
    """The body is `{"answer": bool, "feedback": {"right": text, "wrong": text}}`.

    The response is 1 for true and 2 for false, the values of the two radio buttons, always
    shown in this order.
    """

    code = "truefalse"
    label = gettext_lazy("True or false")

    def problems(self, body: object) -> list[str]:
        if not isinstance(body, Mapping) or not isinstance(body.get("answer"), bool):
            return [_("The question does not say whether the statement is true or false.")]
        feedback = body.get("feedback")
        if not isinstance(feedback, Mapping) or not all(
            is_text(feedback.get(case), empty=True) for case in ("right", "wrong")
        ):
            return [_("The feedback of the question is missing or too long.")]
        return []

    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        return {"choices": [{"id": number, "text": _word(number)} for number in (TRUE, FALSE)]}

    def clean(self, body: Body, raw: object) -> int | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool):
            return TRUE if raw else FALSE
        if isinstance(raw, int) and raw in (TRUE, FALSE):
            return raw
        if isinstance(raw, str) and raw in _SPELLINGS:
            return _SPELLINGS[raw]
        raise InvalidResponse(_("The answer is neither true nor false."))

    def score(self, body: Body, response: int | None) -> Fraction:
        return Fraction(response == _right_number(body))

    def explain(self, body: Body, order: Sequence[int], response: int | None) -> list[Line]:
        right = _right_number(body)
        return [
            Line(
                text=_word(number),
                chosen=number == response,
                answer="",
                expected="",
                right=number == right,
                feedback=body["feedback"]["right" if number == right else "wrong"],
            )
            for number in (TRUE, FALSE)
        ]

    def key(self, body: Body) -> list[str]:
        return [_word(_right_number(body))]


def state(answer: bool, *, right: str = "", wrong: str = "") -> dict[str, Any]:
    """The body of a statement that is true or false, with the feedback for each case."""
    return {"answer": answer, "feedback": {"right": right, "wrong": wrong}}


def _right_number(body: Body) -> int:
    return TRUE if body["answer"] else FALSE


def _word(number: int) -> str:
    return _("True") if number == TRUE else _("False")
