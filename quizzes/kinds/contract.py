"""What every kind of question promises.

A *body* is the JSON-able heart of a question without its wording: choices, key, weights. It is
made once and never depends on how it is shown. Choices carry small numbers of their own, so a
*response* (what a learner answered, JSON-able) means the same in any order.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeAlias, TypedDict, TypeVar

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Body: TypeAlias = Mapping[str, Any]
Response = TypeVar("Response")

LONGEST_TEXT = 4000
MOST_CHOICES = 50


class InvalidResponse(ValueError):
    """A response that no honest form could have sent; the message is for people."""


class FormData(Protocol):
    """What is needed of a posted form: a QueryDict, or anything alike."""

    def get(self, key: str, /) -> Any: ...

    def getlist(self, key: str, /) -> Sequence[Any]: ...

    def __iter__(self) -> Iterator[str]: ...


class Line(TypedDict):
    """One line of the review of a question.

    A question with choices has a line for each choice as shown, and `right` says whether the
    choice is a right one. Matching has a line for each prompt, a number has one line, and there
    `right` says whether what the learner gave is right. A long answer has one line, with the
    rubric as what was expected; nothing in it is right before it is marked.
    """

    text: str  # the choice or the prompt; empty for a number and a long answer
    chosen: bool  # the learner answered with this line
    answer: str  # what the learner gave here, in words; empty where nothing was given
    expected: str  # the right answer here, in words; empty for choices
    right: bool
    feedback: str  # the author's word about this line, fit to be shown where it was chosen


class Kind(ABC, Generic[Response]):
    """One kind of question. Instances hold no state."""

    code: ClassVar[str]
    label: "ClassVar[StrOrPromise]"
    # Whether a person has to mark what was answered.
    marked_by_people: ClassVar[bool] = False

    @property
    def template(self) -> str:
        """The controls of the exam page, drawn from `name`, `presented` and `response`."""
        return f"quizzes/kinds/{self.code}.html"

    @abstractmethod
    def problems(self, body: object) -> list[str]:
        """Why the body cannot be used, in words; empty if it can. Takes any JSON value."""

    def draw(self, body: Body, rng: Random, *, shuffle: bool) -> list[int]:
        """The order of choices to freeze in a paper; empty where there is nothing to order."""
        return []

    @abstractmethod
    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        """What a learner may see: never the key, weights or feedback.

        With an empty order the choices stand as in the body.
        """

    def from_form(self, data: FormData, name: str) -> object:
        """The raw response in a posted form whose controls are called `name`."""
        return data.get(name)

    @abstractmethod
    def clean(self, body: Body, raw: object) -> Response | None:
        """The response in its one stored form, None if nothing was answered.

        Cleaning a stored response again gives the same. Raises InvalidResponse for anything
        that does not belong to this question.
        """

    @abstractmethod
    def score(self, body: Body, response: Response | None) -> Fraction | None:
        """The share of the marks that a stored response earns, from 0 to 1.

        None where a person has to mark it.
        """

    @abstractmethod
    def explain(self, body: Body, order: Sequence[int], response: Response | None) -> list[Line]:
        """The review of the question, line by line, in the order that the learner saw."""

    @abstractmethod
    def key(self, body: Body) -> list[str]:
        """The right answer or answers, in words."""


def is_text(value: object, *, empty: bool = False) -> bool:
    """Whether a value of a body is a usable text."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (empty or bool(value.strip()))
