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
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quizzes.models import Attempt
from tests import factories

pytestmark = pytest.mark.django_db

TOKEN = "t" * 32
OPERATIONS = {
    "/api/v1/attempts/{attempt_id}/": "GET",
    "/api/v1/attempts/{attempt_id}/answers/": "PUT",
    "/api/v1/attempts/{attempt_id}/submit/": "POST",
    "/api/v1/enrolments/{enrolment_id}/lessons/{page_id}/watching/": "POST",
    "/api/v1/quizzes/{quiz_id}/attempts/": "POST",
}


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
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            assert {"200", "400", "403", "404"} <= answers.keys()
            for status in answers.keys() - {"200"}:
                content = answers[status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert answers[status]["description"]


def test_the_refusals_by_state_are_documented(document: dict[str, Any]) -> None:
    with_conflict = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "409" in operation["responses"]
    }
    assert {
        "/api/v1/attempts/{attempt_id}/answers/",
        "/api/v1/quizzes/{quiz_id}/attempts/",
    } <= with_conflict


def test_the_documentation_page_loads_nothing_from_elsewhere(learner: Client) -> None:
    page = learner.get(reverse("docs"))
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org/", "")
    assert "https://" not in page.text


@pytest.mark.parametrize("path", OPERATIONS)
def test_whatever_is_sent_is_answered_as_documented(
    learner: Client, document: dict[str, Any], attempt: Attempt, path: str
) -> None:
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    operation = schema[path][OPERATIONS[path]]
    own = {
        "attempt_id": attempt.pk,
        "enrolment_id": attempt.enrolment_id,
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

    @settings(
        max_examples=40,
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
