"""Each prompt on the left is to be matched with one of the options on the right."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.kinds.choices import arrange, draw_order, is_id, list_problems, read_id
from quizzes.kinds.contract import Body, FormData, InvalidResponse, Kind, Line


class Matching(Kind[dict[str, int]]):
    """The body is `{"prompts": [{"id", "text", "match"}, …], "options": [{"id", "text"}, …]}`.

    `match` is the number of the right option. The response maps the number of a prompt (as
    text, since JSON has no other keys) to the number of the option chosen for it.
    """

    code = "matching"
    label = gettext_lazy("Matching")

    def problems(self, body: object) -> list[str]:
        if not isinstance(body, Mapping):
            return [_("The question has no list of choices.")]
        prompts, options = body.get("prompts"), body.get("options")
        problems = list_problems(prompts, least=2) + list_problems(options, least=2)
        if problems or not isinstance(prompts, list) or not isinstance(options, list):
            return problems
        numbers = [option["id"] for option in options]
        if not all(is_id(prompt.get("match")) and prompt["match"] in numbers for prompt in prompts):
            return [_("A prompt has no right option.")]
        return []

    def draw(self, body: Body, rng: Random, *, shuffle: bool) -> list[int]:
        return draw_order(body["options"], rng, shuffle=shuffle)

    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        return {
            "prompts": [{"id": prompt["id"], "text": prompt["text"]} for prompt in body["prompts"]],
            "options": [
                {"id": option["id"], "text": option["text"]}
                for option in arrange(body["options"], order)
            ],
        }

    def from_form(self, data: FormData, name: str) -> object:
        prefix = f"{name}-"
        keys = [key for key in data if key.startswith(prefix) and _is_digits(key[len(prefix) :])]
        return {key[len(prefix) :]: data.get(key) for key in keys}

    def clean(self, body: Body, raw: object) -> dict[str, int] | None:
        prompts, options = body["prompts"], body["options"]
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            raise InvalidResponse(_("The answer is not a list of pairs."))
        if len(raw) > len(prompts):
            raise InvalidResponse(_("The answer has more pairs than the question."))
        chosen = {
            read_id(prompt, prompts): read_id(option, options)
            for prompt, option in raw.items()
            if option is not None and option != ""
        }
        return {str(prompt): chosen[prompt] for prompt in sorted(chosen)} or None

    def score(self, body: Body, response: dict[str, int] | None) -> Fraction:
        given = response or {}
        right = sum(given.get(str(prompt["id"])) == prompt["match"] for prompt in body["prompts"])
        return Fraction(right, len(body["prompts"]))

    def explain(
        self, body: Body, order: Sequence[int], response: dict[str, int] | None
    ) -> list[Line]:
        given = response or {}
        texts = {option["id"]: option["text"] for option in body["options"]}
        return [
            Line(
                text=prompt["text"],
                chosen=str(prompt["id"]) in given,
                answer=texts.get(given.get(str(prompt["id"])), ""),
                expected=texts[prompt["match"]],
                right=given.get(str(prompt["id"])) == prompt["match"],
                feedback="",
            )
            for prompt in body["prompts"]
        ]

    def key(self, body: Body) -> list[str]:
        texts = {option["id"]: option["text"] for option in body["options"]}
        return [f"{prompt['text']} → {texts[prompt['match']]}" for prompt in body["prompts"]]


def pair_up(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The body made of pairs (prompt, its option); a pair without a prompt adds a wrong option.

    Options are listed and numbered by their text, so neither their numbers nor their order
    tell which prompt they belong to. Equal options become one.
    """
    listed = list(pairs)
    texts = sorted({option for _prompt, option in listed})
    numbers = {text: number for number, text in enumerate(texts, start=1)}
    prompts = [(prompt, option) for prompt, option in listed if prompt]
    return {
        "prompts": [
            {"id": number, "text": prompt, "match": numbers[option]}
            for number, (prompt, option) in enumerate(prompts, start=1)
        ],
        "options": [{"id": number, "text": text} for text, number in numbers.items()],
    }


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
