"""The staff's pages about attempts and accommodations: who sees what, and what they do."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.authoring import add_assessment
from courses.models import Course
from people.models import User
from quizzes import accommodating, attempts
from quizzes.models import Accommodation, Attempt, BankMember, Opening
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    QuizFactory,
    RunFactory,
    UserFactory,
    answer,
    quiz_with_long_answer,
    sitting,
    version_in,
    written,
)
from tests.staff import at_work, said, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def course(trainer: User) -> Course:
    found: Course = CourseFactory(trainers=[trainer])
    return found


@pytest.fixture
def attempt(course: Course) -> Attempt:
    """Open since an hour, its time over, one of four answers in time and one late."""
    begun = sitting(quiz=QuizFactory(course=course), at=timezone.now() - timedelta(hours=1))
    answer(begun, {1: True}, at=begun.started_at)
    answer(begun, {2: True}, seq=2, at=timezone.now())
    return begun


def inspect(attempt: Attempt) -> str:
    return reverse("attempts:inspect", args=[attempt.pk])


def listed(user: User, **query: Any) -> list[Any]:
    page = at_work(user).get(reverse("attempts:index"), query)
    assert page.status_code == 200
    return [one.pk for one in page.context["object_list"]]


# --- Attempts -------------------------------------------------------------------------------------


def test_a_trainer_sees_the_attempts_of_own_courses_and_an_officer_all(
    trainer: User, attempt: Attempt
) -> None:
    foreign = sitting()
    assert listed(trainer) == [attempt.pk]
    assert set(listed(UserFactory(officer=True))) == {attempt.pk, foreign.pk}
    client = at_work(trainer)
    assert client.get(inspect(foreign)).status_code == 404
    restore = reverse("attempts:restore", args=[foreign.pk])
    assert client.get(restore).status_code == 404
    assert client.post(restore, {"reason": "Mất điện"}).status_code == 404


def test_a_trainer_who_learns_elsewhere_sees_the_own_attempt_on_the_learners_pages_only() -> None:
    person = PersonFactory()
    trainer = UserFactory(trainer=True, person=person)
    own = sitting(person=person)
    assert listed(trainer) == []
    assert at_work(trainer).get(inspect(own)).status_code == 404


def test_a_focal_point_and_a_learner_are_not_let_in(attempt: Attempt) -> None:
    agency = attempt.enrolment.agency
    for user in (
        UserFactory(focal_point=True, focal_point_of=[agency]),
        UserFactory(person=attempt.enrolment.person),
    ):
        for address in (reverse("attempts:index"), inspect(attempt)):
            assert at_work(user).get(address).status_code in (302, 404)


def test_the_listing_is_narrowed_by_run_test_state_and_name(
    trainer: User, course: Course, attempt: Attempt
) -> None:
    quiz = attempt.quiz
    passed = sitting(quiz=quiz, person=PersonFactory(full_name="Võ Thị Ổn"))
    answer(passed, {1: True, 2: True, 3: True}, at=passed.started_at)
    attempts.finish(attempt_id=passed.pk, at=timezone.now())
    failed = sitting(quiz=quiz)
    attempts.finish(attempt_id=failed.pk, at=timezone.now())
    long = quiz_with_long_answer(course=CourseFactory(trainers=[trainer]))
    waiting = written(long)
    by_state = {
        "running": {attempt.pk},
        "submitted": {passed.pk, failed.pk, waiting.pk},
        "waiting": {waiting.pk},
        "late": {attempt.pk},
        "passed": {passed.pk},
        "failed": {failed.pk},
    }
    for state, wanted in by_state.items():
        assert set(listed(trainer, state=state)) == wanted, state
    assert listed(trainer, quiz=long.pk) == [waiting.pk]
    assert listed(trainer, run=waiting.enrolment.run_id) == [waiting.pk]
    assert listed(trainer, q="on vo") == [passed.pk]


def test_the_listing_goes_out_as_a_workbook(trainer: User, attempt: Attempt) -> None:
    response = at_work(trainer).get(reverse("attempts:index"), {"export": "xlsx"})
    heading, row = sheet(response)
    found = dict(zip(heading, row, strict=True))
    assert found["Full name"] == attempt.enrolment.person.full_name
    assert (found["Questions answered"], found["Late answers that do not count"]) == (1, 1)


@pytest.mark.parametrize("number", [2, 12])
def test_the_listing_costs_the_same_however_many_attempts(
    trainer: User, course: Course, number: int, django_assert_max_num_queries: Any
) -> None:
    quiz = QuizFactory(course=course)
    for _attempt in range(number):
        sitting(quiz=quiz)
    client = at_work(trainer)
    client.get(reverse("attempts:index"))
    with django_assert_max_num_queries(19):
        client.get(reverse("attempts:index"))


def test_answers_and_key_are_for_the_members_of_the_bank(trainer: User, attempt: Attempt) -> None:
    client = at_work(trainer)
    version = version_in(attempt, 1)
    page = client.get(inspect(attempt)).content.decode()
    assert version.text not in page
    assert "members of the question bank only" in page
    assert "answered" in page
    BankMember.objects.create(bank=attempt.quiz.bank, user=trainer)
    page = client.get(inspect(attempt)).content.decode()
    assert version.text in page
    assert "True" in page


def test_a_long_answer_is_not_shown_beside_a_name_while_it_is_being_marked(
    trainer: User,
) -> None:
    quiz = quiz_with_long_answer(course=CourseFactory(trainers=[trainer]))
    BankMember.objects.create(bank=quiz.bank, user=trainer)
    running = sitting(quiz=quiz)
    long = next(slot for slot in (1, 2, 3) if version_in(running, slot).kind == "essay")
    answer(running, {long: "Chữ của tôi"}, at=running.started_at)
    client = at_work(trainer)
    for submit in (False, True):
        if submit:
            attempts.finish(attempt_id=running.pk, at=timezone.now())
        page = client.get(inspect(running)).content.decode()
        assert "Chữ của tôi" not in page
        assert "marked without a name" in page
    answer(running, {long: "Chữ đến muộn"}, seq=5, at=timezone.now())
    assert "Chữ đến muộn" not in client.get(inspect(running)).content.decode()


def test_time_is_restored_on_the_page_and_the_old_grade_stays_to_be_seen(
    trainer: User, attempt: Attempt
) -> None:
    client = at_work(trainer)
    assert "Restore time" in client.get(inspect(attempt)).content.decode()
    address = reverse("attempts:restore", args=[attempt.pk])
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 200
    assert not attempt.grade_revisions.exists()
    page = client.post(address, {"reason": "Mất điện cả xã"}, follow=True)
    assert "1 late answer counts now" in said(page)
    body = page.content.decode()
    assert "Earlier grades" in body
    assert body.count("Mất điện cả xã") >= 2
    attempt.refresh_from_db()
    assert attempt.score == 2
    assert "Restore time" not in body
    assert "nothing to restore" in client.get(address).content.decode()
    again = client.post(address, {"reason": "Lần nữa"}, follow=True)
    assert "Nothing was changed" in said(again)


def test_a_running_attempt_is_not_restored(trainer: User, course: Course) -> None:
    running = sitting(quiz=QuizFactory(course=course))
    page = at_work(trainer).post(
        reverse("attempts:restore", args=[running.pk]), {"reason": "Mất điện"}
    )
    running.refresh_from_db()
    assert running.submitted_at is None
    assert page.status_code == 200


def test_what_a_learner_writes_is_text_on_the_page(trainer: User, course: Course) -> None:
    running = sitting(
        quiz=QuizFactory(course=course), person=PersonFactory(full_name="<script>1</script>")
    )
    page = at_work(trainer).get(inspect(running)).content.decode()
    assert "<script>1</script>" not in page


def test_the_run_leads_to_its_attempts(trainer: User, attempt: Attempt) -> None:
    run = attempt.enrolment.run
    page = at_work(trainer).get(reverse("runs:inspect", args=[run.pk]))
    assert f"{reverse('attempts:index')}?run={run.pk}" in page.content.decode()


# --- Accommodations -------------------------------------------------------------------------------


def give_address(attempt: Attempt, query: str = "") -> str:
    return reverse("accommodations:give", args=[attempt.quiz_id]) + query


GIVEN = {"extra_minutes": "10", "reason": "Khuyết tật vận động"}


def test_more_time_is_given_to_the_person_of_an_attempt(trainer: User, course: Course) -> None:
    running = sitting(quiz=QuizFactory(course=course))
    client = at_work(trainer)
    query = f"?person={running.enrolment.person_id}"
    assert give_address(running, query) in client.get(inspect(running)).content.decode()
    page = client.post(give_address(running, query), GIVEN, follow=True)
    assert "It concerns 1 learner now" in said(page)
    running.refresh_from_db()
    assert running.deadline == running.started_at + timedelta(minutes=55)
    given = Accommodation.objects.get()
    assert (given.person, given.given_by) == (running.enrolment.person, trainer)


def test_a_run_or_an_agency_is_chosen_and_never_both(trainer: User, attempt: Attempt) -> None:
    client = at_work(trainer)
    run, agency = attempt.enrolment.run_id, attempt.enrolment.agency_id
    page = client.post(give_address(attempt), GIVEN | {"run": run, "agency": agency})
    assert "exactly one" in page.content.decode()
    assert "exactly one" in client.post(give_address(attempt), GIVEN).content.decode()
    client.post(give_address(attempt), GIVEN | {"run": run})
    client.post(give_address(attempt), GIVEN | {"agency": agency})
    assert [(one.run_id, one.agency_id) for one in Accommodation.objects.order_by("pk")] == [
        (run, None),
        (None, agency),
    ]


def test_a_name_that_several_have_is_asked_again(trainer: User, attempt: Attempt) -> None:
    run = attempt.enrolment.run
    namesakes = [PersonFactory(full_name="Lê Văn Đức") for _number in range(2)]
    for person in namesakes:
        EnrolmentFactory(run=run, person=person)
    client = at_work(trainer)
    page = client.post(give_address(attempt), GIVEN | {"name": "le van duc"})
    assert "say which of them" in page.content.decode()
    assert not Accommodation.objects.exists()
    chosen = GIVEN | {"name": "le van duc", "person": namesakes[1].pk}
    client.post(give_address(attempt), chosen)
    assert Accommodation.objects.get().person == namesakes[1]
    page = client.post(give_address(attempt), GIVEN | {"name": "Không Ai"})
    assert "Nobody of this name" in page.content.decode()
    assert Accommodation.objects.count() == 1


def test_nobody_foreign_can_be_named(trainer: User, attempt: Attempt) -> None:
    foreign = sitting()
    client = at_work(trainer)
    assert client.post(give_address(foreign), GIVEN).status_code == 404
    query = f"?person={foreign.enrolment.person_id}"
    assert client.post(give_address(attempt, query), GIVEN).status_code == 404
    for hostile in ("?person=", "?person=x", "?person=-1", f"?person={'9' * 40}"):
        assert client.get(give_address(attempt, hostile)).status_code == 404
    for field, value in (
        ("run", foreign.enrolment.run_id),
        ("agency", foreign.enrolment.agency_id),
        ("person", foreign.enrolment.person_id),
        ("name", foreign.enrolment.person.full_name + " nơi khác"),
    ):
        assert client.post(give_address(attempt), GIVEN | {field: value}).status_code == 200
    assert not Accommodation.objects.exists()
    page = client.get(give_address(attempt)).content.decode()
    assert str(foreign.enrolment.run) not in page
    assert foreign.enrolment.agency.name not in page


def test_who_gives_minutes_that_the_closing_takes_away_is_told(
    trainer: User, attempt: Attempt
) -> None:
    run, closing = attempt.enrolment.run, attempt.started_at + timedelta(minutes=50)
    Opening.objects.create(quiz=attempt.quiz, run=run, closes_at=closing)
    client = at_work(trainer)
    data = GIVEN | {"run": run.pk, "extra_minutes": 4}
    assert "still ends the test" not in said(client.post(give_address(attempt), data, follow=True))
    data |= {"extra_minutes": 30, "reason": "Mất điện lần hai"}
    told = said(client.post(give_address(attempt), data, follow=True))
    assert "still ends the test of 1 learner" in told
    attempt.refresh_from_db()
    assert attempt.deadline == closing


@pytest.mark.parametrize("amount", ["-1", "601", "nhiều", "1e3"])
def test_amounts_beyond_measure_are_refused(trainer: User, attempt: Attempt, amount: str) -> None:
    data = GIVEN | {"run": attempt.enrolment.run_id, "extra_minutes": amount}
    assert at_work(trainer).post(give_address(attempt), data).status_code == 200
    assert not Accommodation.objects.exists()


def test_with_several_tests_it_is_asked_for_which(
    trainer: User, course: Course, attempt: Attempt
) -> None:
    other = QuizFactory(course=CourseFactory(trainers=[trainer]))
    choose = reverse("accommodations:choose")
    client = at_work(trainer)
    page = client.get(choose)
    assert page.status_code == 200
    assert str(sitting().quiz.assessment.course) not in page.content.decode()
    answered = client.post(choose, {"quiz": other.pk})
    assert answered["Location"] == reverse("accommodations:give", args=[other.pk])
    run = attempt.enrolment.run_id
    straight = client.get(f"{choose}?run={run}")
    assert straight["Location"] == give_address(attempt, f"?run={run}")


def test_the_list_of_a_run_shows_what_concerns_it_and_withdrawing_is_said(
    trainer: User, attempt: Attempt
) -> None:
    here = {"quiz_id": attempt.quiz_id, "by": trainer, "at": timezone.now(), "reason": "Lý do"}
    ours = accommodating.give(run=attempt.enrolment.run, extra_attempts=1, **here)
    officer = UserFactory(officer=True)
    elsewhere = accommodating.give(
        **here | {"by": officer}, agency=AgencyFactory(), extra_minutes=5
    )
    client = at_work(trainer)
    index = reverse("accommodations:index")

    def keys(**query: Any) -> list[int]:
        return [one.pk for one in client.get(index, query).context["object_list"]]

    assert set(keys()) == {ours.pk, elsewhere.pk}
    assert keys(run=attempt.enrolment.run_id) == [ours.pk]
    withdraw = reverse("accommodations:withdraw", args=[ours.pk])
    assert "1 attempt more" in client.get(withdraw).content.decode()
    assert "keep the time" in said(client.post(withdraw, follow=True))
    assert "Nothing was changed" in said(client.post(withdraw, follow=True))
    assert keys(state="standing") == [elsewhere.pk]
    assert keys(state="withdrawn") == [ours.pk]


def test_a_voluntary_test_of_a_run_is_offered_and_shown_too(
    trainer: User, course: Course, attempt: Attempt
) -> None:
    voluntary = add_assessment(course=course, title="Tự luyện", required=False)
    quiz = QuizFactory(assessment=voluntary)
    run = RunFactory(course=course)
    client = at_work(trainer)
    asked = client.get(f"{reverse('accommodations:choose')}?run={run.pk}")
    assert set(asked.context["form"].fields["quiz"].queryset) == {attempt.quiz, quiz}
    given = accommodating.give(
        quiz_id=quiz.pk, run=run, extra_minutes=5, reason="Lý do", by=trainer, at=timezone.now()
    )
    index = client.get(reverse("accommodations:index"), {"run": run.pk})
    assert list(index.context["object_list"]) == [given]


def test_a_test_leads_to_its_attempts_and_accommodations(trainer: User, attempt: Attempt) -> None:
    page = at_work(trainer).get(reverse("tests:inspect", args=[attempt.quiz_id]))
    text = page.content.decode()
    for room in ("attempts", "accommodations"):
        assert f'href="{reverse(f"{room}:index")}?quiz={attempt.quiz_id}"' in text


def test_a_foreign_accommodation_is_not_there(trainer: User) -> None:
    foreign = sitting()
    given = accommodating.give(
        quiz_id=foreign.quiz_id,
        run=foreign.enrolment.run,
        extra_minutes=5,
        reason="Mất điện",
        by=UserFactory(officer=True),
        at=timezone.now(),
    )
    client = at_work(trainer)
    address = reverse("accommodations:withdraw", args=[given.pk])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    given.refresh_from_db()
    assert given.withdrawn_at is None
