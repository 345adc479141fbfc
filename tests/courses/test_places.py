"""Approval, the waiting list, withdrawal and transfer."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Level
from courses import seating
from courses.amending import amend_run
from courses.approving import approve, refuse
from courses.correspondence.telling import tell_decided
from courses.enrolling import Asked, Enrolled, EnrolmentRefused, ask, enrol, enrol_many
from courses.models import (
    CourseRun,
    Enrolment,
    EnrolmentEvent,
    EnrolmentRequest,
    Invitation,
)
from courses.running import close_run
from courses.waiting import fill_seats, own_lines, take_back
from courses.withdrawing import transfer, withdraw
from jobs.models import Mail
from people.models import Person, Posting, User
from tests import factories
from tests.staff import at_work
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
State = EnrolmentRequest.State
Kind = EnrolmentEvent.Kind


@pytest.fixture(autouse=True)
def english() -> object:
    with translation.override("en"):
        yield


def run_with(**values: Any) -> CourseRun:
    """An open run with these values; as the run's editor leaves it."""
    run = factories.RunFactory()
    CourseRun.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()
    return run


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def focal_point_of(person: Person) -> User:
    agency = person.agency(on=timezone.localdate())
    user: User = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    return user


def asked(run: CourseRun, at: Any = NOW, **values: Any) -> EnrolmentRequest:
    answer = ask(person=factories.PersonFactory(), run_id=run.pk, at=at, **values)
    assert isinstance(answer, Asked)
    return answer.request


def state_of(request: EnrolmentRequest) -> str:
    request.refresh_from_db()
    return request.state


# --- Who may enter --------------------------------------------------------------------------------


def test_a_run_for_certain_agencies_takes_their_people_only() -> None:
    run = run_with(open_to=CourseRun.OpenTo.AGENCIES)
    inside, outside = factories.PersonFactory.create_batch(2)
    run.agencies.add(inside.agency(on=timezone.localdate()))
    assert enrol(person=inside, run_id=run.pk, at=NOW).created
    with pytest.raises(EnrolmentRefused, match="not open to the people"):
        enrol(person=outside, run_id=run.pk, at=NOW)


def test_a_run_for_a_level_goes_by_the_agency_of_that_day() -> None:
    run = run_with(open_to=CourseRun.OpenTo.LEVELS, levels=[Level.PROVINCE])
    department = factories.AgencyFactory(level=Level.PROVINCE)
    person = factories.PersonFactory(agency=department)
    assert enrol(person=person, run_id=run.pk, at=NOW).created
    with pytest.raises(EnrolmentRefused, match="not open to the people"):
        enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW)
    before_joining = factories.PersonFactory(
        agency=department, joined_on=timezone.localdate() + timedelta(days=1)
    )
    with pytest.raises(EnrolmentRefused, match="not open to the people"):
        enrol(person=before_joining, run_id=run.pk, at=NOW)


def test_a_run_by_invitation_takes_those_invited() -> None:
    run = run_with(open_to=CourseRun.OpenTo.INVITED)
    guest, other = factories.PersonFactory.create_batch(2)
    Invitation.objects.create(run=run, person=guest, invited_at=NOW)
    assert enrol(person=guest, run_id=run.pk, at=NOW).created
    with pytest.raises(EnrolmentRefused, match="not open to the people"):
        enrol(person=other, run_id=run.pk, at=NOW)


def test_staff_enrol_past_the_audience_and_the_approval_but_not_past_the_deadline() -> None:
    run = run_with(open_to=CourseRun.OpenTo.INVITED, needs_approval=True)
    person = factories.PersonFactory()
    answer = enrol(person=person, run_id=run.pk, at=NOW, by=focal_point_of(person))
    assert answer.created
    CourseRun.objects.filter(pk=run.pk).update(enrol_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(EnrolmentRefused, match="last day of enrolment"):
        enrol(
            person=factories.PersonFactory(),
            run_id=run.pk,
            at=NOW,
            by=factories.UserFactory(officer=True),
        )


def test_a_focal_point_of_another_agency_and_a_trainer_enrol_nobody() -> None:
    run = factories.RunFactory()
    for stranger in (factories.UserFactory(focal_point=True), factories.UserFactory(trainer=True)):
        with pytest.raises(EnrolmentRefused, match="Only DOST officers and the focal point"):
            enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW, by=stranger)


