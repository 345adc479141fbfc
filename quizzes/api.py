"""The API of an attempt: start, paper, save a batch, submit."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from courses.models import Enrolment
from jobs.problems import PROBLEMS, Conflict, ProblemSerializer
from people.sessions import person_id
from quizzes import attempts, papers
from quizzes.models import Attempt, Quiz
from quizzes.serializers import (
    BatchSerializer,
    PaperSerializer,
    ResultSerializer,
    SavedSerializer,
    StartedSerializer,
    StartSerializer,
)

CLOSED = {409: OpenApiResponse(ProblemSerializer, "The attempt takes no more answers.")}
REFUSED = {409: OpenApiResponse(ProblemSerializer, "No attempt can be started; why.")}


def own_attempt(request: Any, attempt_id: int) -> Attempt:
    """The person's own attempt; anybody else's is 404."""
    own = Attempt.objects.of_person(person_id(request)).select_related("quiz")
    return get_object_or_404(own, pk=attempt_id)


class StartView(APIView):
    """Start an attempt, or get the one that is open."""

    @extend_schema(
        request=StartSerializer, responses={200: StartedSerializer, **PROBLEMS, **REFUSED}
    )
    def post(self, request: Request, quiz_id: int) -> Response:
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        own = Enrolment.objects.of_person(person_id(request))
        enrolment = get_object_or_404(own, pk=asked.validated_data["enrolment"])
        quiz = get_object_or_404(Quiz, pk=quiz_id)
        try:
            attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=timezone.now())
        except attempts.AttemptRefused as refused:
            raise Conflict(str(refused), code="refused") from refused
        return Response(StartedSerializer(attempt).data)


class AttemptView(APIView):
    """The paper with the answers held so far."""

    @extend_schema(responses={200: PaperSerializer, **PROBLEMS})
    def get(self, request: Request, attempt_id: int) -> Response:
        attempt = own_attempt(request, attempt_id)
        attempt_data = {
            name: getattr(attempt, name)
            for name in ("id", "number", "started_at", "deadline", "submitted_at")
        }
        return Response(
            PaperSerializer(
                attempt_data | {"server_time": timezone.now(), "slots": papers.slots(attempt)}
            ).data
        )


class AnswersView(APIView):
    """Save a batch of answers; each is acknowledged with its sequence number."""

    @extend_schema(request=BatchSerializer, responses={200: SavedSerializer, **PROBLEMS, **CLOSED})
    def put(self, request: Request, attempt_id: int) -> Response:
        attempt = own_attempt(request, attempt_id)
        batch = BatchSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        now = timezone.now()
        try:
            saved = attempts.save_answers(
                attempt=attempt,
                changes=[
                    attempts.RawChange(one["slot"], one["seq"], one["response"])
                    for one in batch.validated_data["answers"]
                ],
                at=now,
            )
        except (attempts.UnknownSlot, attempts.BadAnswer) as error:
            raise ValidationError({"answers": [str(error)]}) from error
        except attempts.AttemptClosed as closed:
            raise Conflict("The attempt takes no more answers.", code="closed") from closed
        answer = {"server_time": now, "deadline": attempt.deadline, "saved": saved}
        return Response(SavedSerializer(answer).data)


class SubmitView(APIView):
    """Submit: any number of times, with one grading and the same answer."""

    @extend_schema(request=None, responses={200: ResultSerializer, **PROBLEMS})
    def post(self, request: Request, attempt_id: int) -> Response:
        attempt = own_attempt(request, attempt_id)
        graded = attempts.finish(attempt_id=attempt.pk, at=timezone.now())
        values = {
            name: getattr(graded, name)
            for name in ("id", "submitted_at", "score", "max_score", "passed")
        }
        url = reverse("quizzes:result", args=[graded.pk])
        return Response(ResultSerializer(values | {"url": url}).data)
