"""A learner's question, the trainer's answer."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.correspondence import questioning
from courses.models import CourseRun, Enrolment, RunQuestion
from jobs.models import Mail
from people.models import User
from tests.factories import (
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
)
from tests.staff import at_work, said, sheet
from tests.together import together

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

pytestmark = pytest.mark.django_db


def trainer(email: str = "") -> User:
    user: User = UserFactory(trainer=True)
    user.email = email
    user.save()
    return user


@pytest.fixture
def teacher() -> User:
    return trainer("giang-vien@khanhhoa.gov.vn")


@pytest.fixture
def run(teacher: User) -> CourseRun:
    found: CourseRun = RunFactory(course=CourseFactory(trainers=[teacher]))
    return found


@pytest.fixture
def enrolment(run: CourseRun) -> Enrolment:
    person = PersonFactory(full_name="Trần Văn Đức", email="duc@khanhhoa.gov.vn")
    found: Enrolment = EnrolmentFactory(run=run, person=person)
    return found


def ask(enrolment: Enrolment, text: str = "Điều khoản 9.2 áp dụng thế nào?", **values: Any) -> Any:
    given = {"form": uuid4(), "at": NOON} | values
    return questioning.ask(enrolment=enrolment, text=text, **given)


def page_of(enrolment: Enrolment) -> str:
    client = Client()
    reader = User.objects.filter(person=enrolment.person).first()
    client.force_login(reader or UserFactory(person=enrolment.person))
    client.cookies["django_language"] = "en"
    page = client.get(reverse("courses:enrolment", args=[enrolment.pk]))
    return page.content.decode()


def test_a_question_is_mailed_to_the_trainers_of_the_run_and_of_the_course(
    enrolment: Enrolment, run: CourseRun, teacher: User
) -> None:
    run.trainers.add(trainer("lop@khanhhoa.gov.vn"), trainer(), teacher)
    gone = trainer("gone@khanhhoa.gov.vn")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    run.trainers.add(gone)
    ask(enrolment)
    mails = {mail.to: mail for mail in Mail.objects.all()}
    assert set(mails) == {"giang-vien@khanhhoa.gov.vn", "lop@khanhhoa.gov.vn"}
    assert "Trần Văn Đức" in mails["lop@khanhhoa.gov.vn"].text
    assert "Điều khoản 9.2" in mails["lop@khanhhoa.gov.vn"].text


def test_the_answer_is_mailed_back_and_shown_to_the_run_without_a_name(
    enrolment: Enrolment, run: CourseRun, teacher: User
) -> None:
    question = ask(enrolment)
    other = EnrolmentFactory(run=run, person=PersonFactory(full_name="Lê Hoàng Ánh"))
    assert "Điều khoản 9.2" in page_of(enrolment)
    assert "Điều khoản 9.2" not in page_of(other)
    client = at_work(teacher)
    address = reverse("run_questions:inspect", args=[question.pk])
    assert "Trần Văn Đức" in client.get(address).content.decode()
    data = {"text": "Mỗi năm ít nhất một lần.", "shown_to_run": "on"}
    assert "has been sent" in said(client.post(address, data, follow=True))
    mail = Mail.objects.get(to="duc@khanhhoa.gov.vn")
    assert "Mỗi năm ít nhất một lần." in mail.text
    assert "Mỗi năm ít nhất một lần." in page_of(enrolment)
    shown = page_of(other)
    assert "Mỗi năm ít nhất một lần." in shown
    assert "Điều khoản 9.2" in shown
    assert "Trần Văn Đức" not in shown
    client.post(address, {"shown": "no"})
    assert "Điều khoản 9.2" not in page_of(other)


def test_a_question_is_answered_once(enrolment: Enrolment, teacher: User) -> None:
    question = ask(enrolment)
    address = reverse("run_questions:inspect", args=[question.pk])
    client = at_work(teacher)
    client.post(address, {"text": "Có."})
    page = client.post(address, {"text": "Không."}, follow=True)
    assert "answered before" in said(page)
    question.refresh_from_db()
    assert (question.answer, question.shown_to_run) == ("Có.", False)
    assert Mail.objects.filter(key=f"answer-{question.pk}").count() == 1


def test_an_unanswered_question_is_shown_to_nobody_else(enrolment: Enrolment) -> None:
    question = ask(enrolment)
    assert not questioning.show_to_run(question_id=question.pk, shown=True)


def test_the_same_form_sent_twice_is_one_question(enrolment: Enrolment) -> None:
    form = uuid4()
    assert ask(enrolment, form=form) == ask(enrolment, form=form)
    assert Mail.objects.count() == 1
    with pytest.raises(questioning.QuestionRefused):
        ask(EnrolmentFactory(), form=form)


def test_only_so_many_questions_wait_for_an_answer(enrolment: Enrolment, teacher: User) -> None:
    questions = [ask(enrolment) for _time in range(questioning.MOST_OPEN)]
    with pytest.raises(questioning.QuestionRefused):
        ask(enrolment)
    questioning.answer(
        question_id=questions[0].pk, text="Có.", shown_to_run=False, by=teacher, at=NOON
    )
    ask(enrolment)


def test_an_answer_by_mail_is_promised_to_whom_it_can_be_sent(enrolment: Enrolment) -> None:
    ask(enrolment)
    assert "The answer will also come by e-mail." in page_of(enrolment)
    without = EnrolmentFactory(run=enrolment.run, person=PersonFactory(email=""))
    UserFactory(person=without.person)
    ask(without)
    page = page_of(without)
    assert "Not answered yet." in page
    assert "by e-mail" not in page
    User.objects.filter(person=without.person).update(email="an@khanhhoa.gov.vn")
    assert "The answer will also come by e-mail." in page_of(without)


def test_who_has_withdrawn_asks_nobody(enrolment: Enrolment) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(questioning.QuestionRefused):
        ask(enrolment)


def test_a_learner_asks_on_the_page_of_the_run(enrolment: Enrolment) -> None:
    client = Client()
    client.force_login(UserFactory(person=enrolment.person))
    address = reverse("courses:ask", args=[enrolment.pk])
    form = client.get(address).context["form"]
    data = {"form": str(form["form"].value()), "text": "Khi nào thi?"}
    for _time in range(2):
        page = client.post(address, data)
        assert page.status_code == 302
    assert RunQuestion.objects.get().text == "Khi nào thi?"
    for wrong in (
        {},
        {"form": "x", "text": "a"},
        data | {"text": " "},
        data | {"text": "x" * 4001},
    ):
        page = client.post(address, wrong)
        assert page.status_code == 200
        assert page.context["form"].errors
    assert RunQuestion.objects.count() == 1


def test_questions_are_listed_with_the_unanswered_first(
    enrolment: Enrolment, teacher: User
) -> None:
    answered, first, second = (ask(enrolment, f"=Câu {n}") for n in range(3))
    questioning.answer(question_id=answered.pk, text="Có.", shown_to_run=False, by=teacher, at=NOON)
    address = reverse("run_questions:index")
    client = at_work(teacher)
    assert list(client.get(address).context["object_list"]) == [first, second, answered]
    page = client.get(address, {"state": "answered", "run": enrolment.run_id})
    assert list(page.context["object_list"]) == [answered]
    assert list(client.get(address, {"q": "tran van duc"}).context["object_list"]) != []
    assert sheet(client.get(address, {"export": "xlsx"}))[1][:2] == ["=Câu 1", "Trần Văn Đức"]
    assert list(at_work(trainer()).get(address).context["object_list"]) == []
    questioning.show_to_run(question_id=answered.pk, shown=True)
    cells = re.findall(r"<td[^>]*>\s*(Yes|No)\s*</td>", client.get(address).text)
    assert cells == ["No", "No", "Yes"]


def test_the_home_page_says_that_questions_wait(enrolment: Enrolment, teacher: User) -> None:
    home, client = reverse("wagtailadmin_home"), at_work(teacher)
    assert "question waits" not in client.get(home).content.decode()
    ask(enrolment)
    assert "1 question waits for an answer" in client.get(home).content.decode()
    assert "question waits" not in at_work(trainer()).get(home).content.decode()


def test_questions_of_other_runs_are_not_there(enrolment: Enrolment) -> None:
    question = ask(enrolment)
    address = reverse("run_questions:inspect", args=[question.pk])
    stranger = at_work(trainer())
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"text": "Có."}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_trainers_who_answer_at_once_give_one_answer(
    enrolment: Enrolment, teacher: User
) -> None:
    question = ask(enrolment)

    def answer(text: str) -> bool:
        return questioning.answer(
            question_id=question.pk, text=text, shown_to_run=False, by=teacher, at=NOON
        )

    found = together([lambda: answer("Có."), lambda: answer("Không.")])
    assert sorted(found, key=str) == [False, True]
    question.refresh_from_db()
    assert question.answer in Mail.objects.get(key=f"answer-{question.pk}").text
