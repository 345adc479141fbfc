"""The answers of one paper as one line of text: ``ABCDA BD ACD 7,5 BAC``.

Answers follow each other in the order of the questions. Letters of questions that take just one
may stand together or apart; any other answer ends with a space (or a semicolon). ``-`` is a
question left empty, and ``-`` alone an empty paper.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from quizzes import grading, kinds, stock
from quizzes.kinds import InvalidResponse
from quizzes.models import KeyCorrection, Paper, QuestionVersion
from quizzes.printed.notation import NOTATIONS, NOTHING, Notation
from vietnamese.text import nfc

LONGEST = 2000
_SHORT_IN_A_ROW = 5
_SHOWN = 20
_SPACE = re.compile(r"[\s;]*")
_TOKEN = re.compile(r"[^\s;]+")


class Unreadable(ValueError):
    """Carries what is wrong with the line, in words."""


@dataclass(frozen=True)
class Asked:
    """A question as it stands on a printed paper."""

    number: int
    version: QuestionVersion
    marks: int
    order: tuple[int, ...]

    @property
    def notation(self) -> Notation:
        return NOTATIONS[self.version.kind]

    def read(self, typed: str) -> Any:
        """The response as it is stored. Raises InvalidResponse."""
        body = self.version.body
        response = self.notation.read(body, self.order, typed)
        if kinds.get(self.version.kind).marked_by_people:
            return response
        return kinds.get(self.version.kind).clean(body, response)

    def write(self, response: Any) -> str:
        if response is None:
            return NOTHING
        return self.notation.write(self.version.body, self.order, response)


def asked(paper: Paper) -> list[Asked]:
    """The questions of a paper. At most one statement."""
    versions = stock.versions(slot.version for slot in paper)
    return [
        Asked(number, versions[slot.version], slot.marks, slot.order)
        for number, slot in enumerate(paper, start=1)
    ]


def read(line: str, questions: list[Asked]) -> dict[str, Any]:
    """The responses by slot, as they are stored; questions left empty are not in it.

    Raises Unreadable with the first thing that is wrong.
    """
    text = nfc(line).upper().strip()
    if len(text) > LONGEST:
        raise Unreadable(_("The line is too long."))
    if text == NOTHING:
        return {}
    found: dict[str, Any] = {}
    place = 0
    for one in questions:
        place = _after_space(text, place)
        if place == len(text):
            raise Unreadable(
                _("There are %(have)s answers; the paper has %(need)s questions.")
                % {"have": one.number - 1, "need": len(questions)}
            )
        typed, place = _next(text, place, one.notation)
        if set(typed) == {NOTHING}:
            continue
        try:
            response = one.read(typed)
        except InvalidResponse as wrong:
            raise Unreadable(
                _("Question %(number)s, “%(typed)s”: %(reason)s")
                % {"number": one.number, "typed": typed[:_SHOWN], "reason": wrong}
            ) from wrong
        if response is not None:
            found[str(one.number)] = response
    rest = text[_after_space(text, place) :]
    if rest:
        raise Unreadable(
            _("There are more answers than the %(need)s questions: “%(rest)s”.")
            % {"need": len(questions), "rest": rest[:_SHOWN]}
        )
    return found


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    assert match  # it matches nothing, too
    return match.end()


def _next(text: str, place: int, notation: Notation) -> tuple[str, int]:
    if notation.short:
        return text[place], place + 1
    match = _TOKEN.match(text, place)
    assert match  # there is something after the space
    return match[0], match.end()


def write(responses: Mapping[str, Any], questions: list[Asked]) -> str:
    """The line that ``read`` reads; letters stand in groups of five."""
    if not responses:
        return NOTHING
    groups: list[str] = []
    growing = False
    for one in questions:
        typed = one.write(responses.get(str(one.number)))
        if one.notation.short and growing and len(groups[-1]) < _SHORT_IN_A_ROW:
            groups[-1] += typed
        else:
            groups.append(typed)
        growing = one.notation.short
    return " ".join(groups)


def grade(
    *,
    paper: Paper,
    questions: list[Asked],
    responses: Mapping[str, Any],
    corrections: Mapping[int, KeyCorrection],
    pass_percent: int,
) -> grading.Grade:
    """What the answers are worth by the keys as corrected; long answers by the points entered."""
    given: dict[int, Any] = {}
    marked: dict[int, Fraction] = {}
    for one in questions:
        response = responses.get(str(one.number))
        if response is None:
            continue
        given[one.number] = response
        share = one.notation.share(one.version.body, response)
        if share is not None:
            marked[one.number] = share
    return grading.grade(
        paper=paper,
        versions={one.version.pk: one.version for one in questions},
        corrections=corrections,
        responses=given,
        marked=marked,
        pass_percent=pass_percent,
    )
