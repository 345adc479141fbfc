"""The API of an attempt: start, paper, save a batch, submit."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from courses.models import Enrolment
from jobs.compiled import Compiled, Given
from jobs.problems import Conflict, ProblemSerializer
from people.api import PROBLEMS, READING_PROBLEMS, PersonalView
from people.sessions import person_id
from quizzes import attempts, papers, receiving, saving, stock, telling
from quizzes.models import Attempt, Quiz
from quizzes.serializers import (
    BatchSerializer,
    PaperSerializer,
    ResultSerializer,
    SavedSerializer,
    StartedSerializer,
    StartSerializer,
)

REFUSED = {409: OpenApiResponse(ProblemSerializer, "No attempt can be started; why.")}


_OWN = Compiled(
    lambda: Attempt.objects.filter(
        pk=Given("attempt"), enrolment__person=Given("person")
    ).select_related("quiz__assessment")
)


def own_attempt(request: Any, attempt_id: int) -> Attempt:
    """The person's own attempt; anybody else's is 404."""
    person = person_id(request) or 0
    attempt = _OWN.first(attempt=attempt_id, person=person)
    if attempt is None:
        raise Http404
    stock.keep_paper(attempt.pk, attempt.paper, person_id=person)
    return attempt


class StartView(PersonalView):
    """Start an attempt, or get the one that is open."""

    throttle_scope = "act"

    @extend_schema(
        request=StartSerializer, responses={200: StartedSerializer, **PROBLEMS, **REFUSED}
    )
    def post(self, request: Request, quiz_id: int) -> Response:
        asked = StartSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        quiz = get_object_or_404(Quiz.objects.select_related("bank"), pk=quiz_id)
        try:
            attempt = attempts.start(
                quiz=quiz,
                enrolment=Enrolment(pk=asked.validated_data["enrolment"]),
                person_id=person_id(request) or 0,
                at=timezone.now(),
                class_code=asked.validated_data["class_code"],
            )
        except (Enrolment.DoesNotExist, attempts.NotOffered) as error:
            raise Http404 from error
        except attempts.AttemptRefused as refused:
            raise Conflict(str(refused), code="refused") from refused
        return Response(StartedSerializer(attempt).data)


class AttemptView(PersonalView):
    """The paper with the answers held so far."""

    @extend_schema(responses={200: PaperSerializer, **READING_PROBLEMS})
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


class AnswersView(PersonalView):
    """Save a batch of answers; each is acknowledged with its sequence number."""

    throttle_scope = "save"

    @extend_schema(request=BatchSerializer, responses={200: SavedSerializer, **PROBLEMS})
    def put(self, request: Request, attempt_id: int) -> Response:
        changes, reported = receiving.batch(request.data)
        now = timezone.now()
        try:
            saved = attempts.save_answers(
                attempt_id=attempt_id,
                person_id=person_id(request) or 0,
                changes=changes,
                at=now,
                reported=reported,
            )
        except saving.NoSuchAttempt as error:
            raise Http404 from error
        except (attempts.UnknownSlot, attempts.BadAnswer) as error:
            raise ValidationError({"answers": [str(error)]}) from error
        return Response(telling.saved(saved, now))


class SubmitView(PersonalView):
    """Submit: any number of times, with one grading and the same answer."""

    throttle_scope = "act"

    @extend_schema(request=None, responses={200: ResultSerializer, **PROBLEMS})
    def post(self, request: Request, attempt_id: int) -> Response:
        try:
            graded = attempts.finish(
                attempt_id=attempt_id, at=timezone.now(), person_id=person_id(request) or 0
            )
        except Enrolment.DoesNotExist as error:
            raise Http404 from error
        return Response(telling.result(graded, timezone.now()))