# --- Approval -------------------------------------------------------------------------------------


def test_who_needs_approval_asks_once_and_is_enrolled_when_it_is_given() -> None:
    run = run_with(needs_approval=True)
    person = factories.PersonFactory()
    with pytest.raises(EnrolmentRefused, match="has to approve"):
        enrol(person=person, run_id=run.pk, at=NOW)
    first = ask(person=person, run_id=run.pk, at=NOW)
    again = ask(person=person, run_id=run.pk, at=NOW + minutes(1))
    assert isinstance(first, Asked)
    assert isinstance(again, Asked)
    assert (first.created, again.created) == (True, False)
    assert first.request == again.request
    by = focal_point_of(person)
    assert approve(request_id=first.request.pk, at=NOW + minutes(2), by=by).state == State.ENROLLED
    approve(request_id=first.request.pk, at=NOW + minutes(3), by=by)
    enrolment = Enrolment.objects.get()
    assert (enrolment.person, enrolment.enrolled_by) == (person, by)
    assert enrolment.enrolled_at == NOW + minutes(2)


def test_a_refusal_has_a_reason_that_the_person_reads_and_may_ask_again_after() -> None:
    run = run_with(needs_approval=True)
    request = asked(run)
    by = focal_point_of(request.person)
    with pytest.raises(EnrolmentRefused, match="reason"):
        refuse(request_id=request.pk, at=NOW, by=by, reason=" ")
    refuse(request_id=request.pk, at=NOW, by=by, reason="Đợt sau")
    (line,) = own_lines(person_id=request.person_id)
    assert (line.request.state, line.request.reason) == (State.REFUSED, "Đợt sau")
    assert approve(request_id=request.pk, at=NOW, by=by).state == State.REFUSED
    again = ask(person=request.person, run_id=run.pk, at=NOW + minutes(1))
    assert isinstance(again, Asked)
    assert again.request != request
    assert len(own_lines(person_id=request.person_id)) == 1


def test_an_approval_does_not_cost_the_place_in_the_queue() -> None:
    run = run_with(needs_approval=True, capacity=1)
    sitting = factories.EnrolmentFactory(run=run_with(), person=factories.PersonFactory())
    enrol(person=sitting.person, run_id=run.pk, at=NOW, by=factories.UserFactory(officer=True))
    first, second = asked(run, NOW), asked(run, NOW + minutes(1))
    by = factories.UserFactory(officer=True)
    approve(request_id=second.pk, at=NOW + minutes(2), by=by)
    approve(request_id=first.pk, at=NOW + minutes(3), by=by)
    for request in (first, second):
        request.refresh_from_db()
    assert (seating.place_in_queue(first), seating.place_in_queue(second)) == (1, 2)
    withdraw(enrolment_id=run.enrolments.get().pk, at=NOW + minutes(4))
    assert (state_of(first), state_of(second)) == (State.ENROLLED, State.WAITING)


def test_who_asked_before_the_approval_was_lifted_comes_before_who_asks_after() -> None:
    run = run_with(needs_approval=True, capacity=1)
    early, late = factories.PersonFactory.create_batch(2)
    ask(person=early, run_id=run.pk, at=NOW)
    lifted = {"needs_approval": False}
    amend_run(run_id=run.pk, changes=lifted, by=None, reason="Đủ chỗ", at=NOW + minutes(1))
    assert isinstance(ask(person=late, run_id=run.pk, at=NOW + minutes(2)), Asked)
    assert isinstance(ask(person=early, run_id=run.pk, at=NOW + minutes(3)), Enrolled)


def test_nothing_is_approved_into_a_closed_run() -> None:
    run = run_with(needs_approval=True)
    request = asked(run)
    close_run(run_id=run.pk, at=NOW)
    approve(request_id=request.pk, at=NOW, by=factories.UserFactory(officer=True))
    assert state_of(request) == State.REFUSED
    assert not run.enrolments.exists()


def test_nothing_is_approved_into_a_run_that_is_over() -> None:
    run = run_with(needs_approval=True)
    request = asked(run)
    over = NOW + timedelta(days=400)
    with pytest.raises(EnrolmentRefused, match="not open"):
        approve(request_id=request.pk, at=over, by=factories.UserFactory(officer=True))
    assert state_of(request) == State.ASKED


