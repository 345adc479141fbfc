import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from courses.models import Assessment
from tests import factories
from tests.staff import at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> Any:
    return factories.UserFactory(trainer=True)


def test_tests_on_paper_are_those_that_nothing_else_judges(trainer: Any) -> None:
    course = factories.CourseFactory(trainers=[trainer], assessments=2)
    first, second = course.assessments.order_by("pk")
    factories.QuizFactory(course=course)
    factories.CourseFactory()
    factories.handed_in_file(factories.EnrolmentFactory(run=factories.RunFactory(course=course)))
    page = at_work(trainer).get(reverse("paper_tests:index"))
    assert list(page.context["object_list"]) == [second]
    edit = at_work(trainer).get(reverse("paper_tests:edit", args=[first.pk]))
    assert edit.status_code == 404


def test_a_trainer_sets_a_test_for_the_own_courses_only(trainer: Any) -> None:
    staff = at_work(trainer)
    own = factories.CourseFactory(trainers=[trainer], assessments=0)
    data = {"title": "Bài thi viết", "required": "on", "pass_percent": "60"}
    url = reverse("paper_tests:add")
    assert staff.post(url, data | {"course": factories.CourseFactory().pk}).status_code == 200
    assert staff.post(url, data).status_code == 200
    assert staff.post(url, data | {"course": own.pk, "pass_percent": "101"}).status_code == 200
    assert staff.post(url, data | {"course": own.pk}).status_code == 302
    made = Assessment.objects.get(course=own)
    assert (made.title, made.required, made.pass_percent) == ("Bài thi viết", True, 60)


def test_the_form_and_the_listing_speak_vietnamese(trainer: Any) -> None:
    factories.CourseFactory(trainers=[trainer])
    staff = at_work(trainer)
    staff.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    form = staff.get(reverse("paper_tests:add")).text
    assert re.search(r">\s*Khóa đào tạo\s*<", form)
    assert not re.search(r">\s*Course\s*<", form)
    listing = staff.get(reverse("paper_tests:index")).text
    assert re.findall(r"<td[^>]*>\s*(Có|Không|True|False)\s*</td>", listing) == ["Có"]


def test_a_test_stays_with_its_course(trainer: Any) -> None:
    course = factories.CourseFactory(trainers=[trainer])
    other = factories.CourseFactory(trainers=[trainer])
    test = factories.assessment_of(course)
    data = {"title": "Đổi tên", "pass_percent": "50", "course": other.pk}
    url = reverse("paper_tests:edit", args=[test.pk])
    assert at_work(trainer).post(url, data).status_code == 302
    test.refresh_from_db()
    assert (test.title, test.required, test.course) == ("Đổi tên", False, course)
