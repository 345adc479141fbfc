"""A bank and a question as the staff sees them: with the key and the feedback."""

from itertools import groupby
from typing import Any

from django.http import Http404

from quizzes import kinds
from quizzes.models import Question, QuestionBank, QuestionVersion

MOST_SHOWN = 300


def bank(*, bank: QuestionBank) -> dict[str, Any]:
    """Context of a bank's page: ``groups`` of (category, questions), ``total``, ``imports``.

    At most 300 questions are shown; the listing of questions has them all. Three statements.
    """
    found = (
        Question.objects.in_use()
        .filter(bank=bank)
        .select_related("category", "current")
        .order_by("category__path", "category", "pk")
    )
    shown = groupby(found[:MOST_SHOWN], key=lambda question: question.category)
    return {
        "groups": [(category, list(questions)) for category, questions in shown],
        "total": found.count(),
        "most": MOST_SHOWN,
        "imports": bank.imports.select_related("uploaded_by__person").defer("text")[:5],
    }


def question(*, question: Question, number: int | None = None) -> dict[str, Any]:
    """Context of a question's page; ``number`` is that of a version, by default the current one.

    ``version, versions``, the controls as the learner sees them (``template, presented``), and
    ``key`` and ``lines`` (the review without an answer).
    """
    versions = list(question.versions.select_related("created_by__person").order_by("-number"))
    version = _chosen(question, versions, number)
    context: dict[str, Any] = {"version": version, "versions": versions}
    if version is None:
        return context
    kind = kinds.get(version.kind)
    return context | {
        "template": kind.template,
        "presented": kind.present(version.body, []),
        "key": kind.key(version.body),
        "lines": kind.explain(version.body, [], None),
    }


def _chosen(
    question: Question, versions: list[QuestionVersion], number: int | None
) -> QuestionVersion | None:
    if number is None:
        return next((one for one in versions if one.pk == question.current_id), None)
    for version in versions:
        if version.number == number:
            return version
    raise Http404