def test_a_focal_point_who_enrols_whom_waits_for_approval_answers_the_request() -> None:
    run = run_with(needs_approval=True)
    request = asked(run)
    by = focal_point_of(request.person)
    assert enrol(person=request.person, run_id=run.pk, at=NOW, by=by).created
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.ENROLLED, by)


# --- The waiting list -----------------------------------------------------------------------------


def test_who_waits_longest_gets_the_seat_that_frees() -> None:
    run = run_with(capacity=1)
    seated = enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW).enrolment
    late, early = asked(run, NOW + minutes(2)), asked(run, NOW + minutes(1))
    assert [one.place for one in own_lines(person_id=late.person_id)] == [2]
    withdraw(enrolment_id=seated.pk, at=NOW + minutes(3))
    assert (state_of(early), state_of(late)) == (State.ENROLLED, State.WAITING)
    assert Enrolment.objects.get(person=early.person_id).enrolled_at == NOW + minutes(3)
    assert [one.place for one in own_lines(person_id=late.person_id)] == [1]
    assert own_lines(person_id=early.person_id) == []


def test_more_seats_take_in_those_who_wait_at_once() -> None:
    run = run_with(capacity=1)
    enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW)
    requests = [asked(run, NOW + minutes(number)) for number in range(3)]
    CourseRun.objects.filter(pk=run.pk).update(capacity=3)
    fill_seats(run_id=run.pk, at=NOW + minutes(9))
    assert [state_of(one) for one in requests] == [State.ENROLLED, State.ENROLLED, State.WAITING]
    CourseRun.objects.filter(pk=run.pk).update(capacity=None)
    fill_seats(run_id=run.pk, at=NOW + minutes(9))
    assert state_of(requests[2]) == State.ENROLLED


def test_staff_who_enrol_in_a_full_run_are_told_that_the_person_waits() -> None:
    run = run_with(capacity=1)
    by = factories.UserFactory(officer=True)
    people = factories.PersonFactory.create_batch(2)
    ids = [person.pk for person in people]
    answers = enrol_many(run_id=run.pk, person_ids=ids, at=NOW, by=by)
    assert [type(one) for one in answers.values()] == [Enrolled, Asked]
    assert list(answers) == ids
    again = enrol_many(run_id=run.pk, person_ids=[*ids, *ids], at=NOW, by=by)
    assert [one.created for one in again.values()] == [False, False]  # type: ignore[union-attr]


def test_what_is_taken_back_waits_no_more_and_what_is_decided_stays() -> None:
    run = run_with(capacity=1)
    enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW)
    request = asked(run)
    take_back(request_id=request.pk, at=NOW, by=None)
    assert state_of(request) == State.CANCELLED
    refused = asked(run)
    refuse(request_id=refused.pk, at=NOW, by=None, reason="x")
    assert take_back(request_id=refused.pk, at=NOW, by=None).state == State.REFUSED
    assert own_lines(person_id=request.person_id) == []


Step = st.tuples(st.sampled_from(["ask", "withdraw", "approve", "seats"]), st.integers(0, 5))


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=st.lists(Step, min_size=3, max_size=25), needs_approval=st.booleans())
def test_in_any_order_of_events_seats_go_to_those_who_asked_first(
    steps: list[tuple[str, int]], needs_approval: bool
) -> None:
    run = run_with(capacity=2, needs_approval=needs_approval)
    people = [factories.PersonFactory() for _number in range(6)]
    for moment, (step, number) in enumerate(steps):
        at = NOW + minutes(moment)
        if step == "ask":
            ask(person=people[number], run_id=run.pk, at=at)
        elif step == "withdraw":
            for enrolment in run.enrolments.active().filter(person=people[number]):
                withdraw(enrolment_id=enrolment.pk, at=at)
        elif step == "approve":
            for request in run.requests.filter(person=people[number], state=State.ASKED):
                approve(request_id=request.pk, at=at, by=None)
        else:
            CourseRun.objects.filter(pk=run.pk).update(capacity=max(1, number))
            fill_seats(run_id=run.pk, at=at)
        run.refresh_from_db()
        waiting = run.requests.filter(state=State.WAITING).order_by("asked_at")
        # Nobody waits beside a free seat, and who got one at this moment had asked before them.
        assert not waiting or seating.left(run) == 0
        promoted = run.requests.filter(state=State.ENROLLED, decided_at=at)
        if waiting and promoted:
            assert max(one.asked_at for one in promoted) <= waiting[0].asked_at
        sitting = run.enrolments.active().count()
        if step != "seats":
            assert sitting <= max(2, run.capacity or 0) or not promoted
        assert not run.enrolments.active().filter(
            person__in=run.requests.filter(state__in=EnrolmentRequest.UNDECIDED).values("person")
        )


