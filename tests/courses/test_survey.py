"""The survey at the end: anonymous, and shown only where nobody can be recognised."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from openpyxl import load_workbook

from courses.models import CourseRun, Enrolment, SurveyAnswer, Surveyed
from courses.survey import answering, counting
from people.models import User
from tests.factories import CourseFactory, EnrolmentFactory, RunFactory, UserFactory
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def run(trainer: User) -> CourseRun:
    found: CourseRun = RunFactory(course=CourseFactory(trainers=[trainer]))
    return found


def completed(run: CourseRun) -> Enrolment:
    found: Enrolment = EnrolmentFactory(run=run, completed=True)
    return found


def answer(enrolment: Enrolment, *ratings: int | None, **values: Any) -> bool:
    given = {
        "version": answering.version_of(enrolment.run.course),
        "ratings": ratings or (5, 4, None, 2, 1),
        "comment": "",
        "at": timezone.now(),
    }
    return answering.answer_survey(enrolment_id=enrolment.pk, **(given | values))


def learner(enrolment: Enrolment) -> Client:
    client = Client()
    reader = User.objects.filter(person=enrolment.person).first()
    client.force_login(reader or UserFactory(person=enrolment.person))
    client.cookies["django_language"] = "en"
    return client


# --- Answering ------------------------------------------------------------------------------------


def test_who_has_taken_part_answers_once_the_run_is_over_or_completed(run: CourseRun) -> None:
    now = timezone.now()
    nothing_done, done = EnrolmentFactory(run=run), completed(run)
    half = EnrolmentFactory(run=run, watched=True)
    assert [answering.is_open_to(one, at=now) for one in (nothing_done, half, done)] == [
        False,
        False,
        True,
    ]
    after = now + timedelta(days=90)
    assert [answering.is_open_to(one, at=after) for one in (nothing_done, half)] == [False, True]
    CourseRun.objects.filter(pk=run.pk).update(state=CourseRun.State.CLOSED)
    half.run.refresh_from_db()
    assert answering.is_open_to(half, at=now)
    with pytest.raises(answering.SurveyRefused):
        answer(nothing_done)


def test_an_answer_is_given_once(run: CourseRun) -> None:
    enrolment = completed(run)
    assert answer(enrolment) is True
    assert answer(enrolment, 1, 1, 1, 1, 1) is False
    assert SurveyAnswer.objects.get().ratings == [5, 4, None, 2, 1]


def test_nothing_leads_from_an_answer_to_a_person_or_a_time(run: CourseRun) -> None:
    answer(completed(run))
    names = {field.name for field in SurveyAnswer._meta.get_fields()}
    assert names == {"id", "run", "statements", "ratings", "comment"}
    assert {field.name for field in Surveyed._meta.get_fields()} == {"enrolment"}
    assert SurveyAnswer.objects.get().pk.version == 4


@pytest.mark.parametrize("ratings", [(1, 2), (None,) * 5, (1,) * 6])
def test_a_sheet_that_says_nothing_or_rates_something_else_is_refused(
    run: CourseRun, ratings: tuple[int | None, ...]
) -> None:
    enrolment = completed(run)
    with pytest.raises(answering.SurveyRefused):
        answer(enrolment, *ratings)
    assert not Surveyed.objects.exists()


def test_ratings_of_statements_that_were_replaced_are_not_taken_for_the_new_ones(
    run: CourseRun,
) -> None:
    enrolment = completed(run)
    version = answering.version_of(run.course)
    answering.set_statements(course=run.course, texts=[f"Câu {n}" for n in range(5)])
    with override("en"), pytest.raises(answering.SurveyRefused, match="changed"):
        answer(enrolment, version=version)


def test_a_learner_fills_in_the_sheet(run: CourseRun) -> None:
    enrolment = completed(run)
    client = learner(enrolment)
    page = client.get(reverse("courses:enrolment", args=[enrolment.pk]))
    address = reverse("courses:survey", args=[enrolment.pk])
    assert address in page.content.decode()
    form = client.get(address).context["form"]
    data = {"version": form["version"].value(), "statement-1": "5", "comment": "Rất tốt"}
    for wrong in ({}, {"version": data["version"]}, data | {"statement-1": "6"},
                  data | {"comment": "x" * 2001}, data | {"version": "other"}):  # fmt: skip
        page = client.post(address, wrong)
        assert page.status_code == 200
        assert page.context["form"].errors
        assert not Surveyed.objects.exists()
    page = client.post(address, data, follow=True)
    assert "without a name" in said(page)
    assert "has been filled in" in page.content.decode()
    assert SurveyAnswer.objects.get().ratings == [5, None, None, None, None]
    assert client.post(address, data).status_code == 302
    assert SurveyAnswer.objects.count() == 1


def test_the_usual_statements_are_kept_in_one_language(run: CourseRun) -> None:
    for enrolment, language in ((completed(run), "en"), (completed(run), "vi")):
        client = learner(enrolment)
        client.cookies["django_language"] = language
        address = reverse("courses:survey", args=[enrolment.pk])
        version = client.get(address).context["form"]["version"].value()
        client.post(address, {"version": version, "statement-1": "4"})
    first, second = SurveyAnswer.objects.all()
    assert first.statements == second.statements


@pytest.mark.django_db(transaction=True)
def test_many_presses_at_once_are_one_sheet(run: CourseRun) -> None:
    enrolment = completed(run)
    given = together([lambda: answer(enrolment)] * 5)
    assert sorted(given, key=str) == [False] * 4 + [True]
    assert SurveyAnswer.objects.count() == 1


# --- Results --------------------------------------------------------------------------------------


def test_results_are_shown_from_five_sheets_on(run: CourseRun, trainer: User) -> None:
    client, address = at_work(trainer), reverse("survey:results", args=[run.pk])
    for number in range(1, 6):
        answer(completed(run), 5, 4, 3, 2, None, comment=f"=Góp ý {number}")
        html = client.get(address).content.decode()
        assert ("Góp ý" in html) == (number == 5)
        assert ('<svg class="bars"' in html) == (number == 5)
    found = counting.results(run)
    assert [count.mean for count in found.statements] == [5, 4, 3, 2]
    assert [count.number for count in found.statements] == [5, 5, 5, 5]
    assert (found.sheets, found.asked, len(found.comments)) == (5, 5, 5)


def test_the_workbook_has_the_figures_and_no_formulas(run: CourseRun, trainer: User) -> None:
    address = reverse("survey:workbook", args=[run.pk])
    for number in range(1, 6):
        answer(completed(run), 5, 4, 3, 2, 1, comment="=cmd|' /C calc'!A0")
        workbook = load_workbook(BytesIO(at_work(trainer).get(address).content))
        comments = [cell for row in workbook["Comments"].iter_rows() for cell in row if cell.value]
        assert len(comments) == (5 if number == 5 else 0)
        assert all(cell.data_type == "s" for cell in comments)
    rows = [[cell.value for cell in row] for row in workbook["Survey"].iter_rows(min_row=6)]
    assert rows[1][1:] == [0, 0, 0, 5, 0, 5, 4]


def test_statements_of_a_course_replace_the_usual_ones(run: CourseRun, trainer: User) -> None:
    client, address = at_work(trainer), reverse("survey:statements", args=[run.pk])
    usual = answering.statements_of(run.course)
    page = client.post(address, {"statements": "Phòng học tốt.\n\n Phòng học tốt. \nMáy chiếu rõ."})
    assert page.status_code == 302
    assert answering.statements_of(run.course) == ["Phòng học tốt.", "Máy chiếu rõ."]
    for wrong in ("x" * 301, "\n".join(str(n) for n in range(13))):
        assert client.post(address, {"statements": wrong}).context["form"].errors
    client.post(address, {"statements": " "})
    assert answering.statements_of(run.course) == usual


def test_sheets_with_other_statements_are_counted_apart(run: CourseRun) -> None:
    for _number in range(4):
        answer(completed(run))
    answering.set_statements(course=run.course, texts=["Phòng học tốt."])
    answer(completed(run), 3)
    found = counting.results(run)
    assert [count.number for count in found.statements] == [1, 4, 4, 4, 4]


def test_nobody_sees_the_survey_of_a_run_of_others(run: CourseRun) -> None:
    stranger = at_work(UserFactory(trainer=True))
    for name in ("survey:results", "survey:workbook", "survey:statements"):
        assert stranger.get(reverse(name, args=[run.pk])).status_code == 404
        assert stranger.post(reverse(name, args=[run.pk])).status_code in (404, 405)
