"""The API of ``courses``."""

from dataclasses import asdict
from math import isfinite

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from courses import lessons, spans, watching
from courses.models import Enrolment, RunLesson
from courses.serializers import WatchedSerializer, WatchReportSerializer
from jobs.problems import PROBLEMS
from people.sessions import person_id


class WatchingView(APIView):
    """Report what was watched of a lesson."""

    @extend_schema(request=WatchReportSerializer, responses={200: WatchedSerializer, **PROBLEMS})
    def post(self, request: Request, enrolment_id: int, page_id: int) -> Response:
        enrolment = get_object_or_404(
            Enrolment.objects.of_person(person_id(request)), pk=enrolment_id
        )
        report = WatchReportSerializer(data=request.data)
        report.is_valid(raise_exception=True)
        position = report.validated_data["position"]
        try:
            watched = watching.record_watching(
                enrolment=enrolment,
                page_id=page_id,
                raw_spans=report.validated_data["spans"],
                position=position if isfinite(position) else 0.0,
                at=timezone.now(),
            )
        except RunLesson.DoesNotExist as missing:
            raise Http404 from missing
        except spans.InvalidSpans as error:
            raise ValidationError({"spans": [str(error)]}) from error
        answer = asdict(watched) | {"next": None}
        if watched.complete:
            listed = lessons.lines(enrolment=enrolment, current=page_id)
            answer["next"] = lessons.after(enrolment=enrolment, listed=listed)
        return Response(WatchedSerializer(answer).data)
