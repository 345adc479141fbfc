"""One shape for every error of the API: ``{"code": …, "detail": …}``, ``fields`` where it helps."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler


class ProblemSerializer(serializers.Serializer[object]):
    """An error: ``code`` for programmes, ``detail`` for people, ``fields`` by input field."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]


class Conflict(APIException):
    """409: the state of the thing forbids it; ``code`` tells which state."""

    status_code = 409


class JSONInput(JSONParser):
    """JSON of the depth that people write; ParseError where it is nested beyond reading."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error


PROBLEMS: dict[int, Any] = {
    400: OpenApiResponse(ProblemSerializer, "The input cannot be used; nothing was changed."),
    403: OpenApiResponse(ProblemSerializer, "Not logged in, or not allowed."),
    404: OpenApiResponse(ProblemSerializer, "Not there, or not yours."),
    413: OpenApiResponse(ProblemSerializer, "More than 2.5 MB; nothing was changed."),
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    if isinstance(error, RequestDataTooBig):
        detail = "The request is too large; nothing was changed."
        return Response({"code": "too_large", "detail": detail}, status=413)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = {
            "code": "invalid",
            "detail": "The input cannot be used; nothing was changed.",
            "fields": response.data if isinstance(response.data, dict) else {"": response.data},
        }
    else:
        said = response.data.get("detail") if isinstance(response.data, dict) else None
        response.data = {
            "code": getattr(said, "code", "error"),
            "detail": str(said or error),
        }
    return response
