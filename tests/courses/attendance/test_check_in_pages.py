"""Checking in by the page, by the address of the QR, and by the API."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.attendance import codes
from courses.models import Attendance, Enrolment, Session
from people.models import User
from tests import factories
from tests.staff import at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return factories.meeting(factories.RunFactory())


@pytest.fixture
def learner(session: Session) -> User:
    user: User = factories.UserFactory()
    factories.EnrolmentFactory(run=session.run, person=user.person)
    return user


def code_of(session: Session, at: datetime | None = None) -> str:
    return codes.code_at(secret=session.secret, at=at or timezone.now())


def page(session: Session) -> str:
    return reverse("courses:check_in", args=[session.pk])


def opened(session: Session, code: str) -> str:
    return reverse("courses:check_in_code", args=[session.pk, code])


def wrong_code(session: Session) -> str:
    return f"{(int(code_of(session)) + 1) % 10**6:06}"


def test_typing_the_six_digits_checks_in(session: Session, learner: User) -> None:
    client = at_work(learner)
    assert "The six digits" in client.get(page(session)).content.decode()
    code = code_of(session)
    response = client.post(page(session), {"code": f" {code[:3]} {code[3:]}"}, follow=True)
    assert "You are entered as present" in response.content.decode()
    assert Attendance.objects.get().present


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "1" * 5000])
def test_what_is_no_code_is_said_and_nothing_is_entered(
    session: Session, learner: User, code: str
) -> None:
    response = at_work(learner).post(page(session), {"code": code})
    assert response.status_code == 400
    assert "six digits" in response.content.decode()
    assert not Attendance.objects.exists()


def test_a_wrong_code_is_said_and_nothing_is_entered(session: Session, learner: User) -> None:
    response = at_work(learner).post(page(session), {"code": wrong_code(session)})
    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()
    assert not Attendance.objects.exists()


def test_opening_the_qr_enters_nothing_until_one_presses(session: Session, learner: User) -> None:
    client = at_work(learner)
    code = code_of(session)
    shown = client.get(opened(session, code)).content.decode()
    assert f'value="{code}"' in shown
    assert not Attendance.objects.exists()
    assert client.post(opened(session, code)).status_code == 405
    client.post(page(session), {"code": code})
    assert Attendance.objects.get().present


def test_who_has_to_log_in_first_has_time_for_it(session: Session, learner: User) -> None:
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(session)
        answer = client.get(opened(session, code))
        assert answer.status_code == 302
        assert f"next={opened(session, code)}" in answer.headers["Location"]
        clock.shift(timedelta(minutes=3))
        client.force_login(learner)
        client.get(opened(session, code))
        client.post(page(session), {"code": code})
    entry = Attendance.objects.get()
    assert entry.code_at
    assert (entry.label, entry.entered_at - entry.code_at) == ("", timedelta(minutes=3))


def test_the_time_to_press_ends(session: Session, learner: User) -> None:
    client = at_work(learner)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(session)
        client.get(opened(session, code))
        clock.shift(timedelta(minutes=5, seconds=1))
        assert client.post(page(session), {"code": code}).status_code == 409
    assert not Attendance.objects.exists()


def test_an_address_handed_on_is_dead_within_a_minute(session: Session, learner: User) -> None:
    friend = at_work(learner)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(session)
        Client().get(opened(session, code))
        clock.shift(timedelta(minutes=1))
        friend.get(opened(session, code))
        assert friend.post(page(session), {"code": code}).status_code == 409
    assert not Attendance.objects.exists()


def test_a_forged_cookie_is_no_proof(session: Session, learner: User) -> None:
    client = at_work(learner)
    now = timezone.now()
    old = code_of(session, now - timedelta(minutes=3))
    for forged in ("x", json.dumps([session.pk, old, now.timestamp() - 180])):
        client.cookies["check-in"] = forged
        assert client.post(page(session), {"code": old}).status_code == 409


def test_guessing_is_throttled_for_each_person(session: Session, learner: User) -> None:
    client = at_work(learner)
    tries = [client.post(page(session), {"code": wrong_code(session)}) for _n in range(21)]
    assert [one.status_code for one in tries] == [409] * 20 + [429]
    assert client.post(page(session), {"code": code_of(session)}).status_code == 429
    assert api(client, session, learner, code=code_of(session)).status_code == 429
    other = factories.UserFactory()
    factories.EnrolmentFactory(run=session.run, person=other.person)
    assert at_work(other).post(page(session), {"code": code_of(session)}).status_code == 302


def test_somebody_who_is_not_enrolled_is_told_so(session: Session) -> None:
    stranger = at_work(factories.UserFactory())
    for address in (page(session), opened(session, code_of(session)), "/diem-danh/99999999999/"):
        response = stranger.get(address)
        assert response.status_code == 404
        assert session.title not in response.content.decode()
    assert stranger.post(page(session), {"code": code_of(session)}).status_code == 404
    assert not Attendance.objects.exists()


def test_who_has_withdrawn_does_not_check_in(session: Session, learner: User) -> None:
    Enrolment.objects.update(withdrawn_at=timezone.now())
    response = at_work(learner).post(page(session), {"code": code_of(session)})
    assert response.status_code == 404


def test_the_short_address_leads_to_the_meeting_that_is_open(
    session: Session, learner: User
) -> None:
    client = at_work(learner)
    short = reverse("courses:meetings_now")
    assert client.get(short).headers["Location"] == page(session)
    second = factories.meeting(session.run)
    listed = client.get(short).content.decode()
    assert session.title in listed
    assert second.title in listed
    Session.objects.update(cancelled_at=timezone.now())
    assert "No class meeting of yours is open now" in client.get(short).content.decode()


@pytest.mark.parametrize(
    ("starts_in", "said"), [(600, "One can check in from"), (-300, "The check-in is over")]
)
def test_before_and_after_there_is_nothing_to_press(starts_in: float, said: str) -> None:
    session = factories.meeting(factories.RunFactory(), starts_in=starts_in)
    user = factories.UserFactory()
    factories.EnrolmentFactory(run=session.run, person=user.person)
    shown = at_work(user).get(page(session)).content.decode()
    assert said in shown
    assert 'name="code"' not in shown


def test_the_page_of_the_run_shows_the_meetings(session: Session, learner: User) -> None:
    enrolment = Enrolment.objects.get()
    factories.meeting(session.run, starts_in=3000)
    client = at_work(learner)
    shown = client.get(reverse("courses:enrolment", args=[enrolment.pk])).content.decode()
    assert page(session) in shown
    assert "Hội trường A" in shown
    assert reverse("courses:calendar", args=[enrolment.pk]) in shown
    client.post(page(session), {"code": code_of(session)})
    shown = client.get(reverse("courses:enrolment", args=[enrolment.pk])).content.decode()
    assert "Present" in shown


# --- The API, for the script that keeps a code while there is no line -----------------------------


def api(client: Client, session: Session, user: User, **content: Any) -> Any:
    enrolment = Enrolment.objects.filter(person=user.person_id, run=session.run_id).first()
    address = reverse("api:check_in", args=[enrolment.pk if enrolment else 0, session.pk])
    return client.post(address, json.dumps(content), content_type="application/json")


def test_the_api_checks_in(session: Session, learner: User) -> None:
    client = at_work(learner)
    answer = api(client, session, learner, code=code_of(session))
    again = api(client, session, learner, code="000000")
    assert (answer.status_code, answer.json()["delayed"]) == (200, False)
    assert again.json() == answer.json()
    assert Attendance.objects.count() == 1


def test_a_code_kept_on_a_device_is_taken_as_delayed(session: Session, learner: User) -> None:
    taken = timezone.now() - timedelta(minutes=10)
    answer = api(
        at_work(learner),
        session,
        learner,
        code=code_of(session, taken),
        taken_at=taken.isoformat(),
    )
    assert (answer.status_code, answer.json()["delayed"]) == (200, True)
    assert Attendance.objects.get().code_at == taken


def test_a_code_opened_by_the_qr_is_judged_by_the_server_s_own_time(
    session: Session, learner: User
) -> None:
    client = at_work(learner)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(session)
        client.get(opened(session, code))
        clock.shift(timedelta(minutes=2))
        assert api(client, session, learner, code=code).json()["delayed"] is False


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({}, 400),
        ({"code": ""}, 400),
        ({"code": "12345\n6"}, 400),
        ({"code": "123456\n"}, 409),
        ({"code": ["123456"]}, 400),
        ({"code": "123456", "taken_at": "yesterday"}, 400),
        ({"code": "123456", "taken_at": "9999-12-31T23:59:59+00:00"}, 400),
        ({"code": "123456", "taken_at": "0001-01-02T00:00:00+00:00"}, 409),
        ({"code": "123456"}, 409),
    ],
)
def test_the_api_refuses_what_it_cannot_use(
    session: Session, learner: User, content: dict[str, Any], status: int
) -> None:
    if codes.is_right(secret=session.secret, code="123456", at=timezone.now()):
        pytest.skip("the one code in half a million")
    answer = api(at_work(learner), session, learner, **content)
    assert answer.status_code == status
    assert set(answer.json()) >= {"code", "detail"}
    assert not Attendance.objects.exists()


def test_the_api_knows_only_ones_own_enrolments(session: Session, learner: User) -> None:
    stranger = at_work(factories.UserFactory())
    assert api(stranger, session, learner, code=code_of(session)).status_code == 404
    foreign = factories.meeting(factories.RunFactory())
    own = Enrolment.objects.get(person=learner.person_id)
    address = reverse("api:check_in", args=[own.pk, foreign.pk])
    content = json.dumps({"code": code_of(foreign)})
    answer = at_work(learner).post(address, content, content_type="application/json")
    assert answer.status_code == 404
