"""What was issued and is no longer supported: a person decides, once."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks

from courses.conflicts import DecisionRefused, resolve
from courses.models import Enrolment, EvidenceConflict
from people.models import User
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def conflict() -> EvidenceConflict:
    """Somebody completed, and the result was then corrected to not passed."""
    enrolment = factories.EnrolmentFactory(watched=True)
    now = timezone.now()
    Enrolment.objects.filter(pk=enrolment.pk).update(participated_at=now, completed_at=now)
    return EvidenceConflict.objects.create(
        enrolment=enrolment, event="completed", found_at=now, resting=["Giấy chứng nhận số 1"]
    )


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


def test_what_rests_on_it_goes_on_standing_when_it_is_decided(officer: User) -> None:
    found = conflict()
    with hooks.register_temporarily("describe_consequences", lambda rows: ["Số 1"]):
        decided = resolve(
            conflict_id=found.pk, decision=" Giữ nguyên theo biên bản ", by=officer, at=NOW
        )
    assert (decided.resolved_by, decided.resolved_at) == (officer, NOW)
    assert decided.resolution == "Giữ nguyên theo biên bản"
    assert Enrolment.objects.get(pk=found.enrolment_id).completed_at


def test_where_nothing_rests_on_it_any_more_the_evidence_takes_effect(officer: User) -> None:
    found = conflict()
    resolve(conflict_id=found.pk, decision="Đã thu hồi giấy chứng nhận", by=officer, at=NOW)
    enrolment = Enrolment.objects.get(pk=found.enrolment_id)
    assert enrolment.completed_at is None
    assert enrolment.participated_at


def test_a_decision_needs_words(officer: User) -> None:
    found = conflict()
    with pytest.raises(DecisionRefused):
        resolve(conflict_id=found.pk, decision="  ", by=officer, at=NOW)
    found.refresh_from_db()
    assert found.resolved_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_the_first_stands() -> None:
    found = conflict()
    officers = factories.UserFactory.create_batch(3, officer=True)
    answers: Any = together(
        [
            lambda by=by: resolve(conflict_id=found.pk, decision=by.username, by=by, at=NOW)  # type: ignore[misc]
            for by in officers
        ]
    )
    found.refresh_from_db()
    assert {one.resolution for one in answers} == {found.resolution}
    assert found.resolved_by is not None
    assert found.resolution == found.resolved_by.username


def test_an_officer_finds_it_on_the_home_page_and_decides(officer: User) -> None:
    found = conflict()
    client = at_work(officer)
    name = str(found.enrolment.person)
    assert name in client.get(reverse("wagtailadmin_home")).content.decode()
    listed = client.get(reverse("conflicts:index"), {"open": "yes"})
    assert list(listed.context["object_list"]) == [found]
    page = client.get(reverse("conflicts:inspect", args=[found.pk])).content.decode()
    assert "Giấy chứng nhận số 1" in page
    address = reverse("conflicts:decide", args=[found.pk])
    assert client.get(address).status_code == 200
    for wrong in ("", "   ", "x" * 2001):
        assert client.post(address, {"decision": wrong}).context["form"].errors
    assert "kept" in said(client.post(address, {"decision": "Đã thu hồi"}, follow=True))
    assert "before" in said(client.post(address, {"decision": "Khác"}, follow=True))
    assert client.get(address).status_code == 302
    assert list(client.get(reverse("conflicts:index"), {"open": "no"}).context["object_list"]) == [
        found
    ]
    assert name not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_nobody_else_decides() -> None:
    found = conflict()
    trainer = at_work(factories.UserFactory(trainer=True))
    for view, args in (("index", []), ("inspect", [found.pk]), ("decide", [found.pk])):
        assert trainer.get(reverse(f"conflicts:{view}", args=args)).status_code == 302
    trainer.post(reverse("conflicts:decide", args=[found.pk]), {"decision": "Giữ"})
    found.refresh_from_db()
    assert found.resolved_at is None
