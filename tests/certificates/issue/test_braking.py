"""What nobody expected waits, unnumbered, until an officer has looked and says why it may go on."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from certificates.holder import holding
from certificates.issue import braking, issuing
from certificates.models import Brake, Certificate, IssuingRule, Register, RegisterEntry
from courses.models import Course
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LATER = NOW + timedelta(minutes=1)
Cause = Brake.Cause
State = Certificate.State


@pytest.fixture
def officer() -> Any:
    return factories.UserFactory(officer=True)


def rule_expecting(number: int | None) -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory(expected_per_day=number)
    return rule


def asked_for(rule: IssuingRule, number: int) -> list[Certificate]:
    return [factories.pending_certificate(rule=rule) for _time in range(number)]


def issue_all(certificates: list[Certificate]) -> list[str]:
    """Try each, and say how far it came."""
    states = []
    for one in certificates:
        issued = issuing.issue(certificate_id=one.pk, at=timezone.now())
        assert issued is not None
        states.append(str(issued.state))
    return states


def the_brake() -> Brake:
    return Brake.objects.open().get()


def let_go(officer: Any, **more: Any) -> int:
    newest = Certificate.objects.order_by("-pk")[0].pk
    values: dict[str, Any] = {"reason": "Đã kiểm tra", "seen_up_to": newest}
    return braking.release(
        brake_id=the_brake().pk, by=officer, at=timezone.now(), **(values | more)
    )


# --- More than expected ---------------------------------------------------------------------------


def test_as_many_as_expected_are_issued_without_asking() -> None:
    assert issue_all(asked_for(rule_expecting(2), 2)) == [State.FILED] * 2
    assert not Brake.objects.exists()


def test_of_a_larger_batch_none_is_numbered_and_the_reason_is_in_words() -> None:
    certificates = asked_for(rule_expecting(2), 3)
    assert issue_all(certificates) == [State.PENDING] * 3
    brake = the_brake()
    assert (brake.cause, brake.counted, brake.expected) == (Cause.TOO_MANY, 3, 2)
    assert "3" in brake.why
    assert not RegisterEntry.objects.exists()
    assert Certificate.objects.filter(claimed_until__isnull=False).count() == 0


def test_the_sweep_leaves_who_is_braked_and_goes_on_after_the_release(officer: Any) -> None:
    asked_for(rule_expecting(1), 2)
    assert issuing.finish_unfinished(LATER) == 0
    assert issuing.finish_unfinished(LATER) == 0
    assert let_go(officer) == 2
    assert issuing.finish_unfinished(LATER) == 2
    assert not Brake.objects.open().exists()
    assert [entry.sequence for entry in RegisterEntry.objects.filter(kind="issue")] == [1, 2]


def test_other_rules_go_on(officer: Any) -> None:
    assert issue_all(asked_for(rule_expecting(0), 1)) == [State.PENDING]
    assert issue_all(asked_for(rule_expecting(None), 1)) == [State.FILED]


def test_other_days_are_counted_apart() -> None:
    rule = rule_expecting(1)
    first, second = asked_for(rule, 2)
    Certificate.objects.filter(pk=first.pk).update(pending_since=NOW - timedelta(days=20))
    assert issue_all([first, second]) == [State.FILED] * 2


def test_who_came_after_the_officer_looked_is_counted_anew(officer: Any) -> None:
    rule = rule_expecting(1)
    seen = asked_for(rule, 2)
    issue_all(seen)
    unseen = asked_for(rule, 2)
    assert let_go(officer, seen_up_to=seen[-1].pk) == 2
    assert issue_all([*seen, *unseen]) == [State.FILED] * 2 + [State.PENDING] * 2
    assert the_brake().counted == 2


def test_a_paper_is_dated_when_it_was_let_go(officer: Any) -> None:
    rule = rule_expecting(0)
    (certificate,) = asked_for(rule, 1)
    issue_all([certificate])
    braking.release(
        brake_id=the_brake().pk,
        reason="Đúng",
        by=officer,
        at=NOW + timedelta(days=3),
        seen_up_to=certificate.pk,
    )
    issue_all([certificate])
    entry = certificate.entries.get(kind="issue")
    assert entry.content["issued_on"] == timezone.localdate(NOW + timedelta(days=3)).isoformat()


# --- A rule that was changed ----------------------------------------------------------------------


def test_the_first_certificate_of_a_rule_needs_nobody() -> None:
    rule = rule_expecting(None)
    Register.objects.filter(pk=rule.register_id).update(signer_name="Lê Thị Mới")
    assert issue_all(asked_for(rule, 1)) == [State.FILED]


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        (Register, "signer_name", "Lê Thị Mới"),
        (Register, "number_format", "{sequence:05d}/{year}/ĐGVNB"),
        (IssuingRule, "printed_title", "Khóa khác"),
        (Course, "hours", 40),
    ],
)
def test_what_every_paper_says_otherwise_since_the_last_one_stops(
    officer: Any, model: Any, name: str, value: Any
) -> None:
    rule = rule_expecting(None)
    issue_all(asked_for(rule, 1))
    model.objects.update(**{name: value})
    certificates = asked_for(rule, 2)
    assert issue_all(certificates) == [State.PENDING] * 2
    brake = the_brake()
    assert brake.cause == Cause.CHANGED
    ((_what, _before, now),) = braking.changes(brake)
    assert now == value
    let_go(officer)
    assert issue_all(certificates) == [State.FILED] * 2
    assert issue_all(asked_for(rule, 1)) == [State.FILED]


def test_a_release_accepts_what_was_shown_and_nothing_that_was_changed_since(officer: Any) -> None:
    rule = rule_expecting(None)
    issue_all(asked_for(rule, 1))
    IssuingRule.objects.update(result="Giỏi")
    certificates = asked_for(rule, 1)
    issue_all(certificates)
    IssuingRule.objects.update(result="Xuất sắc")
    let_go(officer)
    assert issue_all(certificates) == [State.PENDING]
    assert [now for _what, _before, now in braking.changes(the_brake())] == ["Xuất sắc"]


def test_what_differs_from_one_holder_to_the_next_stops_nothing() -> None:
    rule = rule_expecting(None)
    run = factories.RunFactory(course=rule.course)
    first = factories.pending_certificate(rule=rule)
    second = factories.pending_certificate(rule=rule, run=run)
    assert issue_all([first, second]) == [State.FILED] * 2


# --- By hand, and letting go ----------------------------------------------------------------------


def test_an_officer_stops_a_rule_by_hand_once(officer: Any) -> None:
    rule = rule_expecting(None)
    brake = braking.pull(rule_id=rule.pk, reason="Chờ quyết định", by=officer, at=NOW)
    assert braking.pull(rule_id=rule.pk, reason="Nữa", by=officer, at=NOW) == brake
    certificates = asked_for(rule, 1)
    assert issue_all(certificates) == [State.PENDING]
    assert "Chờ quyết định" in brake.why
    let_go(officer)
    assert issue_all(certificates) == [State.FILED]


def test_who_is_taken_out_gets_none_with_a_reason_until_asked_for_again(officer: Any) -> None:
    rule = rule_expecting(1)
    out, goes = asked_for(rule, 2)
    issue_all([out])
    assert let_go(officer, taken_out=[out.pk], reason="Thi hộ") == 1
    assert issue_all([out, goes]) == [State.REFUSED, State.FILED]
    assert issuing.finish_unfinished(LATER) == 0
    out.refresh_from_db()
    assert (out.refusal, out.refused_by) == ("Thi hộ", officer)
    assert "Thi hộ" in holding.live_line(certificate=out).detail
    assert out.enrolment is not None
    assert holding.consequences([out.enrolment]) == []
    assert braking.take_back_in(certificate_id=out.pk, at=NOW)
    assert not braking.take_back_in(certificate_id=goes.pk, at=NOW)
    IssuingRule.objects.update(expected_per_day=None)
    assert issue_all([out]) == [State.FILED]


def test_nobody_releases_without_a_reason_or_twice(officer: Any) -> None:
    issue_all(asked_for(rule_expecting(0), 1))
    brake = the_brake()
    with pytest.raises(braking.NotReleased):
        let_go(officer, reason="  ")
    let_go(officer)
    with pytest.raises(braking.NotReleased):
        braking.release(brake_id=brake.pk, reason="Lại", by=officer, at=NOW, seen_up_to=99)
    brake.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Brake.objects.filter(pk=brake.pk).update(release_reason="")


@pytest.mark.django_db(transaction=True)
def test_nothing_slips_through_while_many_are_numbered_at_once() -> None:
    certificates = asked_for(rule_expecting(3), 6)
    answers = together([partial(issue_all, [one]) for one in certificates])
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert not RegisterEntry.objects.exists()
    assert Brake.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_one_releases() -> None:
    issue_all(asked_for(rule_expecting(0), 1))
    brake = the_brake()
    newest = Certificate.objects.order_by("-pk")[0].pk
    officers = [factories.UserFactory(officer=True) for _time in range(2)]
    answers = together(
        [
            partial(
                braking.release, brake_id=brake.pk, reason="Đúng", by=one, at=NOW, seen_up_to=newest
            )
            for one in officers
        ]
    )
    assert sorted(type(one).__name__ for one in answers) == ["NotReleased", "int"]


# --- Pages ----------------------------------------------------------------------------------------


def test_the_page_shows_who_and_why_and_releases(officer: Any) -> None:
    out, goes = certificates = asked_for(rule_expecting(1), 2)
    issue_all(certificates)
    client = at_work(officer)
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    address = reverse("brakes:inspect", args=[the_brake().pk])
    assert address in home
    assert "2 certificates are braked" in home
    page = client.get(address)
    assert all(str(one.person) in page.content.decode() for one in certificates)
    posted = {
        "reason": "Đã kiểm tra",
        "seen_up_to": page.context["seen_up_to"],
        "taken_out": out.pk,
    }
    assert "1 certificate goes on" in said(
        client.post(reverse("brakes:release", args=[the_brake().pk]), posted, follow=True)
    )
    assert str(out.person) in client.get(address).content.decode()
    assert issue_all([out, goes]) == [State.REFUSED, State.FILED]
    client.post(reverse("brakes:take_back_in", args=[out.pk]))
    out.refresh_from_db()
    assert out.state == State.PENDING


def test_a_rule_is_stopped_by_hand_on_a_page(officer: Any) -> None:
    rule = rule_expecting(None)
    client = at_work(officer)
    posted = {"rule": rule.pk, "reason": "Chờ quyết định"}
    assert client.post(reverse("brakes:add"), posted).status_code == 302
    assert the_brake().pulled_by == officer
    assert (
        reverse("brakes:inspect", args=[the_brake().pk])
        in client.get(reverse("brakes:index")).content.decode()
    )


def test_trainers_and_focal_points_release_nothing() -> None:
    issue_all(asked_for(rule_expecting(0), 1))
    for user in (
        factories.UserFactory(trainer=True),
        factories.UserFactory(focal_point=True),
    ):
        answer = at_work(user).post(
            reverse("brakes:release", args=[the_brake().pk]), {"reason": "x", "seen_up_to": 9}
        )
        assert answer.status_code in (302, 404)
    assert the_brake().is_open
