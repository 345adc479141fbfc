"""How a long answer is marked: GIFT has empty braces for it and no rubric, so comments say it.

    // [rubric:4 Names the seven principles]
    // [rubric:6 Gives an example from the own agency]
    // [longest:3000]
    Why does ISO 9001 begin with the customer? {}

A line of the rubric is its points and what is looked at; other programmes pass over comments.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from quizzes.formats.gift_text import excerpt, hide_escapes, plain
from quizzes.formats.parsed import Unusable
from quizzes.kinds.essay import USUAL_LENGTH, set_rubric

# An opening bracket within is written with a backslash: endless ones take no endless time.
_LABEL = re.compile(r"\[(rubric|longest):((?:\\.|[^\[\]\\\n]){1,1000})\]")
_LINE = re.compile(r"\s*([0-9]{1,4})\s+(.+)", re.DOTALL)
_NUMBER = re.compile(r"\s*([0-9]{1,6})\s*")


def read_rubric(comments: str) -> dict[str, Any]:
    """The body of a long answer; raises Unusable. Without a rubric it is marked as a whole."""
    lines, longest = [], USUAL_LENGTH
    for label in _LABEL.finditer(comments):
        if label[1] == "rubric":
            lines.append(_line(label[2]))
        else:
            longest = _longest(label[2])
    return set_rubric(lines, longest=longest)


def _line(source: str) -> tuple[str, int]:
    found = _LINE.fullmatch(source)
    if not found:
        raise Unusable(
            _("“%(line)s” in the rubric does not begin with its points.")
            % {"line": excerpt(_text(source))}
        )
    return _text(found[2]), int(found[1])


def _longest(source: str) -> int:
    found = _NUMBER.fullmatch(source)
    if not found:
        raise Unusable(_("“%(text)s” is not a number.") % {"text": excerpt(_text(source))})
    return int(found[1])


def _text(source: str) -> str:
    brackets = source.replace("\\[", "[").replace("\\]", "]")
    return plain(hide_escapes(brackets))