# --- Withdrawal and transfer ----------------------------------------------------------------------


def test_who_withdraws_frees_a_seat_and_returns_to_the_same_enrolment() -> None:
    run = run_with(capacity=1)
    enrolment = enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW).enrolment
    withdraw(enrolment_id=enrolment.pk, at=NOW + minutes(1), reason="Đi công tác")
    withdraw(enrolment_id=enrolment.pk, at=NOW + minutes(2))
    assert seating.left(run) == 1
    back = enrol(person=enrolment.person, run_id=run.pk, at=NOW + minutes(3))
    assert (back.enrolment, back.created) == (enrolment, True)
    kept = Enrolment.objects.get()
    assert (kept.withdrawn_at, kept.enrolled_at) == (None, NOW)
    events = [(event.kind, event.reason) for event in kept.events.all()]
    assert events == [(Kind.WITHDRAWN, "Đi công tác"), (Kind.RETURNED, "")]


def test_who_comes_back_from_another_agency_learns_for_that_one_until_it_is_a_turn() -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    begun = factories.EnrolmentFactory(run=run)
    turn = factories.EnrolmentFactory(run=run, watched=True)
    officer = factories.UserFactory(officer=True)
    today = timezone.localdate()
    for one in (begun, turn):
        withdraw(enrolment_id=one.pk, at=NOW, by=officer, reason="Chuyển công tác")
        one.person.postings.update(left_on=today - timedelta(days=1))
        Posting.objects.create(person=one.person, agency=agency, joined_on=today)
    focal_point = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    for one in (begun, turn):
        enrol(person=one.person, run_id=run.pk, at=NOW, by=focal_point)
    assert list(Enrolment.objects.visible_to(focal_point)) == [begun]
    kept = turn.agency
    turn.refresh_from_db()
    assert turn.agency == kept


def test_a_turn_is_withdrawn_by_staff_with_a_reason_and_a_completed_course_by_nobody() -> None:
    completed = factories.EnrolmentFactory(completed=True)
    officer = factories.UserFactory(officer=True)
    with pytest.raises(EnrolmentRefused, match="completed"):
        withdraw(enrolment_id=completed.pk, at=NOW, by=officer, reason="x")
    turn = factories.EnrolmentFactory(watched=True)
    with pytest.raises(EnrolmentRefused, match="training turn"):
        withdraw(enrolment_id=turn.pk, at=NOW)
    with pytest.raises(EnrolmentRefused, match="reason"):
        withdraw(enrolment_id=turn.pk, at=NOW, by=officer)
    with pytest.raises(EnrolmentRefused, match="Only DOST officers"):
        withdraw(
            enrolment_id=turn.pk, at=NOW, by=factories.UserFactory(focal_point=True), reason="x"
        )
    assert withdraw(enrolment_id=turn.pk, at=NOW, by=officer, reason="x").withdrawn_at == NOW


def test_a_transfer_leaves_the_evidence_and_frees_the_seat() -> None:
    course = factories.CourseFactory()
    source, target = factories.RunFactory.create_batch(2, course=course)
    CourseRun.objects.filter(pk=source.pk).update(capacity=1)
    old = factories.EnrolmentFactory(run=source, watched=True)
    waits = asked(source)
    by = factories.UserFactory(officer=True)
    new = transfer(enrolment_id=old.pk, to_run_id=target.pk, at=NOW, by=by, reason="Trùng lịch")
    assert transfer(enrolment_id=old.pk, to_run_id=target.pk, at=NOW, by=by) == new
    old.refresh_from_db()
    assert (old.withdrawn_at, new.run, new.withdrawn_at) == (NOW, target, None)
    assert (old.progress.count(), new.progress.count()) == (2, 0)
    assert [(one.kind, one.other, one.reason) for one in old.events.all()] == [
        (Kind.TRANSFERRED_OUT, new, "Trùng lịch")
    ]
    assert [(one.kind, one.other) for one in new.events.all()] == [(Kind.TRANSFERRED_IN, old)]
    assert state_of(waits) == State.ENROLLED


