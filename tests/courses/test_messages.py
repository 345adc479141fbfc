"""A message to a whole run: written once, one mail for each active learner with an address."""

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.correspondence import writing
from courses.models import CourseRun, Enrolment, RunMessage
from jobs import progress
from jobs.models import Mail, Progress
from people.models import Person, User
from tests.factories import (
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
)
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def run(trainer: User) -> CourseRun:
    found: CourseRun = RunFactory(course=CourseFactory(trainers=[trainer]))
    return found


def learner(run: CourseRun, email: str = "", **values: Any) -> Enrolment:
    found: Enrolment = EnrolmentFactory(run=run, person=PersonFactory(email=email, **values))
    return found


def write(run: CourseRun, by: User, **values: Any) -> RunMessage:
    given = {"form": uuid4(), "subject": "Đổi phòng học", "text": "Buổi 2 tại phòng 201."}
    return writing.write_to_run(run_id=run.pk, by=by, at=timezone.now(), **(given | values))


def finish(message: RunMessage) -> Progress:
    while progress.carry_on(progress_id=message.progress_id, at=timezone.now()):
        pass
    return Progress.objects.get(pk=message.progress_id)


def test_each_active_learner_with_an_address_gets_one_mail_in_the_own_language(
    run: CourseRun, trainer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "BATCH", 2)
    learner(run, "a@khanhhoa.gov.vn")
    learner(run, "b@khanhhoa.gov.vn", language="en")
    learner(run)
    left = learner(run, "left@khanhhoa.gov.vn")
    Enrolment.objects.filter(pk=left.pk).update(withdrawn_at=timezone.now())
    done = finish(write(run, trainer))
    assert (done.state, done.done, done.total) == (Progress.State.FINISHED, 3, 3)
    mails = {mail.to: mail for mail in Mail.objects.all()}
    assert set(mails) == {"a@khanhhoa.gov.vn", "b@khanhhoa.gov.vn"}
    assert mails["b@khanhhoa.gov.vn"].language == "en"
    assert "My courses" in mails["b@khanhhoa.gov.vn"].text
    assert "Buổi 2 tại phòng 201." in mails["a@khanhhoa.gov.vn"].text
    assert RunMessage.objects.get().mails == 2


def test_a_batch_that_is_done_again_sends_nobody_a_second_mail(
    run: CourseRun, trainer: User
) -> None:
    learner(run, "a@khanhhoa.gov.vn")
    message = write(run, trainer)
    finish(message)
    RunMessage.objects.update(reached=0)
    Progress.objects.update(state=Progress.State.GOING, finished_at=None)
    finish(message)
    assert Mail.objects.count() == 1


def test_the_same_form_sent_twice_is_one_message(run: CourseRun, trainer: User) -> None:
    form = uuid4()
    assert write(run, trainer, form=form) == write(run, trainer, form=form)
    with pytest.raises(writing.MessageRefused):
        write(RunFactory(), trainer, form=form)


def test_nobody_is_written_to_in_a_draft(trainer: User) -> None:
    with pytest.raises(writing.MessageRefused):
        write(RunFactory(opened=False), trainer)


def test_a_trainer_writes_in_the_admin_and_learners_read_it_on_their_page(
    run: CourseRun, trainer: User
) -> None:
    enrolment = learner(run, "a@khanhhoa.gov.vn")
    client = at_work(trainer)
    page = client.get(reverse("run_messages:write", args=[run.pk]))
    form = page.context["form"]
    data = {
        "form": str(form["form"].value()),
        "subject": "Đổi phòng học",
        "text": "<b>Phòng 201</b>, xem https://khanhhoa.gov.vn/iso",
    }
    for _time in range(2):
        page = client.post(reverse("run_messages:write", args=[run.pk]), data, follow=True)
        assert "is shown to the run" in said(page)
    message = RunMessage.objects.get()
    assert "0 of 1 learners done" in page.content.decode()
    assert page.headers["Refresh"]
    finish(message)
    page = client.get(reverse("run_messages:index", args=[run.pk]))
    assert "1 mail for 1 learners." in page.content.decode()
    # What opens and closes it looks for it by id, and no id may begin with a digit.
    assert f'id="message-{message.pk}-content"' in page.content.decode()
    shown = at_work(UserFactory(person=enrolment.person)).get(
        reverse("courses:enrolment", args=[enrolment.pk])
    )
    html = shown.content.decode()
    assert "Đổi phòng học" in html
    assert "&lt;b&gt;Phòng 201" in html
    assert 'href="https://khanhhoa.gov.vn/iso"' in html


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form": "x", "subject": "a", "text": "b"},
        {"form": str(uuid4()), "subject": " ", "text": "b"},
        {"form": str(uuid4()), "subject": "a" * 201, "text": "b"},
        {"form": str(uuid4()), "subject": "a", "text": "b" * 4001},
    ],
)
def test_a_message_that_says_too_little_or_too_much_is_not_sent(
    run: CourseRun, trainer: User, data: dict[str, str]
) -> None:
    page = at_work(trainer).post(reverse("run_messages:write", args=[run.pk]), data)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not RunMessage.objects.exists()


def test_nobody_writes_to_a_run_of_others(run: CourseRun) -> None:
    stranger = at_work(UserFactory(trainer=True))
    for name in ("run_messages:index", "run_messages:write"):
        assert stranger.get(reverse(name, args=[run.pk])).status_code == 404


@pytest.mark.parametrize("number", [5000])
def test_five_thousand_learners_are_no_burden(
    run: CourseRun, trainer: User, number: int, django_assert_max_num_queries: Any
) -> None:
    people = Person.objects.bulk_create(
        Person(full_name=f"Nguyễn {n}", sort_name="", search_text="", email=f"{n}@khanhhoa.gov.vn")
        for n in range(number)
    )
    Enrolment.objects.bulk_create(
        Enrolment(person=person, run=run, enrolled_at=timezone.now()) for person in people
    )
    message = write(run, trainer)
    with django_assert_max_num_queries(300):
        finish(message)
    assert Mail.objects.count() == number
