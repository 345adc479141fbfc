"""The look-up for other systems: the same answers as the page, and nothing to walk through."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates.look_up import looking_up
from certificates.look_up.looking_up import Found
from certificates.look_up.throttling import LookUpThrottle
from certificates.proof import payload, used_key
from certificates.proof.keys import KeyUnusable
from certificates.register import validity
from jobs.problems import PROBLEMS, ProblemSerializer


class KeyOutOfReach(APIException):
    """503: of a QR nothing can be said."""

    status_code = 503
    default_code = "key_unusable"
    default_detail = "No QR can be checked at the moment; ask by number and name."


class LookUpSerializer(serializers.Serializer[object]):
    """Either ``qr``, the text of the QR or what follows ``/T/`` in it; or the exact ``number``
    together with the holder's ``full_name``, with or without diacritics."""

    qr = serializers.CharField(required=False, max_length=4000)
    number = serializers.CharField(required=False, max_length=60)
    full_name = serializers.CharField(required=False, max_length=120)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) not in ({"qr"}, {"number", "full_name"}):
            raise serializers.ValidationError("Give qr alone, or number and full_name.")
        return attrs


class FoundSerializer(serializers.Serializer[Found]):
    """What anyone may know. ``decision`` and ``decided_on`` tell by what it was revoked, voided or
    superseded, ``successor`` by which number; empty and null otherwise. ``valid_until`` is its last
    day, if any; ``entered_on`` the day on which a paper certificate was entered afterwards."""

    status = serializers.ChoiceField(choices=validity.Status.values)
    full_name = serializers.CharField()
    course_title = serializers.CharField()
    number = serializers.CharField()
    issued_on = serializers.DateField()
    issuing_body = serializers.CharField()
    decision = serializers.CharField(allow_blank=True)
    decided_on = serializers.DateField(allow_null=True)
    successor = serializers.CharField(allow_blank=True)
    valid_until = serializers.DateField(allow_null=True)
    entered_on = serializers.DateField(allow_null=True)


class LookedUpSerializer(FoundSerializer):
    """``others`` is there only where other registers gave the same number to somebody of the same
    name: compare course, date and issuing body. The valid ones come last."""

    others = FoundSerializer(many=True, required=False)

    def to_representation(self, instance: Found) -> dict[str, Any]:
        said = super().to_representation(instance)
        return said if said["others"] else {k: v for k, v in said.items() if k != "others"}


LOOK_UP_PROBLEMS = {status: PROBLEMS[status] for status in (400, 406, 413, 415)} | {
    404: OpenApiResponse(
        ProblemSerializer,
        "`not_found`: no certificate has this number together with this name; the two are not told"
        " apart. `forged`: the QR was not signed by this register, or was read incompletely.",
    ),
    503: OpenApiResponse(
        ProblemSerializer,
        "`key_unusable`: the register's key is out of reach, so that no QR can be told genuine or"
        " forged; number and name can be asked.",
    ),
    429: OpenApiResponse(
        ProblemSerializer,
        "Asked too often from this address; `Retry-After` says when to ask again.",
    ),
}


class LookUpView(APIView):
    """Look a certificate up, without an account.

    By POST, so that names stay out of logs and addresses. It shares its limit, per address, with
    the look-up page. Nothing is written.
    """

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [LookUpThrottle]

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Of errors too."""
        kept_by_nobody = {"X-Robots-Tag": "noindex", "Cache-Control": "private, no-store"}
        return {**super().default_response_headers, **kept_by_nobody}

    @extend_schema(
        request=LookUpSerializer,
        responses={200: LookedUpSerializer, **LOOK_UP_PROBLEMS},
        auth=[],
        examples=[
            OpenApiExample(
                "Number and name",
                {"number": "0001/2026/ĐGVNB-KH", "full_name": "Nguyễn Thị Minh Khai"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        given = LookUpSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = _look_up(given.validated_data)
        if found is None:
            raise NotFound("No certificate has this number together with this name.")
        return Response(LookedUpSerializer(found).data)


def _look_up(asked: dict[str, str]) -> Found | None:
    if "qr" not in asked:
        return looking_up.by_number_and_name(**asked)
    text = asked["qr"].rsplit("/", 1)[-1]
    try:
        used_key.refuse_another()
        return looking_up.by_qr(text)
    except payload.InvalidPayload as error:
        raise NotFound("The register has not signed this QR.", code="forged") from error
    except KeyUnusable as error:
        raise KeyOutOfReach from error