def test_nobody_is_transferred_to_another_course_or_past_the_seats() -> None:
    old = factories.EnrolmentFactory()
    by = factories.UserFactory(officer=True)
    with pytest.raises(EnrolmentRefused, match="another course"):
        transfer(enrolment_id=old.pk, to_run_id=factories.RunFactory().pk, at=NOW, by=by)
    full = factories.RunFactory(course=old.run.course, capacity=1)
    factories.EnrolmentFactory(run=full)
    with pytest.raises(EnrolmentRefused, match="seats"):
        transfer(enrolment_id=old.pk, to_run_id=full.pk, at=NOW, by=by)
    old.refresh_from_db()
    assert old.withdrawn_at is None
    assert not EnrolmentEvent.objects.exists()


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_ask_for_the_last_seat_one_sits_and_the_others_wait_in_line() -> None:
    run = run_with(capacity=1)
    people = factories.PersonFactory.create_batch(20)

    def asking(person: Person) -> Any:
        return lambda: ask(person=person, run_id=run.pk, at=NOW)

    answers = together([asking(person) for person in people])
    assert sum(isinstance(one, Enrolled) for one in answers) == 1
    assert sum(isinstance(one, Asked) for one in answers) == 19
    places = [seating.place_in_queue(one) for one in run.requests.all()]
    assert sorted(places) == list(range(1, 20))


