"""What stands between the braces of a GIFT question: its kind, and the body of that kind.

Escaped characters are out of sight here (see `gift_text`), so every mark that is seen counts.
"""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quizzes.formats.gift_text import excerpt, plain, readable
from quizzes.formats.parsed import Unusable
from quizzes.kinds.choices import list_choices
from quizzes.kinds.matching import pair_up
from quizzes.kinds.numerical import list_numbers
from quizzes.kinds.truefalse import state

_MARKS = re.compile(r"([~=])")
_WEIGHT = re.compile(r"\s*%\s*([+-]?[0-9]{1,3}(?:[.,][0-9]{1,10})?)\s*%")
_LIKE_A_WEIGHT = re.compile(r"\s*%[^%\s]{0,20}%")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,12}(?:[.,][0-9]{0,12})?|[.,][0-9]{1,12})")
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}

Marked = tuple[str, str]


def read_answers(source: str, style: str) -> tuple[str, dict[str, Any]]:
    """The code of the kind, and the body; raises Unusable. There must be something in it.

    `style` is the format of the question's text, which holds for its answers too.
    """
    if source.startswith("#"):
        return "numerical", _numbers(source[1:], style)
    if "~" in source:
        return _choices(source, style)
    if "=" in source and "->" in source:
        return "matching", _pairs(source, style)
    truth, *feedback = source.split("#", 2)
    if truth.strip().upper() in _TRUTHS:
        wrong, right = ([readable(text, style) for text in feedback] + ["", ""])[:2]
        return "truefalse", state(_TRUTHS[truth.strip().upper()], right=right, wrong=wrong)
    if "=" in source:
        raise Unusable(
            _("There are only right answers: questions with a short text cannot be used here.")
        )
    raise Unusable(
        _("“%(answers)s” has neither right (=) nor wrong (~) answers.")
        % {"answers": _quoted(source)}
    )


def _choices(source: str, style: str) -> tuple[str, dict[str, Any]]:
    """A single choice if any answer is marked as right, otherwise weights tell."""
    head, marked = _split(source)
    _expect_nothing(head)
    entries = []
    for mark, part in marked:
        answer, _mark, feedback = part.partition("#")
        weight, text = _weigh(answer, "100" if mark == "=" else "0")
        entries.append((readable(text, style), weight, readable(feedback, style)))
    code = "single" if any(mark == "=" for mark, _part in marked) else "multiple"
    return code, list_choices(entries)


def _pairs(source: str, style: str) -> dict[str, Any]:
    head, marked = _split(source)
    _expect_nothing(head)
    pairs = []
    for _mark, part in marked:
        prompt, arrow, option = part.partition("->")
        if not arrow:
            raise Unusable(
                _("“%(answer)s” has no arrow (->) to its match.") % {"answer": _quoted(part)}
            )
        pairs.append((readable(prompt, style), readable(option, style)))
    return pair_up(pairs)


def _numbers(source: str, style: str) -> dict[str, Any]:
    head, marked = _split(source)
    if head.strip():
        marked.insert(0, ("=", head))
    entries = []
    otherwise = ""
    for mark, part in marked:
        answer, _mark, feedback = part.partition("#")
        if mark == "~" and answer.strip() in ("", "*"):
            otherwise = readable(feedback, style)
            continue
        weight, span = _weigh(answer, "100" if mark == "=" else "0")
        value, tolerance = _span(span)
        entries.append((value, tolerance, weight, readable(feedback, style)))
    return list_numbers(entries, otherwise=otherwise)


def _span(source: str) -> tuple[Decimal, Decimal]:
    """Value and tolerance of `value`, `value:tolerance` or `low..high`."""
    low, dots, high = source.partition("..")
    if dots:
        ends = _number(low), _number(high)
        if ends[0] > ends[1]:
            raise Unusable(
                _("The range %(range)s ends before it begins.") % {"range": _quoted(source)}
            )
        return (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    value, colon, tolerance = source.partition(":")
    return _number(value), _number(tolerance) if colon else Decimal(0)


def _number(source: str) -> Decimal:
    text = source.strip()
    if not _NUMBER.fullmatch(text):
        raise Unusable(_("“%(text)s” is not a number.") % {"text": _quoted(source)})
    return Decimal(text.replace(",", "."))


def _weigh(source: str, otherwise: str) -> tuple[str, str]:
    """The weight in percent that an answer begins with, and the rest of the answer."""
    weight = _WEIGHT.match(source)
    if weight:
        return weight[1].replace(",", "."), source[weight.end() :]
    if _LIKE_A_WEIGHT.match(source):
        raise Unusable(
            _("The weight of “%(answer)s” is not a number.") % {"answer": _quoted(source)}
        )
    return otherwise, source


def _split(source: str) -> tuple[str, list[Marked]]:
    """What stands before the first mark, and each (mark, text up to the next mark)."""
    head, *rest = _MARKS.split(source)
    return head, list(zip(rest[::2], rest[1::2], strict=True))


def _expect_nothing(head: str) -> None:
    if head.strip():
        raise Unusable(_("“%(text)s” stands before the first answer.") % {"text": _quoted(head)})


def _quoted(source: str) -> str:
    return excerpt(plain(source))
