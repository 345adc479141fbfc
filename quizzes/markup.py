"""The markup of questions, made once per process for all who get them in the same order.

A template takes longer than all else about a page of questions. What stands in a question never
changes, so its markup is kept with a mark in the place of its number.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from quizzes import kinds
from quizzes.papers import NOT_ANSWERED, Reviewed, Slot
from quizzes.seeing import Seen

# Beyond so many the oldest are forgotten; one is a thousand characters or two.
MOST = 10_000
# Texts are escaped, so that none of them holds it.
NUMBER: Any = mark_safe("<#>")


class Part(NamedTuple):
    """A question of a review: its place in the strip of numbers, and the question itself."""

    link: SafeString
    section: SafeString


class _Kept:
    """What makes two questions look the same (``key``), and one of them until it is drawn."""

    def __init__(self, key: tuple[Any, ...], one: Any) -> None:
        self.key, self.one = (get_language(), *key), one

    def drawn_from(self) -> Any:
        """The one; only the key is kept longer."""
        one, self.one = self.one, None
        return one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def questions(slots: Iterable[Slot]) -> list[SafeString]:
    """The questions of a paper with their controls."""
    return [_question(slot) for slot in slots]


def _question(slot: Slot) -> SafeString:
    if slot.held != NOT_ANSWERED or slot.refused:
        return render_to_string("quizzes/question.html", {"slot": slot})
    return _numbered(_unanswered(_Kept((slot.entry,), slot)), slot.slot)


@lru_cache(MOST)
def _unanswered(kept: _Kept) -> str:
    slot = replace(kept.drawn_from(), slot=NUMBER)
    return render_to_string("quizzes/question.html", {"slot": slot})


def review(reviewed: Iterable[Reviewed], seen: Seen) -> list[Part]:
    """The questions of a graded paper, as far as they may be seen."""
    return [_reviewed(one, seen) for one in reviewed]


def _reviewed(one: Reviewed, seen: Seen) -> Part:
    # What people mark is the learner's own text, voided or not: nobody else looks at it.
    if one.share is None or kinds.get(one.version.kind).marked_by_people:
        return _drawn(one, seen)
    correction = one.correction and one.correction.pk
    key = (one.entry, one.share, json.dumps(one.response), correction, seen)
    link, section = _graded(_Kept(key, one), seen)
    return Part(_numbered(link, one.slot), _numbered(section, one.slot))


@lru_cache(MOST)
def _graded(kept: _Kept, seen: Seen) -> Part:
    return _drawn(replace(kept.drawn_from(), slot=NUMBER), seen)


def _drawn(one: Reviewed, seen: Seen) -> Part:
    context = {"one": one, "seen": seen}
    return Part(
        link=render_to_string("quizzes/review_link.html", context),
        section=render_to_string("quizzes/reviewed.html", context),
    )


def _numbered(markup: str, number: int) -> SafeString:
    return mark_safe(markup.replace(NUMBER, str(number)))  # noqa: S308 - from our templates


def forget() -> None:
    """Start anew, where another database takes the place of this one."""
    _unanswered.cache_clear()
    _graded.cache_clear()
