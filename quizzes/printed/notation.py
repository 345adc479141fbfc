"""How answers stand on paper: letters, numbers, pairs, points; read and written as people do."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from string import ascii_uppercase
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from quizzes import kinds
from quizzes.kinds import Body, InvalidResponse
from quizzes.kinds.essay import criteria
from quizzes.kinds.truefalse import FALSE, TRUE

MOST_LETTERS = len(ascii_uppercase)
NOTHING = "-"
_POINTS = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?", re.ASCII)
_PAIRS = re.compile(r"(?:\d{1,2}[-.:]?[A-Z],?)+", re.ASCII)
_PAIR = re.compile(r"(\d{1,2})[-.:]?([A-Z])", re.ASCII)
# Both languages, without diacritics, and the Icelandic letter that some keyboards give for Đ.
_TRUE, _FALSE = frozenset("ĐDTÐ"), frozenset("SF")


class Notation(ABC):
    """How one kind of question is asked and answered on paper; what is typed is in capitals.

    ``short`` kinds are answered by exactly one character, so that their answers can be written
    without anything between them.
    """

    short = False

    def letters(self, body: Body, order: Sequence[int]) -> int:
        """How many things the question letters."""
        return 0

    @abstractmethod
    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        """The response as it is stored. Raises InvalidResponse."""

    @abstractmethod
    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        """A stored response as it is typed; ``read`` of it gives the same."""

    @abstractmethod
    def key(self, body: Body, order: Sequence[int]) -> str:
        """The right answer, for people who mark."""

    def share(self, body: Body, response: Any) -> Fraction | None:
        """The share of the marks that a person gave; None where the key decides."""
        return None


class Single(Notation):
    short = True

    def letters(self, body: Body, order: Sequence[int]) -> int:
        return len(body["choices"])

    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        return _one(_choices("single", body, order), typed)

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        return _letter(_choices("single", body, order), response)

    def key(self, body: Body, order: Sequence[int]) -> str:
        return " / ".join(_right("single", body, order))


class Multiple(Notation):
    def letters(self, body: Body, order: Sequence[int]) -> int:
        return len(body["choices"])

    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        choices = _choices("multiple", body, order)
        chosen = [_one(choices, letter) for letter in typed.replace(",", "")]
        if len(set(chosen)) < len(chosen):
            raise InvalidResponse(_("A letter stands there twice."))
        return chosen

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        choices = _choices("multiple", body, order)
        return "".join(sorted(_letter(choices, number) for number in response))

    def key(self, body: Body, order: Sequence[int]) -> str:
        return "".join(_right("multiple", body, order))


class TrueFalse(Notation):
    short = True

    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        if typed in _TRUE:
            return TRUE
        if typed in _FALSE:
            return FALSE
        raise InvalidResponse(
            _("It is answered by %(true)s or %(false)s.")
            % {"true": initial(TRUE), "false": initial(FALSE)}
        )

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        return initial(response)

    def key(self, body: Body, order: Sequence[int]) -> str:
        return initial(TRUE if body["answer"] else FALSE)


class Numerical(Notation):
    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        return typed

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        return str(response).replace(".", ",")

    def key(self, body: Body, order: Sequence[int]) -> str:
        return "; ".join(kinds.get("numerical").key(body))


class Matching(Notation):
    """A letter for each prompt in turn (``BAC``), or pairs (``1B2A``); ``-`` is no answer."""

    def letters(self, body: Body, order: Sequence[int]) -> int:
        return len(body["options"])

    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        presented = kinds.get("matching").present(body, order)
        prompts, options = presented["prompts"], presented["options"]
        if _PAIRS.fullmatch(typed):
            pairs = [(int(number), letter) for number, letter in _PAIR.findall(typed)]
            if len({number for number, _letter in pairs}) < len(pairs):
                raise InvalidResponse(_("A number stands there twice."))
        elif len(typed) == len(prompts):
            pairs = [(number, one) for number, one in enumerate(typed, 1) if one != NOTHING]
        else:
            raise InvalidResponse(
                _("It is answered by %(count)s letters, one for each line.")
                % {"count": len(prompts)}
            )
        if not all(1 <= number <= len(prompts) for number, _letter in pairs):
            raise InvalidResponse(_("It has only %(count)s lines.") % {"count": len(prompts)})
        return {str(prompts[number - 1]["id"]): _one(options, letter) for number, letter in pairs}

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        presented = kinds.get("matching").present(body, order)
        return "".join(
            _letter(presented["options"], response[str(prompt["id"])])
            if str(prompt["id"]) in response
            else NOTHING
            for prompt in presented["prompts"]
        )

    def key(self, body: Body, order: Sequence[int]) -> str:
        options = kinds.get("matching").present(body, order)["options"]
        pairs = enumerate(body["prompts"], start=1)
        return " ".join(f"{number}{_letter(options, one['match'])}" for number, one in pairs)


class Essay(Notation):
    """What is entered are the points of its rubric that the marker wrote beside it."""

    def read(self, body: Body, order: Sequence[int], typed: str) -> Any:
        most = most_points(body)
        if not _POINTS.fullmatch(typed) or Decimal(typed.replace(",", ".")) > most:
            raise InvalidResponse(
                _("It is entered with the points given, from 0 to %(most)s.") % {"most": most}
            )
        return f"{Decimal(typed.replace(',', '.')).normalize():f}"

    def write(self, body: Body, order: Sequence[int], response: Any) -> str:
        return str(response).replace(".", ",")

    def key(self, body: Body, order: Sequence[int]) -> str:
        return "\n".join(kinds.get("essay").key(body))

    def share(self, body: Body, response: Any) -> Fraction | None:
        return None if response is None else Fraction(response) / most_points(body)


NOTATIONS: Mapping[str, Notation] = MappingProxyType(
    {
        "single": Single(),
        "multiple": Multiple(),
        "truefalse": TrueFalse(),
        "numerical": Numerical(),
        "matching": Matching(),
        "essay": Essay(),
    }
)


def initial(answer: int) -> str:
    """The letter for true or false in the language of the reader: Đ and S, or T and F."""
    return (_("True") if answer == TRUE else _("False"))[0].upper()


def most_points(body: Body) -> int:
    """The points of a long answer's whole rubric."""
    return sum(criterion.points for criterion in criteria(body))


def _choices(kind: str, body: Body, order: Sequence[int]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = kinds.get(kind).present(body, order)["choices"]
    return listed


def _right(kind: str, body: Body, order: Sequence[int]) -> list[str]:
    lines = kinds.get(kind).explain(body, order, None)
    return [letter for letter, line in zip(ascii_uppercase, lines, strict=False) if line["right"]]


def _one(listed: Sequence[Mapping[str, Any]], letter: str) -> int:
    place = ascii_uppercase.find(letter)
    if len(letter) != 1 or not 0 <= place < len(listed):
        raise InvalidResponse(
            _("“%(letter)s” is not one of its letters, A to %(last)s.")
            % {"letter": letter, "last": ascii_uppercase[len(listed) - 1]}
        )
    return int(listed[place]["id"])


def _letter(listed: Sequence[Mapping[str, Any]], number: int) -> str:
    for letter, one in zip(ascii_uppercase, listed, strict=False):
        if one["id"] == number:
            return letter
    raise ValueError(number)
