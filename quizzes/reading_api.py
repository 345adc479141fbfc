"""The API around an attempt: which tests there are, and afterwards result and review."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.problems import Conflict, ProblemSerializer
from people.api import READING_PROBLEMS, PersonalView
from people.sessions import person_id
from quizzes import open_quizzes, telling
from quizzes.models import Attempt
from quizzes.serializers import OpenQuizzesSerializer, ResultSerializer, ReviewSerializer

NOT_SUBMITTED = {409: OpenApiResponse(ProblemSerializer, "The attempt is not submitted yet.")}


class OpenQuizzesView(PersonalView):
    """The tests of the person's runs that go on; ``can_start`` says which can be started now."""

    @extend_schema(responses={200: OpenQuizzesSerializer, **READING_PROBLEMS})
    def get(self, request: Request) -> Response:
        now = timezone.now()
        found = open_quizzes.of_person(person_id=person_id(request), at=now)
        told = {"server_time": now, "quizzes": [_told(one) for one in found]}
        return Response(OpenQuizzesSerializer(told).data)


def _told(one: open_quizzes.OpenQuiz) -> dict[str, Any]:
    return {
        "id": one.quiz.pk,
        "title": one.quiz.assessment.title,
        "enrolment": one.enrolment.pk,
        "course": one.enrolment.run.course.title,
        "run": one.enrolment.run.name,
        "questions": one.questions,
        "minutes": one.agreed.minutes,
        "pass_percent": one.quiz.pass_percent,
        "opens_at": one.agreed.opens_at,
        "closes_at": one.agreed.closes_at,
        "class_code_needed": bool(one.agreed.class_code),
        "attempts_left": one.left,
        "attempt": one.running.pk if one.running else None,
        "passed": one.passed,
        "can_start": one.can_start,
        "refusal": one.refusal,
        "url": reverse("quizzes:quiz", args=[one.enrolment.pk, one.quiz.pk]),
    }


def _submitted(request: Request, attempt_id: int) -> Attempt:
    """The person's own submitted attempt with what a review needs; anybody else's is 404."""
    own = Attempt.objects.of_person(person_id(request)).select_related(
        "quiz__assessment", "quiz__bank", "enrolment__run__course"
    )
    attempt = get_object_or_404(own, pk=attempt_id)
    if attempt.submitted_at is None:
        raise Conflict("The attempt is not submitted yet.", code="not_submitted")
    return attempt


class ResultView(PersonalView):
    """The result of a submitted attempt, as far as its quiz tells it."""

    @extend_schema(responses={200: ResultSerializer, **READING_PROBLEMS, **NOT_SUBMITTED})
    def get(self, request: Request, attempt_id: int) -> Response:
        attempt = _submitted(request, attempt_id)
        return Response(telling.result(attempt, timezone.now()))


class ReviewView(PersonalView):
    """Question by question what was answered, what it earned, and what was right.

    ``shown`` says what the quiz lets the learner see now; all else is null.
    """

    @extend_schema(responses={200: ReviewSerializer, **READING_PROBLEMS, **NOT_SUBMITTED})
    def get(self, request: Request, attempt_id: int) -> Response:
        attempt = _submitted(request, attempt_id)
        return Response(ReviewSerializer(telling.review(attempt, timezone.now())).data)