@pytest.mark.django_db(transaction=True)
def test_a_learner_and_a_focal_point_at_once_make_one_enrolment() -> None:
    run = run_with(needs_approval=True)
    person = factories.PersonFactory()
    by = focal_point_of(person)
    answers = together(
        [lambda: ask(person=person, run_id=run.pk, at=NOW)] * 3
        + [lambda: ask(person=person, run_id=run.pk, at=NOW, by=by)] * 3
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    assert run.enrolments.active().count() == 1
    assert not run.requests.filter(state__in=EnrolmentRequest.UNDECIDED).exists()


@pytest.mark.django_db(transaction=True)
def test_two_withdrawals_and_a_question_at_once_leave_no_empty_seat_beside_a_queue() -> None:
    run = run_with(capacity=2)
    sitting = [
        enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW).enrolment for _n in range(2)
    ]
    for number in range(3):
        asked(run, NOW + minutes(number))
    person = factories.PersonFactory()
    answers = together(
        [
            lambda: withdraw(enrolment_id=sitting[0].pk, at=NOW + minutes(5)),
            lambda: withdraw(enrolment_id=sitting[1].pk, at=NOW + minutes(5)),
            lambda: ask(person=person, run_id=run.pk, at=NOW + minutes(5)),
        ]
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    states = list(run.requests.order_by("asked_at").values_list("state", flat=True))
    assert states == [State.ENROLLED, State.ENROLLED, State.WAITING, State.WAITING]


# --- What the learner sees ------------------------------------------------------------------------


def test_who_waited_is_told_by_mail_once_and_in_the_own_language() -> None:
    run = run_with(capacity=1)
    first = factories.EnrolmentFactory(run=run)
    waiting = factories.PersonFactory(email="an@example.vn", language="en")
    asked = ask(person=waiting, run_id=run.pk, at=NOW)
    assert isinstance(asked, Asked)
    assert tell_decided(NOW) == 0
    withdraw(enrolment_id=first.pk, at=NOW, by=None)
    assert tell_decided(NOW) == 1
    assert tell_decided(NOW) == 0
    mail = Mail.objects.get()
    assert (mail.to, mail.language) == ("an@example.vn", "en")
    assert mail.subject.startswith("Enrolled")


def test_who_is_refused_reads_the_reason() -> None:
    run = run_with(needs_approval=True)
    person = factories.PersonFactory(email="an@example.vn")
    asked = ask(person=person, run_id=run.pk, at=NOW)
    assert isinstance(asked, Asked)
    refuse(
        request_id=asked.request.pk, at=NOW, by=focal_point_of(person), reason="Đợt sau sẽ cử đi"
    )
    tell_decided(NOW)
    assert "Đợt sau sẽ cử đi" in Mail.objects.get().text


def test_who_still_waits_when_the_run_closes_is_refused_and_told_once(client: Client) -> None:
    run = run_with(capacity=1)
    user = factories.UserFactory(person=factories.PersonFactory(email="an@example.vn"))
    withdrawn = factories.EnrolmentFactory(run=run, person=user.person)
    withdraw(enrolment_id=withdrawn.pk, at=NOW)
    seated = factories.EnrolmentFactory(run=run)
    answer = ask(person=user.person, run_id=run.pk, at=NOW)
    assert isinstance(answer, Asked)
    back = asked(run, NOW)
    take_back(request_id=back.pk, at=NOW, by=None)
    for at in (NOW + minutes(1), NOW + minutes(2)):
        close_run(run_id=run.pk, at=at)
    assert state_of(answer.request) == State.REFUSED
    assert answer.request.decided_at == NOW + minutes(1)
    assert (answer.request.decided_by, answer.request.reason) == (None, "The run is closed.")
    assert state_of(back) == State.CANCELLED
    assert Enrolment.objects.active().get(run=run) == seated
    assert (tell_decided(NOW), tell_decided(NOW)) == (1, 0)
    assert "The run is closed." in Mail.objects.get().text
    client.force_login(user)
    client.cookies["django_language"] = "en"
    for address in (reverse("courses:mine"), run.course.page.url):
        page = client.get(address).text
        assert "Reason: The run is closed." in page
        assert "on the waiting list" not in page
        assert reverse("courses:enrol", args=[run.pk]) not in page
    EnrolmentRequest.objects.update(decided_at=NOW - timedelta(days=91))
    CourseRun.objects.update(closed_at=NOW - timedelta(days=91))
    assert own_lines(person_id=user.person_id) == []


def test_the_page_that_asks_before_closing_says_who_still_waits() -> None:
    run = run_with(needs_approval=True)
    asked(run)
    staff = at_work(factories.UserFactory(officer=True))
    page = staff.get(reverse("runs:close", args=[run.pk])).text
    assert "1 request for a place will be refused" in page


def test_who_has_no_address_is_not_tried_for_ever() -> None:
    run = run_with(needs_approval=True)
    person = factories.PersonFactory(email="")
    asked = ask(person=person, run_id=run.pk, at=NOW)
    assert isinstance(asked, Asked)
    approve(request_id=asked.request.pk, at=NOW, by=focal_point_of(person))
    assert (tell_decided(NOW), tell_decided(NOW)) == (1, 0)
    assert not Mail.objects.exists()


def test_the_button_of_a_full_run_leads_into_the_queue_and_out_again(client: Client) -> None:
    run = run_with(capacity=1)
    factories.EnrolmentFactory(run=run)
    user = factories.UserFactory()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    page = client.get(run.course.page.url).text
    assert "Join the waiting list" in page
    told = client.post(reverse("courses:enrol", args=[run.pk]), follow=True).text
    assert "Place 1 on the waiting list" in told
    assert "Place 1 on the waiting list" in client.get(run.course.page.url).text
    request = EnrolmentRequest.objects.get()
    gone = client.post(reverse("courses:take_back", args=[request.pk]), follow=True).text
    assert "Place 1" not in gone
    assert state_of(request) == State.CANCELLED


def test_nobody_takes_back_the_request_of_another(client: Client) -> None:
    run = run_with(capacity=1)
    factories.EnrolmentFactory(run=run)
    request = asked(run)
    client.force_login(factories.UserFactory())
    assert client.post(reverse("courses:take_back", args=[request.pk])).status_code == 404
    assert state_of(request) == State.WAITING


def test_a_learner_withdraws_after_being_asked_once_more(client: Client) -> None:
    user = factories.UserFactory()
    enrolment = factories.EnrolmentFactory(person=user.person)
    client.force_login(user)
    address = reverse("courses:withdraw", args=[enrolment.pk])
    assert client.get(address).status_code == 200
    enrolment.refresh_from_db()
    assert enrolment.withdrawn_at is None
    client.post(address)
    enrolment.refresh_from_db()
    assert enrolment.withdrawn_at is not None
    client.force_login(factories.UserFactory())
    assert client.post(address).status_code == 404
