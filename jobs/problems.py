"""One shape for every error of the API: ``{"code": …, "detail": …}``, ``fields`` where it helps."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
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
    # A serializer has an attribute of this name, which its metaclass sets later.
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


READING_PROBLEMS: dict[int, Any] = {
    403: OpenApiResponse(ProblemSerializer, "Not logged in, or not allowed."),
    404: OpenApiResponse(ProblemSerializer, "Not there, or not yours."),
    406: OpenApiResponse(ProblemSerializer, "Only JSON can be answered."),
}
PROBLEMS: dict[int, Any] = READING_PROBLEMS | {
    400: OpenApiResponse(ProblemSerializer, "The input cannot be used; nothing was changed."),
    413: OpenApiResponse(ProblemSerializer, "More than 2.5 MB; nothing was changed."),
    415: OpenApiResponse(ProblemSerializer, "The input is no JSON; nothing was changed."),
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


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler404``: an address of the API that never was is answered in the API's shape."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"code": "not_found", "detail": "There is no such address."}, status=404
        )
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: Django has logged the error already."""
    if request.path.startswith("/api/"):
        detail = "The server failed; the same request may be sent again."
        return JsonResponse({"code": "server_error", "detail": detail}, status=500)
    return defaults.server_error(request)
