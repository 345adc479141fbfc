"""The catalogue in Wagtail's editor: who edits which lesson, and what cannot be deleted."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Page

from courses.authoring import keep_clip
from courses.models import CataloguePage, Clip, Course, LessonPage
from people.models import User
from tests.factories import CourseFactory, RunFactory, UserFactory, lessons_of
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db
CLIP = Path(__file__).resolve().parents[2] / "demo" / "clips" / "A1.mp4"


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def course(trainer: User) -> Course:
    found: Course = CourseFactory(trainers=[trainer])
    return found


def page_address(view: str, page: Any) -> str:
    return reverse(f"wagtailadmin_pages:{view}", args=[page.pk])


def lesson_form(page: LessonPage, **changes: Any) -> dict[str, Any]:
    return {
        "title": page.title,
        "slug": page.slug,
        "objectives": page.objectives,
        "minutes": page.minutes,
        "seconds": page.seconds,
        "transcript": "null",
        "body": "null",
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
    } | changes


def test_a_trainer_edits_and_publishes_a_lesson_of_the_own_course(
    trainer: User, course: Course
) -> None:
    lesson = lessons_of(course)[0]
    data = lesson_form(lesson, objectives="Nêu được bảy nguyên tắc", **{"action-publish": "1"})
    at_work(trainer).post(page_address("edit", lesson), data)
    lesson.refresh_from_db()
    assert lesson.objectives == "Nêu được bảy nguyên tắc"


def test_a_trainer_previews_a_lesson_as_a_learner_sees_it(trainer: User, course: Course) -> None:
    lesson = lessons_of(course)[0]
    client = at_work(trainer)
    address = page_address("preview_on_edit", lesson)
    data = lesson_form(lesson, objectives="Nêu được bảy nguyên tắc")
    assert client.post(address, data).json()["is_valid"]
    preview = client.get(address, {"mode": ""})
    assert "Nêu được bảy nguyên tắc" in preview.content.decode()
    lesson.refresh_from_db()
    assert lesson.objectives == ""


@pytest.mark.parametrize(
    "view", ["edit", "preview_on_edit", "view_draft", "delete", "unpublish", "copy", "history"]
)
def test_a_lesson_of_a_foreign_course_is_closed(trainer: User, course: Course, view: str) -> None:
    foreign = lessons_of(CourseFactory())[0]
    assert at_work(trainer).get(page_address(view, lessons_of(course)[0])).status_code == 200
    answer = at_work(trainer).get(page_address(view, foreign))
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("wagtailadmin_home")


def test_a_foreign_lesson_is_not_changed_by_posting(trainer: User, course: Course) -> None:
    foreign = lessons_of(CourseFactory())[0]
    data = lesson_form(foreign, title="Đã đổi", **{"action-publish": "1"})
    at_work(trainer).post(page_address("edit", foreign), data)
    at_work(trainer).post(page_address("unpublish", foreign))
    foreign.refresh_from_db()
    assert (foreign.title, foreign.live) == ("Bài 1", True)


def test_a_lesson_is_neither_added_to_nor_moved_into_a_foreign_course(
    trainer: User, course: Course
) -> None:
    foreign, own = CourseFactory(), lessons_of(course)[0]
    client = at_work(trainer)
    adding = ["courses", "lessonpage"]
    assert (
        client.get(reverse("wagtailadmin_pages:add", args=[*adding, course.page.pk])).status_code
        == 200
    )
    answer = client.get(reverse("wagtailadmin_pages:add", args=[*adding, foreign.page.pk]))
    assert answer.status_code == 302
    client.post(reverse("wagtailadmin_pages:move_confirm", args=[own.pk, foreign.page.pk]))
    assert Page.objects.get(pk=own.pk).get_parent().pk == course.page.pk


def test_the_catalogue_itself_belongs_to_the_officers(trainer: User, course: Course) -> None:
    catalogue = CataloguePage.objects.get()
    assert at_work(trainer).get(page_address("edit", catalogue)).status_code == 302
    officer = UserFactory(officer=True)
    assert at_work(officer).get(page_address("edit", catalogue)).status_code == 200
    assert at_work(officer).get(page_address("edit", lessons_of(course)[0])).status_code == 200


def test_a_trainer_cannot_give_the_course_page_another_course(
    trainer: User, course: Course
) -> None:
    form = at_work(trainer).get(page_address("edit", course.page)).context["form"]
    assert "course" not in form.fields


def test_a_course_page_is_not_copied(course: Course) -> None:
    answer = at_work(UserFactory(officer=True)).get(page_address("copy", course.page))
    assert answer.status_code == 302


# --- Deleting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_lesson_that_a_run_has_is_not_deleted_and_can_be_unpublished(
    trainer: User, course: Course, method: str
) -> None:
    RunFactory(course=course)
    lesson = lessons_of(course)[0]
    page = getattr(at_work(trainer), method)(page_address("delete", lesson), follow=True)
    assert page.status_code == 200
    assert "Not deleted" in said(page)
    assert page_address("unpublish", lesson) in said(page)
    assert LessonPage.objects.filter(pk=lesson.pk).exists()


def test_a_course_page_with_runs_is_not_deleted(course: Course) -> None:
    RunFactory(course=course, opened=False)
    officer = UserFactory(officer=True)
    officer.is_superuser = True
    officer.save()
    page = at_work(officer).post(page_address("delete", course.page), follow=True)
    assert "Not deleted" in said(page)
    assert Page.objects.filter(pk=course.page.pk).exists()


def test_deleting_several_pages_deletes_none_if_one_is_needed(
    trainer: User, course: Course
) -> None:
    free = CourseFactory(trainers=[trainer])
    RunFactory(course=course)
    lessons = [*lessons_of(course), *lessons_of(free)]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    chosen = "&".join(f"id={lesson.pk}" for lesson in lessons)
    here = f"next={reverse('wagtailadmin_explore', args=[course.page.pk])}"
    page = at_work(trainer).post(f"{address}?{chosen}&{here}", follow=True)
    assert "Not deleted" in said(page)
    assert "bulk/wagtailcore/page/unpublish" in said(page)
    assert LessonPage.objects.count() == len(lessons)


def test_a_lesson_that_nothing_rests_on_is_deleted(trainer: User, course: Course) -> None:
    lesson = lessons_of(course)[0]
    at_work(trainer).post(page_address("delete", lesson))
    assert not LessonPage.objects.filter(pk=lesson.pk).exists()


# --- Clips ----------------------------------------------------------------------------------------


@pytest.fixture
def clip() -> Clip:
    with CLIP.open("rb") as file:
        return keep_clip(title="Bài 1", file=file, file_name="A1.mp4")


def test_a_clip_that_a_lesson_shows_is_not_deleted(
    trainer: User, course: Course, clip: Clip
) -> None:
    lesson = lessons_of(course)[0]
    LessonPage.objects.filter(pk=lesson.pk).update(clip=clip)
    page = at_work(trainer).post(reverse("wagtailmedia:delete", args=[clip.pk]), follow=True)
    assert "Not deleted" in said(page)
    assert lesson.title in said(page)
    assert Clip.objects.filter(pk=clip.pk).exists()


def test_a_clip_that_nothing_shows_is_deleted(trainer: User, clip: Clip) -> None:
    at_work(trainer).post(reverse("wagtailmedia:delete", args=[clip.pk]))
    assert not Clip.objects.exists()


def test_a_focal_point_deletes_no_clip(clip: Clip) -> None:
    client = at_work(UserFactory(focal_point=True))
    client.post(reverse("wagtailmedia:delete", args=[clip.pk]))
    assert Clip.objects.exists()


def test_the_length_of_a_clip_is_read_from_the_file(trainer: User) -> None:
    with CLIP.open("rb") as file:
        content = SimpleUploadedFile("A1.mp4", file.read())
    data = {"title": "Bài 1", "file": content, "tags": "", "duration": 1}
    at_work(trainer).post(reverse("wagtailmedia:add", args=["video"]), data)
    clip = Clip.objects.get()
    assert (round(clip.duration), clip.width, clip.height) == (8, 640, 360)


# It names a file of this machine; whoever guesses the format would open it.
PLAY_LIST = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{CLIP}\n#EXT-X-ENDLIST\n".encode()


@pytest.mark.parametrize("name", ["broken", "play list", "text", "empty box"])
def test_what_is_no_video_is_refused_with_a_reason(trainer: User, name: str) -> None:
    with CLIP.open("rb") as file:
        beginning = file.read(3000)
    content = {
        "broken": beginning,
        "play list": PLAY_LIST,
        "text": b"Xin ch\xc3\xa0o",
        "empty box": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    }[name]
    data = {"title": "Hỏng", "file": SimpleUploadedFile("A1.mp4", content), "tags": ""}
    page = at_work(trainer).post(reverse("wagtailmedia:add", args=["video"]), data)
    assert page.context["form"].errors["file"]
    assert not Clip.objects.exists()
