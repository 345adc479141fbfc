"""Checking in by a script that keeps the code on the device while there is no line."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from courses.attendance import checking_in, presenting
from courses.attendance.refusing import AttendanceRefused
from courses.attendance.throttling import CheckInThrottle
from courses.models import Attendance, Enrolment, Session
from jobs.problems import PROBLEMS, Conflict, ProblemSerializer
from people.sessions import person_id


class CheckInSerializer(serializers.Serializer[object]):
    """The six digits; ``taken_at`` is when the device took them, where it sends them later."""

    code = serializers.RegexField(r"^[0-9]{6}$")
    taken_at = serializers.DateTimeField(required=False)


class CheckedInSerializer(serializers.Serializer[object]):
    """What is entered: ``delayed`` where only the device knows when the code was taken."""

    entered_at = serializers.DateTimeField()
    delayed = serializers.BooleanField()


CHECK_IN_PROBLEMS = PROBLEMS | {
    409: OpenApiResponse(ProblemSerializer, "The code, the time or the run forbids it."),
    429: OpenApiResponse(ProblemSerializer, "Tried too often; nothing was changed."),
}


class CheckInView(APIView):
    """Check in at a class meeting. Doing it again changes nothing."""

    throttle_classes = [CheckInThrottle]

    @extend_schema(
        request=CheckInSerializer, responses={200: CheckedInSerializer, **CHECK_IN_PROBLEMS}
    )
    def post(self, request: Request, enrolment_id: int, meeting_id: int) -> Response:
        own = Enrolment.objects.of_person(person_id(request))
        enrolment = get_object_or_404(own, pk=enrolment_id)
        given = CheckInSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        at, code = timezone.now(), given.validated_data["code"]
        taken_at = given.validated_data.get("taken_at")
        seen_at = presenting.presented_at(request, session_id=meeting_id, code=code, at=at)
        try:
            checked_in = checking_in.check_in(
                enrolment_id=enrolment.pk,
                session_id=meeting_id,
                code=code,
                code_at=seen_at or taken_at,
                claimed=seen_at is None and taken_at is not None,
                at=at,
            )
        except Session.DoesNotExist as missing:
            raise Http404 from missing
        except AttendanceRefused as refused:
            raise Conflict(str(refused), code="not_taken") from refused
        attendance = checked_in.attendance
        delayed = attendance.label == Attendance.Label.DELAYED
        return Response(
            CheckedInSerializer({"entered_at": attendance.entered_at, "delayed": delayed}).data
        )
