"""How the demo's learners answer: rightly, or wrongly, as the dice say."""

import random
from typing import Any

from quizzes.kinds.truefalse import FALSE, TRUE
from quizzes.models import QuestionVersion


def right(version: QuestionVersion) -> Any:
    """A response that earns all marks."""
    body = version.body
    if version.kind == "matching":
        return {str(prompt["id"]): prompt["match"] for prompt in body["prompts"]}
    if version.kind == "numerical":
        return body["answers"][0]["value"]
    if version.kind == "truefalse":
        return TRUE if body["answer"] else FALSE
    good = [choice["id"] for choice in body["choices"] if float(choice["weight"]) > 0]
    return good if version.kind == "multiple" else good[0]


def wrong(version: QuestionVersion, rng: random.Random) -> Any:
    """A response that earns nothing, or no response at all."""
    body = version.body
    if version.kind == "matching":
        options = [option["id"] for option in body["options"]]
        return {
            str(prompt["id"]): next(one for one in options if one != prompt["match"])
            for prompt in body["prompts"]
        }
    if version.kind == "numerical":
        return "-1"
    if version.kind == "truefalse":
        return FALSE if body["answer"] else TRUE
    bad = [choice["id"] for choice in body["choices"] if float(choice["weight"]) <= 0]
    picked = rng.choice(bad)
    return [picked] if version.kind == "multiple" else picked
