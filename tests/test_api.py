"""The API keeps what its OpenAPI document says, whatever it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from certificates.look_up.throttling import LookUpThrottle
from courses.attendance.throttling import CheckInThrottle
from quizzes import attempts
from quizzes.models import Attempt
from tests import factories

pytestmark = pytest.mark.django_db

TOKEN = "t" * 32
OPERATIONS = {
    "/api/v1/attempts/{attempt_id}/": "GET",
    "/api/v1/attempts/{attempt_id}/answers/": "PUT",
    "/api/v1/attempts/{attempt_id}/result/": "GET",
    "/api/v1/attempts/{attempt_id}/review/": "GET",
    "/api/v1/attempts/{attempt_id}/submit/": "POST",
    "/api/v1/certificates/look-up/": "POST",
    "/api/v1/enrolments/{enrolment_id}/lessons/{page_id}/watching/": "POST",
    "/api/v1/enrolments/{enrolment_id}/meetings/{meeting_id}/check-in/": "POST",
    "/api/v1/quizzes/": "GET",
    "/api/v1/quizzes/{quiz_id}/attempts/": "POST",
}
# What anyone may ask, and what a programme with a token of the person's.
PUBLIC = ["/api/v1/certificates/look-up/"]
PERSONAL = [path for path in OPERATIONS if "/enrolments/" not in path and path not in PUBLIC]


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting()


@pytest.fixture
def learner(client: Client, attempt: Attempt) -> Client:
    client.force_login(factories.UserFactory(person=attempt.enrolment.person))
    return client


@contextmanager
def one_transaction() -> Iterator[None]:
    """Requests leave the connection open, as in Django's test client; all is undone afterwards."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def document(learner: Client) -> dict[str, Any]:
    answer = learner.get(reverse("schema"), {"format": "json"})
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def test_the_document_describes_every_operation_and_nothing_of_the_admin(
    document: dict[str, Any],
) -> None:
    described = {
        path: [method.upper() for method in operations]
        for path, operations in document["paths"].items()
    }
    assert described == {path: [method] for path, method in OPERATIONS.items()}


def test_every_operation_documents_its_errors_in_one_shape(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            assert {"200", "404", "406"} <= answers.keys()
            assert ("403" in answers) == (path not in PUBLIC)
            if "requestBody" in operation:
                assert {"400", "413", "415"} <= answers.keys()
            for status in answers.keys() - {"200"}:
                content = answers[status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert answers[status]["description"]


def test_what_listens_to_a_token_says_so_and_when_it_does_not(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            listens = {"personalToken": []} in operation.get("security", [])
            assert listens == (path in PERSONAL)
            assert ({"401", "429"} <= operation["responses"].keys()) == listens


def test_what_anyone_may_ask_wants_no_log_in_and_is_limited(document: dict[str, Any]) -> None:
    for path in PUBLIC:
        (operation,) = document["paths"][path].values()
        assert operation.get("security", [{}]) in ([], [{}])
        assert "401" not in operation["responses"]
        assert "429" in operation["responses"]


def test_the_refusals_by_state_are_documented(document: dict[str, Any]) -> None:
    with_conflict = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "409" in operation["responses"]
    }
    assert {
        "/api/v1/attempts/{attempt_id}/result/",
        "/api/v1/attempts/{attempt_id}/review/",
        "/api/v1/quizzes/{quiz_id}/attempts/",
    } <= with_conflict


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v1/attempts/x/", "/api/"])
def test_an_address_that_never_was_is_answered_in_the_shape_of_all_errors(
    client: Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.json().keys() == {"code", "detail"}


def test_a_failure_of_the_server_is_answered_in_the_shape_of_all_errors(
    learner: Client, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quizzes.papers.slots", lambda _attempt: 1 / 0)
    learner.raise_request_exception = False
    answer = learner.get(reverse("api:attempt", args=[attempt.pk]))
    assert answer.status_code == 500
    assert answer.json().keys() == {"code", "detail"}
    assert answer.json()["code"] == "server_error"


def test_who_takes_no_json_is_told_so_in_json(learner: Client, attempt: Attempt) -> None:
    address = reverse("api:attempt", args=[attempt.pk])
    answer = learner.get(address, headers={"Accept": "text/xml"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_the_documentation_page_loads_nothing_from_elsewhere(learner: Client) -> None:
    page = learner.get(reverse("docs"))
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org/", "")
    assert "https://" not in page.text


@pytest.mark.parametrize(
    ("path", "submitted"),
    [(path, False) for path in OPERATIONS]
    + [(path, True) for path in OPERATIONS if "{attempt_id}" in path],
)
def test_whatever_is_sent_is_answered_as_documented(
    learner: Client,
    document: dict[str, Any],
    attempt: Attempt,
    path: str,
    submitted: bool,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if submitted:
        attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    monkeypatch.setattr(CheckInThrottle, "rate", "10000/hour")
    monkeypatch.setattr(LookUpThrottle, "rate", "10000/min", raising=False)
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "10000/min")
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    operation = schema[path][OPERATIONS[path]]
    own = {
        "attempt_id": attempt.pk,
        "enrolment_id": attempt.enrolment_id,
        "meeting_id": factories.meeting(attempt.enrolment.run).pk,
        "page_id": factories.lessons_of(attempt.enrolment.run.course)[0].pk,
        "quiz_id": attempt.quiz_id,
    }
    cookies = {name: morsel.value for name, morsel in learner.cookies.items()}
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]

    @hypothesis_settings(
        max_examples=20,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.path_parameters = {name: own[name] for name in case.path_parameters}
        with one_transaction():
            answer = case.call_and_validate(
                cookies=cookies | {"csrftoken": TOKEN},
                headers={"X-CSRFToken": TOKEN},
                checks=checks,
            )
        assert answer.status_code != 403  # the learner is known, and the token is right

    send()
