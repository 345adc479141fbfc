import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.test import Client, RequestFactory
from wagtail.models import Page, get_page_models

from cms.models import HomePage
from courses.audience import require_audience
from courses.models import CataloguePage, LessonPage
from courses.running import close_run
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def asked_by(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.user = user
    return request


def test_every_kind_of_page_says_whom_it_admits() -> None:
    silent = [model for model in get_page_models() if not hasattr(model, "admits")]
    assert silent == [Page]  # Wagtail's own, which only the tree's root is


def test_a_page_that_does_not_say_admits_nobody() -> None:
    root = Page.objects.get(depth=1)
    answer = require_audience(root, asked_by(AnonymousUser()), [], {})
    assert isinstance(answer, HttpResponseRedirect)
    assert answer.url == "/accounts/login/?next=/somewhere/"
    for user in (factories.UserFactory(officer=True), factories.superuser()):
        with pytest.raises(PermissionDenied):
            require_audience(root, asked_by(user), [], {})


def test_home_catalogue_and_courses_are_for_everyone() -> None:
    course = factories.CourseFactory()
    for page in (HomePage.objects.get(), CataloguePage.objects.get(), course.page):
        assert require_audience(page, asked_by(AnonymousUser()), [], {}) is None


@pytest.fixture
def lesson() -> LessonPage:
    return factories.lessons_of(factories.CourseFactory())[0]


def admitted(user: User, lesson: LessonPage) -> bool:
    try:
        return require_audience(lesson, asked_by(user), [], {}) is None
    except PermissionDenied:
        return False


def test_a_lesson_is_for_those_enrolled_in_a_run_that_has_it(lesson: LessonPage) -> None:
    user = factories.UserFactory()
    run = factories.RunFactory(course=lesson.get_parent().specific.course)
    assert not admitted(user, lesson)
    factories.EnrolmentFactory(person=user.person, run=run)
    assert admitted(user, lesson)
    close_run(run_id=run.pk, at=run.opened_at)
    assert admitted(user, lesson)  # what one has learnt one may read again


def test_a_lesson_is_for_its_trainers_and_for_dost_officers(lesson: LessonPage) -> None:
    course = lesson.get_parent().specific.course
    trainer, other = factories.UserFactory(trainer=True), factories.UserFactory(trainer=True)
    course.trainers.create(user=trainer)
    assert admitted(trainer, lesson)
    assert not admitted(other, lesson)
    assert admitted(factories.UserFactory(officer=True), lesson)
    assert not admitted(factories.UserFactory(focal_point=True), lesson)


def test_a_visitor_is_sent_to_the_log_in_page_and_back(client: Client, lesson: LessonPage) -> None:
    response = client.get(lesson.url)
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={lesson.url}")


def test_a_lesson_in_draft_is_not_there_even_for_its_learners(
    client: Client, lesson: LessonPage
) -> None:
    user = factories.UserFactory()
    run = factories.RunFactory(course=lesson.get_parent().specific.course)
    factories.EnrolmentFactory(person=user.person, run=run)
    lesson.unpublish()
    client.force_login(user)
    assert client.get(lesson.url).status_code == 404
