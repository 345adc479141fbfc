"""What reading a file of questions yields, whatever its format."""

from dataclasses import dataclass, field
from typing import Any

LONGEST_IDENTIFIER = 60
LONGEST_CATEGORY = 400  # with a slash between headings


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question that can be used as it is.

    `line` counts from 1; `kind` is a code of quizzes.kinds and `body` its body; `category` is
    the path of headings from the top; `identifier` is empty where the file gives none.
    """

    line: int
    title: str
    kind: str
    text: str
    body: dict[str, Any]
    feedback: str = ""
    category: list[str] = field(default_factory=list)
    identifier: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the question that begins on this line cannot be used, in words."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The usable questions and the problems of the others, both in the order of the file."""

    questions: list[ParsedQuestion]
    problems: list[Problem]


class Unusable(ValueError):
    """A question that cannot be used; the message is for people."""
