"""A certificate that waits for a person tells its holder so, and is not asked about for days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certificates.issue import batching, braking, confirming, issuing, pausing
from certificates.models import Certificate, Register
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db

State = Certificate.State
POLLS = 'hx-trigger="every 2s"'
CHECKED = "An officer is checking your certificate before it is issued"
PAUSED = "The Department has paused the issue of these certificates"
CORRECTED = "The correction that you asked for is being looked at"
SIGNED = "Your certificate is with the person who signs it"


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


def braked(officer: User) -> Certificate:
    certificate = factories.pending_certificate()
    assert certificate.rule_id
    braking.pull(rule_id=certificate.rule_id, reason="Xem lại", by=officer, at=timezone.now())
    return certificate


def paused(officer: User) -> Certificate:
    rule = factories.IssuingRuleFactory(issued_when="after_review")
    run = factories.RunFactory(course=rule.course)
    enrolment = factories.EnrolmentFactory(run=run, completed=True)
    now = timezone.now()
    batch = batching.begin(run_id=run.pk, enrolment_ids=[enrolment.pk], by=officer, at=now)
    assert batch
    pausing.pause(batch_id=batch.pk, by=officer, at=now)
    return Certificate.objects.get(enrolment=enrolment)


def to_be_corrected(_officer: User) -> Certificate:
    rule = factories.IssuingRuleFactory(confirm_within=7)
    certificate = factories.pending_certificate(rule=rule)
    confirming.ask_correction(certificate_id=certificate.pk, text="Sai tên", at=timezone.now())
    return certificate


def to_be_signed(_officer: User) -> Certificate:
    register = factories.RegisterFactory(signing=Register.Signing.OUTSIDE)
    rule = factories.IssuingRuleFactory(register=register)
    certificate = factories.pending_certificate(rule=rule)
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    return certificate


def at_home(certificate: Certificate) -> Client:
    client = Client()
    client.force_login(
        User.objects.filter(person=certificate.person).first()
        or factories.UserFactory(person=certificate.person)
    )
    client.cookies["django_language"] = "en"
    return client


def ask(holder: Client, certificate: Certificate, seen: str) -> Any:
    return holder.get(reverse("certificates:state", args=[certificate.public_id]), {"seen": seen})


@pytest.mark.parametrize(
    ("situation", "words", "mark"),
    [
        (braked, CHECKED, "Being checked"),
        (paused, PAUSED, "Paused"),
        (to_be_corrected, CORRECTED, "Correction being looked at"),
        (to_be_signed, SIGNED, "Waiting for its signature"),
    ],
)
def test_each_page_says_for_whom_it_waits_and_does_not_ask_again(
    officer: User, situation: Callable[[User], Certificate], words: str, mark: str
) -> None:
    certificate = situation(officer)
    holder = at_home(certificate)
    before = certificate.state  # as a page saw it that was opened before
    pages = [
        holder.get(reverse("certificates:certificate", args=[certificate.public_id])),
        holder.get(reverse("courses:enrolment", args=[certificate.enrolment_id])),
        ask(holder, certificate, before),
    ]
    for page in pages:
        assert page.status_code == 200
        assert words in page.text
        assert "is being issued" not in page.text
        assert POLLS not in page.text
    listed = holder.get(reverse("certificates:mine")).text
    assert mark in listed
    assert '<span class="pill">Being issued</span>' not in listed


def test_what_nothing_holds_is_being_issued_and_asked_for_again() -> None:
    certificate = factories.pending_certificate()
    holder = at_home(certificate)
    page = holder.get(reverse("certificates:certificate", args=[certificate.public_id])).text
    assert "Your certificate is being issued" in page
    assert POLLS in page
    assert ask(holder, certificate, "pending").status_code == 204


def test_once_the_officer_lets_it_go_it_is_being_issued(officer: User) -> None:
    certificate = braked(officer)
    assert certificate.rule
    brake = certificate.rule.brakes.get()
    values: dict[str, Any] = {"by": officer, "at": timezone.now(), "seen_up_to": certificate.pk}
    braking.release(brake_id=brake.pk, reason="Đã xem", **values)
    page = ask(at_home(certificate), certificate, "").text
    assert "Your certificate is being issued" in page
    assert POLLS in page


def test_the_holder_is_asked_first_and_only_while_it_is_time(officer: User) -> None:
    rule = factories.IssuingRuleFactory(confirm_within=7)
    certificate = factories.pending_certificate(rule=rule)
    braking.pull(rule_id=rule.pk, reason="Xem lại", by=officer, at=timezone.now())
    address = reverse("certificates:certificate", args=[certificate.public_id])
    assert "Please check what will stand" in at_home(certificate).get(address).text
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        page = at_home(certificate).get(address).text
    assert CHECKED in page
    assert "Please check what will stand" not in page


def test_asking_again_costs_one_statement_more_than_the_certificate(officer: User) -> None:
    certificate = factories.pending_certificate()
    holder = at_home(certificate)
    ask(holder, certificate, "pending")
    with CaptureQueriesContext(connection) as captured:
        assert ask(holder, certificate, "pending").status_code == 204
    of_certificates = [
        one["sql"] for one in captured.captured_queries if "certificates_" in one["sql"]
    ]
    assert len(of_certificates) == 2, of_certificates
