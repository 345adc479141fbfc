"""GIFT, the text format that teachers exchange questions in.

Written from the public description of the format (https://docs.moodle.org/en/GIFT_format).
Here stands what surrounds the answers: comments with [id:…] and [tag:…], $CATEGORY lines, titles,
texts and the answer part in braces; `gift_answers` reads what is inside the braces, and where
nothing is inside, `gift_rubric` reads from the comments how the long answer is marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quizzes import kinds
from quizzes.formats.gift_answers import read_answers
from quizzes.formats.gift_rubric import read_rubric
from quizzes.formats.gift_text import excerpt, hide_escapes, plain, readable, style_of, tidy_source
from quizzes.formats.parsed import (
    LONGEST_CATEGORY,
    LONGEST_IDENTIFIER,
    Parsed,
    ParsedQuestion,
    Problem,
    Unusable,
)

__all__ = ["Parsed", "ParsedQuestion", "Problem", "parse"]

BLANK = "_____"
_LONGEST_QUESTION = 30_000
_CATEGORY = re.compile(r"\$CATEGORY\s*:(.*)")
_CONTEXTS = {"$course$", "$module$", "$system$", "$cat1$", "top"}
# Bounded, so that a line of endless "[tag:" takes no endless time.
_LABEL = re.compile(r"\[(id|tag):((?:\\.|[^\]\\]){1,200})\]")


def parse(text: str) -> Parsed:
    """The questions of a GIFT file.

    Never raises: a question that cannot be used becomes a problem that names its first line,
    and the others are still there. Takes any line ends, a byte order mark and decomposed
    Unicode.
    """
    questions: list[ParsedQuestion] = []
    problems: list[Problem] = []
    lines_of: dict[str, int] = {}
    unclosed = False
    for block in _blocks(tidy_source(text)):
        if unclosed and block.source.lstrip().startswith(("~", "=", "#", "}")):
            continue  # The rest of a question that a blank line tore in two.
        unclosed = False
        try:
            question = _read(block)
            if question.identifier in lines_of:
                raise Unusable(
                    _("The identifier %(identifier)s was already used on line %(line)d.")
                    % {"identifier": question.identifier, "line": lines_of[question.identifier]}
                )
        except _Unclosed as error:
            unclosed = True
            problems.append(Problem(block.line, str(error)))
        except Unusable as error:
            problems.append(Problem(block.line, str(error)))
        else:
            questions.append(question)
            if question.identifier:
                lines_of[question.identifier] = question.line
    return Parsed(questions, problems)


class _Unclosed(Unusable):
    """The answer part does not end before the next blank line."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines between two blank lines, comments apart; `line` is the first without them."""

    line: int
    source: str
    comments: str
    category: list[str]


def _blocks(text: str) -> Iterator[_Block]:
    category: list[str] = []
    comments: list[str] = []
    lines: list[str] = []
    first = 0

    def block() -> Iterator[_Block]:
        if lines:
            yield _Block(first, "\n".join(lines), "\n".join(comments), category)
        lines.clear()
        comments.clear()

    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        heading = _CATEGORY.match(stripped)
        if stripped.startswith("//"):
            comments.append(stripped)
        elif heading:
            yield from block()
            category = _path(heading[1])
        elif not stripped:
            yield from block()
        else:
            first = first if lines else number
            lines.append(line)
    yield from block()


def _path(text: str) -> list[str]:
    """The headings of a category path: a doubled slash is a slash of a heading's own."""
    parts = re.split(r"(?<!/)/(?!/)", text)
    names = [plain(hide_escapes(part.replace("//", "/"))) for part in parts]
    while names and names[0] in _CONTEXTS:
        names.pop(0)
    return [name for name in names if name]


def _read(block: _Block) -> ParsedQuestion:
    if len(block.source) > _LONGEST_QUESTION:
        raise Unusable(
            _("The question is longer than %(most)d characters.") % {"most": _LONGEST_QUESTION}
        )
    title, rest = _split_title(hide_escapes(block.source).strip())
    before, answers, after = _split_answers(rest)
    answers, _mark, feedback = answers.partition("####")
    style = style_of(before)
    wording = before + (f"{BLANK}{after}" if after.strip() else "")
    text = readable(wording)
    if not text:
        raise Unusable(_("The question has no text."))
    if answers.strip():
        code, body = read_answers(answers.strip(), style)
    else:
        code, body = "essay", read_rubric(block.comments)
    reasons = kinds.get(code).problems(body)
    if reasons:
        raise Unusable(" ".join(reasons))
    if len("/".join(block.category)) > LONGEST_CATEGORY:
        raise Unusable(
            _("The category is longer than %(most)d characters.") % {"most": LONGEST_CATEGORY}
        )
    labels = [(key, value.replace("\\]", "]").strip()) for key, value in _labels(block)]
    identifier = next((value for key, value in labels if key == "id"), "")
    if len(identifier) > LONGEST_IDENTIFIER:
        raise Unusable(
            _("The identifier is longer than %(most)d characters.") % {"most": LONGEST_IDENTIFIER}
        )
    return ParsedQuestion(
        line=block.line,
        title=" ".join(title.split()) or excerpt(text),
        kind=code,
        text=text,
        body=body,
        feedback=readable(feedback, style),
        category=list(block.category),
        identifier=identifier,
        tags=[value for key, value in labels if key == "tag" and value],
    )


def _labels(block: _Block) -> Iterator[tuple[str, str]]:
    for match in _LABEL.finditer(block.comments):
        yield match[1], match[2]


def _split_title(source: str) -> tuple[str, str]:
    if not source.startswith("::"):
        return "", source
    title, mark, rest = source[2:].partition("::")
    if not mark:
        raise Unusable(_("The title is not closed by two colons."))
    return plain(title), rest


def _split_answers(source: str) -> tuple[str, str, str]:
    """The text before the braces, what is inside them, and the text after them."""
    before, opening, rest = source.partition("{")
    if "}" in before:
        raise Unusable(_("There is a closing brace without an opening one."))
    if not opening:
        raise Unusable(_("There are no answers in braces: descriptions cannot be used here."))
    answers, closing, after = rest.partition("}")
    if not closing:
        raise _Unclosed(_("The answers are not closed by a brace before the next blank line."))
    if "{" in answers or "{" in after or "}" in after:
        raise Unusable(
            _(
                "There is more than one answer part. Is a blank line missing between two "
                "questions, or a backslash before a brace?"
            )
        )
    return before, answers, after
