import hashlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.issue import filing, issuing
from certificates.models import Certificate, RegisterEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate() -> Certificate:
    person = factories.PersonFactory(full_name="Đặng Thị Ý")
    return factories.filed_certificate(person=person)


@pytest.fixture
def holder(client: Client, certificate: Certificate) -> Client:
    client.force_login(factories.UserFactory(person=certificate.person))
    client.cookies["django_language"] = "en"
    return client


def address(name: str, certificate: Certificate) -> str:
    return reverse(f"certificates:{name}", args=[certificate.public_id])


def test_the_holder_finds_and_downloads_the_filed_file(
    holder: Client, certificate: Certificate
) -> None:
    issued = certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)
    listed = holder.get(reverse("certificates:mine"))
    assert str(issued.number) in listed.text
    assert address("certificate", certificate) in listed.text
    assert holder.get(address("certificate", certificate)).status_code == 200
    answer: Any = holder.get(address("download", certificate))
    assert answer.headers["Content-Type"] == "application/pdf"
    name = (issued.number or "").replace("/", "-").lower()
    assert f'filename="{name}-dang-thi-y.pdf"' in answer.headers["Content-Disposition"]
    filed = certificate.entries.get(kind=RegisterEntry.Kind.FILED)
    assert hashlib.sha256(answer.getvalue()).hexdigest() == filed.content["sha256"]


def test_before_it_is_filed_there_is_nothing_to_download(client: Client) -> None:
    certificate = factories.pending_certificate()
    client.force_login(factories.UserFactory(person=certificate.person))
    assert client.get(address("download", certificate)).status_code == 404
    assert client.get(address("certificate", certificate)).status_code == 200


def test_the_live_line_speaks_only_when_something_changed(client: Client) -> None:
    certificate = factories.pending_certificate()
    client.force_login(factories.UserFactory(person=certificate.person))
    state = address("state", certificate)
    assert client.get(state, {"seen": "pending"}).status_code == 204
    issuing.issue(certificate_id=certificate.pk, at=certificate.pending_since)
    answer = client.get(state, {"seen": "pending"})
    assert answer.status_code == 200
    assert address("certificate", certificate) in answer.text


def test_a_file_that_is_lost_is_not_there(holder: Client, certificate: Certificate) -> None:
    issued = certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)
    filing.storage().delete(filing.filed_name(issued))
    assert holder.get(address("download", certificate)).status_code == 404


def test_somebody_elses_certificate_is_not_there(client: Client, certificate: Certificate) -> None:
    for user in (factories.UserFactory(), factories.UserFactory(officer=True)):
        client.force_login(user)
        for name in ("certificate", "state", "download"):
            assert client.get(address(name, certificate)).status_code == 404
        assert str(certificate.public_id) not in client.get(reverse("certificates:mine")).text


def test_a_focal_point_sees_the_certificates_of_the_own_people(certificate: Certificate) -> None:
    visible = Certificate.objects.visible_to
    agency = certificate.person.postings.get().agency
    own = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    assert list(visible(own)) == [certificate]
    assert not visible(factories.UserFactory(focal_point=True)).exists()
    assert list(visible(factories.UserFactory(person=certificate.person))) == [certificate]
    assert list(visible(factories.UserFactory(officer=True))) == [certificate]
