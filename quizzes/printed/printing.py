"""A printed test as PDFs: the papers with their answer sheets, and the keys."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from jobs import paper
from quizzes import grading, kinds
from quizzes.kinds.truefalse import FALSE, TRUE
from quizzes.models import KeyCorrection, PrintedTest, PrintedVariant
from quizzes.printed.notation import initial, most_points
from quizzes.printed.reading import Asked, asked

_TEMPLATES = Path(__file__).with_name("typst")
_FEWEST_LINES, _MOST_LINES = 8, 30
_CHARACTERS_IN_A_LINE = 70
# A question that takes more may be split over two pages.
_MOST_LINES_KEPT_TOGETHER = 30
# A key longer than this stands in a table of its own.
_LONGEST_SHORT_KEY = 24
_SPACES = re.compile(r"[^\S\n\u00a0]+")


def print_papers(test: PrintedTest, variants: Sequence[PrintedVariant]) -> bytes:
    """For each variant the questions and the answer sheet, in the language of the service.

    The same test gives the same bytes. Raises paper.PaperError.
    """
    with override(settings.LANGUAGE_CODE):
        data = _about(test) | {
            "words": _words(),
            "variants": [_paper(one.code, asked(one.paper)) for one in variants],
        }
    return _draw("papers", data)


def print_keys(test: PrintedTest, variants: Sequence[PrintedVariant]) -> bytes:
    """The right answers of each variant by the keys as corrected by now. Raises PaperError."""
    papers = {one.code: asked(one.paper) for one in variants}
    versions = {one.version.pk for questions in papers.values() for one in questions}
    corrections = grading.corrections_of(versions)
    with override(settings.LANGUAGE_CODE):
        data = _about(test) | {
            "words": _words(),
            "variants": [_keys(code, questions, corrections) for code, questions in papers.items()],
        }
    return _draw("keys", data)


def _draw(template: str, data: Mapping[str, Any]) -> bytes:
    paper.refuse_controls(_texts(data))
    written = json.dumps(data, ensure_ascii=False)
    document = (
        f'#import "{template}.typ": {template}\n'
        f"#{template}({paper.quote(written)}, font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw(folder=_TEMPLATES, document=document)


def _texts(value: Any) -> list[str]:
    """Every text in the data, without the line breaks that the templates know."""
    if isinstance(value, str):
        return [value.replace("\n", "")]
    inner = value.values() if isinstance(value, Mapping) else value
    return (
        [text for one in inner for text in _texts(one)]
        if isinstance(value, Mapping | list | tuple)
        else []
    )


def _about(test: PrintedTest) -> dict[str, Any]:
    quiz, run = test.quiz, test.run
    facts = [(_("Course:"), run.course.title), (_("Class:"), run.name)]
    if quiz.minutes is not None:
        minutes = ngettext("%(count)s minute", "%(count)s minutes", quiz.minutes)
        facts.append((_("Time:"), minutes % {"count": quiz.minutes}))
    return {
        "lang": settings.LANGUAGE_CODE,
        "day": timezone.localdate(test.drawn_at).isoformat(),
        "provider": run.provider,
        "title": quiz.assessment.title,
        "run": run.name,
        "facts": facts,
    }


def _words() -> dict[str, str]:
    return {
        "code": _("Variant"),
        "page": _("page"),
        "name": _("Full name"),
        "born": _("Date of birth"),
        "agency": _("Agency"),
        "date": _("Day of the test"),
        "rules": _("Answers are given on the answer sheet only."),
        "end": _("End"),
        "sheet": _("ANSWER SHEET"),
        "marking": _(
            "Fill in the circle of each right answer; to change one, cross it out and fill another."
        ),
        "signature": _("Learner"),
        "invigilator": _("Invigilator"),
        "marker": _("Marker"),
        "key": _("Answer key, variant"),
        "number": _("Q."),
        "answer": _("Answer"),
        "marks": _("Mark"),
    }


def _paper(code: str, questions: list[Asked]) -> dict[str, Any]:
    # Where every question is worth one mark, nothing needs to be said.
    say_marks = any(one.marks != 1 for one in questions)
    return {
        "code": code,
        "questions": [_question(one, say_marks=say_marks) for one in questions],
        "answers": [_field(one) for one in questions],
    }


def _question(one: Asked, *, say_marks: bool) -> dict[str, Any]:
    presented = kinds.get(one.version.kind).present(one.version.body, one.order)
    marks = ngettext("%(count)s mark", "%(count)s marks", one.marks) % {"count": one.marks}
    shown: dict[str, Any] = {
        "label": _label(one),
        "marks": marks if say_marks else "",
        "text": _tidy(one.version.text),
        "hint": _hint(one.version.kind),
        "entries": [],
    }
    if one.version.kind in ("single", "multiple"):
        shown["entries"] = _lettered(presented["choices"])
    elif one.version.kind == "matching":
        shown["entries"] = _lettered(presented["options"])
        prompts = enumerate(presented["prompts"], start=1)
        shown["prompts"] = [(str(number), _tidy(prompt["text"])) for number, prompt in prompts]
    texts = [
        shown["text"],
        *(text for _letter, text in [*shown["entries"], *shown.get("prompts", [])]),
    ]
    return shown | {"long": sum(map(_lines, texts)) > _MOST_LINES_KEPT_TOGETHER}


def _label(one: Asked) -> str:
    return _("Question %(number)s") % {"number": one.number}


def _lines(text: str) -> int:
    """About how many lines a text takes in print."""
    return sum(1 + len(line) // _CHARACTERS_IN_A_LINE for line in text.split("\n"))


def _lettered(listed: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [
        (letter, _tidy(choice["text"]))
        for letter, choice in zip(ascii_uppercase, listed, strict=False)
    ]


def _hint(kind: str) -> str:
    if kind == "multiple":
        return _("(Several answers may be right; choose all of them.)")
    if kind == "truefalse":
        return _("(%(true)s: true, %(false)s: false)") % {
            "true": initial(TRUE),
            "false": initial(FALSE),
        }
    if kind == "matching":
        return _("(Write the letter that belongs to each number.)")
    if kind == "numerical":
        return _("(Write a number.)")
    if kind == "essay":
        return _("(Write on the answer sheet.)")
    return ""


def _field(one: Asked) -> dict[str, Any]:
    """What the answer sheet offers for a question."""
    kind, body = one.version.kind, one.version.body
    field: dict[str, Any] = {
        "number": one.number,
        "label": _label(one),
        "form": "line",
        "letters": [],
    }
    if kind in ("single", "multiple"):
        letters = list(ascii_uppercase[: one.notation.letters(body, one.order)])
        field |= {"form": "letters", "letters": letters}
    elif kind == "truefalse":
        field |= {"form": "letters", "letters": [initial(TRUE), initial(FALSE)]}
    elif kind == "matching":
        numbers = [str(number) for number in range(1, len(body["prompts"]) + 1)]
        field |= {"form": "pairs", "letters": numbers}
    elif kind == "essay":
        wanted = body["longest"] // _CHARACTERS_IN_A_LINE
        points = _("Points (of %(most)s)") % {"most": most_points(body)}
        lines = min(max(wanted, _FEWEST_LINES), _MOST_LINES)
        field |= {"form": "lines", "lines": lines, "points": points}
    return field


def _keys(
    code: str, questions: list[Asked], corrections: Mapping[int, KeyCorrection]
) -> dict[str, Any]:
    keys = []
    for one in questions:
        correction = corrections.get(one.version.pk)
        if correction is None:
            key = one.notation.key(one.version.body, one.order)
        elif correction.body is None:
            key = _("does not count: full marks")
        else:
            key = one.notation.key(correction.body, one.order) + " *"
        long = len(key) > _LONGEST_SHORT_KEY or "\n" in key
        keys.append({"number": one.number, "key": key, "marks": str(one.marks), "long": long})
    corrected = any(one.version.pk in corrections for one in questions)
    note = _("* The key was corrected after the questions were written.") if corrected else ""
    return {"code": code, "keys": keys, "note": note}


def _tidy(text: str) -> str:
    """Lines as the author broke them; tabs are spaces."""
    return _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
