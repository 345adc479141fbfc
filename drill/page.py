"""The exam page, read as its script reads it: addresses, the clock, questions and controls."""

import html
import random
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from drill.town import wording

_TAG = re.compile(r"<(/?(?:form|fieldset|legend|input|select|option))\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_MARKUP = re.compile(r"<[^>]*>")


@dataclass
class Question:
    """``seq`` is the number of the answer that the server holds; ``controls`` as named in the form,
    each with the values that can be chosen."""

    slot: int
    seq: int
    text: str = ""
    kind: str = ""
    controls: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class ExamPage:
    """``seconds`` is the time left when the page was written, None without a limit."""

    save_url: str
    submit_url: str
    result_url: str
    seconds: float | None
    questions: dict[int, Question]


def read(markup: str) -> ExamPage:
    """Raises ValueError where this is no exam page."""
    form: dict[str, str] = {}
    questions: dict[int, Question] = {}
    current: Question | None = None
    select, legend = "", 0
    for found in _TAG.finditer(markup):
        tag, attributes = found[1], dict(_ATTRIBUTE.findall(found[2]))
        if tag == "form" and "data-attempt" in attributes:
            form = {name: html.unescape(value) for name, value in attributes.items()}
        elif tag == "fieldset" and "data-slot" in attributes:
            current = Question(int(attributes["data-slot"]), int(attributes["data-seq"]))
            questions[current.slot] = current
        elif tag == "legend":
            legend = found.end()
        elif current is None:
            continue
        elif tag == "/legend":
            current.text = _wording(markup[legend : found.start()])
        elif tag == "/fieldset":
            current = None
        elif tag == "select":
            current.kind, select = "select", attributes["name"]
            current.controls[select] = []
        elif tag == "option" and attributes.get("value"):
            current.controls[select].append(attributes["value"])
        elif tag == "input" and "name" in attributes and attributes["type"] != "hidden":
            current.kind = attributes["type"]
            current.controls.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    if not form or not questions:
        raise ValueError("no exam page")
    return ExamPage(
        save_url=form["data-save-url"],
        submit_url=form["data-submit-api"],
        result_url=form["data-result-url"],
        seconds=_left(form),
        questions=questions,
    )


def _wording(legend: str) -> str:
    """Without the number of the question, which stands in a span before it."""
    _number, _end, text = legend.rpartition("</span>")
    return wording(html.unescape(_MARKUP.sub("", text)))


def _left(form: dict[str, str]) -> float | None:
    if not form["data-deadline"]:
        return None
    end, now = (
        datetime.fromisoformat(form[f"data-{name}"]) for name in ("deadline", "server-time")
    )
    return (end - now).total_seconds()


def guess(question: Question, dice: random.Random) -> Any:
    """Any answer that the controls allow, in the form in which the page's script sends it."""
    if question.kind == "select":
        chosen = {name.rpartition("-")[2]: values for name, values in question.controls.items()}
        return {key: int(dice.choice(values)) for key, values in chosen.items()}
    (values,) = question.controls.values()
    if question.kind == "checkbox":
        return sorted(int(value) for value in dice.sample(values, dice.randint(1, len(values))))
    if question.kind == "text":
        return str(dice.randint(0, 99))
    return int(dice.choice(values))
