"""A bank and a question as the staff sees them: with the key and the feedback."""

from itertools import groupby
from typing import Any

from django.http import Http404

from quizzes import drawn, kinds
from quizzes.key_forms import KEY_FORMS
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

    ``version, versions``, the controls as the learner sees them (``template, presented``),
    ``key`` and ``lines`` (the review without an answer) as they count now, ``voided``, and for
    the version its ``corrections``, ``regrades`` and how often it was ``drawn``. Six statements.
    """
    versions = list(question.versions.select_related("created_by__person").order_by("-number"))
    version = _chosen(question, versions, number)
    context: dict[str, Any] = {"version": version, "versions": versions}
    if version is None:
        return context
    kind = kinds.get(version.kind)
    corrections = list(version.corrections.select_related("by__person").order_by("-at", "-pk"))
    body = corrections[0].body if corrections else version.body
    return context | {
        "template": kind.template,
        "presented": kind.present(version.body, []),
        "voided": body is None,
        "key": kind.key(version.body if body is None else body),
        "lines": kind.explain(version.body if body is None else body, [], None),
        "corrections": [
            (one, [] if one.voids else kind.key(one.body or {})) for one in corrections
        ],
        "first_key": kind.key(version.body),
        "correctable": version.kind in KEY_FORMS,
        "drawn": drawn.counts([version.pk])[version.pk],
        "regrades": version.regradings.select_related("by__person", "work"),
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
