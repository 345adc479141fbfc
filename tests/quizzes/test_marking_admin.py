"""The staff's pages of long answers: what waits, one answer at a time, never whose it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import User
from quizzes import marking_queue
from quizzes.models import Attempt, MarkingTask, Quiz
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
    quiz_with_long_answer,
    written,
)
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/long-answers/"
# What differs between any two answers of the server.
VARIES = re.compile(r'(csrfmiddlewaretoken" value="|nonce="|CSRF_TOKEN": ")[^"]*"')


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def quiz(trainer: User) -> Quiz:
    return quiz_with_long_answer(course=CourseFactory(trainers=[trainer]))


def take(user: User, quiz: Quiz) -> MarkingTask:
    task = marking_queue.claim(user=user, quiz=quiz, at=timezone.now())
    assert task is not None
    return task


def page_of(task: MarkingTask) -> str:
    return reverse("long_answers:mark", args=[task.pk])


def give(user: User, task: MarkingTask, one: str = "4", two: str = "5,5", **more: Any) -> Any:
    posted = {"points-1": one, "points-2": two, "comment": "Thiếu ví dụ."} | more
    return at_work(user).post(page_of(task), posted, follow=True)


def test_the_queue_says_how_much_waits_in_which_test(trainer: User, quiz: Quiz) -> None:
    written(quiz), written(quiz), written(quiz)
    foreign = quiz_with_long_answer()
    written(foreign)
    take(trainer, quiz)
    page = at_work(trainer).get(reverse("long_answers:index"))
    [row] = page.context["tests"]
    assert (row.quiz, row.waiting, row.held, row.open, row.marked) == (quiz, 3, 1, 3, 0)
    assert len(at_work(UserFactory(officer=True)).get(ADDRESS).context["tests"]) == 2


def test_without_anything_to_mark_the_page_says_so(trainer: User) -> None:
    assert "No long answer waits" in at_work(trainer).get(ADDRESS).content.decode()


def test_taking_marking_and_going_on_to_the_next(trainer: User, quiz: Quiz) -> None:
    written(quiz), written(quiz)
    taken = at_work(trainer).post(reverse("long_answers:next", args=[quiz.pk]), follow=True)
    first = taken.context["task"]
    assert "Vì khách hàng." in taken.content.decode()
    assert "Nêu nguyên tắc (0–4)" in taken.content.decode()
    answer = give(trainer, first)
    assert f"Answer {first.pk} is marked." in said(answer)
    second = answer.context["task"]
    assert second != first
    last = give(trainer, second)
    assert "Nothing waits in this test" in said(last)
    assert Attempt.objects.filter(score__isnull=True).count() == 0
    assert [row.share for row in last.context["object_list"]] == ["19/20", "19/20"]


def test_a_markers_page_does_not_depend_on_whose_answer_it_is(trainer: User, quiz: Quiz) -> None:
    """Handed to another learner, of another agency and another run, the page stays the same."""
    here = written(quiz, person=PersonFactory(full_name="Quách Thị Hoàng Oanh"))
    RunFactory(course=quiz.assessment.course, name="Lớp đêm Suối Dầu")
    agency = AgencyFactory(name="Chi cục Thủy lợi Suối Dầu")
    there = written(quiz, person=PersonFactory(full_name="Tạ Văn Ích", agency=agency))
    of_here, of_there = (one.marking_tasks.get() for one in (here, there))
    slots = {here: of_here.slot, there: of_there.slot}
    of_there.delete()
    seen = []
    for attempt in (here, there):
        MarkingTask.objects.filter(pk=of_here.pk).update(
            attempt=attempt, slot=slots[attempt], marker=trainer, claimed_at=timezone.now()
        )
        client = at_work(trainer)
        pages = [client.get(page_of(of_here)), give(trainer, of_here, one="9")]
        seen.append([VARIES.sub("", page.content.decode()) for page in pages])
    assert seen[0] == seen[1]
    assert "Vì khách hàng." in seen[0][0]


def test_the_list_of_what_one_has_marked_names_nobody(trainer: User, quiz: Quiz) -> None:
    agency = AgencyFactory(name="Chi cục Thủy lợi Suối Dầu")
    written(quiz, person=PersonFactory(full_name="Quách Thị Hoàng Oanh", agency=agency))
    task = take(trainer, quiz)
    client = at_work(trainer)
    pages = [give(trainer, task), client.get(ADDRESS), client.get(page_of(task))]
    for page in pages:
        assert page.status_code == 200
        assert "Quách" not in page.content.decode()
        assert "Suối Dầu" not in page.content.decode()


def test_wrong_points_are_said_beside_their_criterion_and_what_was_typed_stays(
    trainer: User, quiz: Quiz
) -> None:
    written(quiz)
    task = take(trainer, quiz)
    page = give(trainer, task, one="4,5", two="")
    assert page.status_code == 409
    text = page.content.decode()
    assert "From 0 to 4 points" in text
    assert "Points are missing here." in text
    assert 'value="4,5"' in text
    assert "Thiếu ví dụ." in text
    assert give(trainer, task, one="<b>").status_code == 422
    assert not MarkingTask.objects.filter(marked_at__isnull=False).exists()


def test_what_was_marked_can_be_read_and_not_changed(trainer: User, quiz: Quiz) -> None:
    written(quiz)
    task = take(trainer, quiz)
    give(trainer, task)
    page = at_work(trainer).get(page_of(task)).content.decode()
    assert "5,5/6" in page or "5.5/6" in page
    assert "<textarea" not in page
    assert give(trainer, task, one="0").status_code == 409
    assert MarkingTask.objects.get().share == "19/20"


def test_what_another_has_taken_is_not_shown(trainer: User, quiz: Quiz) -> None:
    written(quiz)
    task = MarkingTask.objects.get()
    for takes in (lambda: None, lambda: take(UserFactory(officer=True), quiz)):
        takes()
        for page in (at_work(trainer).get(page_of(task), follow=True), give(trainer, task)):
            assert "somebody else has" in said(page)
            assert "Vì khách hàng." not in page.content.decode()


def test_to_reconcile_one_sees_what_both_gave_but_not_who(quiz: Quiz) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(second_marker=True)
    quiz.refresh_from_db()
    written(quiz)
    officers = [UserFactory(officer=True, username=f"marker-{n}") for n in range(2)]
    give(officers[0], take(officers[0], quiz), "4", "6", comment="Đủ ý")
    give(officers[1], take(officers[1], quiz), "0", "1", comment="Lạc đề")
    third = UserFactory(officer=True)
    task = take(third, quiz)
    page = at_work(third).get(page_of(task)).content.decode()
    assert "Đủ ý" in page
    assert "Lạc đề" in page
    assert "marker-0" not in page
    own = MarkingTask.objects.get(marker=officers[0])
    assert "Lạc đề" not in at_work(officers[0]).get(page_of(own)).content.decode()


def test_what_is_put_back_is_offered_again(trainer: User, quiz: Quiz) -> None:
    written(quiz)
    task = take(trainer, quiz)
    answer = at_work(trainer).post(page_of(task), {"put_back": "1"}, follow=True)
    assert "waits for another marker" in said(answer)
    assert MarkingTask.objects.get().marker is None


def test_an_answer_is_never_markup(trainer: User, quiz: Quiz) -> None:
    written(quiz, text="<script>alert(1)</script>\n\n</blockquote><h1>x</h1>")
    page = at_work(trainer).get(page_of(take(trainer, quiz))).content.decode()
    assert "alert(1)</script>" not in page
    assert "<h1>x" not in page


def test_a_stranger_finds_nothing_to_take(quiz: Quiz) -> None:
    written(quiz)
    task = MarkingTask.objects.get()
    stranger = at_work(UserFactory(trainer=True))
    assert stranger.post(reverse("long_answers:next", args=[quiz.pk])).status_code == 404
    assert stranger.get(page_of(task)).status_code == 404
    assert stranger.post(page_of(task), {"points-1": "0", "points-2": "0"}).status_code == 404
    learner = at_work(UserFactory())
    assert learner.get(page_of(task)).status_code == 302
    assert "login" in learner.get(page_of(task)).headers["Location"]
    assert MarkingTask.objects.get().marker is None


def test_a_trainer_who_sat_the_test_cannot_open_the_own_answer(trainer: User, quiz: Quiz) -> None:
    trainer.person = PersonFactory()
    trainer.save()
    written(quiz, person=trainer.person)
    page = at_work(trainer).post(reverse("long_answers:next", args=[quiz.pk]), follow=True)
    assert "Nothing waits in this test" in said(page)
    shown = at_work(trainer).get(page_of(MarkingTask.objects.get()), follow=True).content.decode()
    assert "Vì khách hàng." not in shown


def test_the_home_page_says_what_waits_for_whom(trainer: User, quiz: Quiz) -> None:
    home = reverse("wagtailadmin_home")
    assert "waits to be marked" not in at_work(trainer).get(home).content.decode()
    written(quiz)
    assert "1 long answer waits to be marked" in at_work(trainer).get(home).content.decode()
    stranger = at_work(UserFactory(trainer=True))
    assert "waits to be marked" not in stranger.get(home).content.decode()


def test_the_queue_costs_the_same_however_much_was_written(trainer: User, quiz: Quiz) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ADDRESS).status_code == 200
        return len(captured)

    client = at_work(trainer)
    written(quiz), written(quiz)
    give(trainer, take(trainer, quiz))
    cost()
    few = cost()
    for _number in range(4):
        written(quiz)
        give(trainer, take(trainer, quiz))
    MarkingTask.objects.filter(marked_at__isnull=True).update(
        claimed_at=timezone.now() - timedelta(hours=3)
    )
    assert cost() == few


def test_the_learner_reads_points_and_comment_but_not_the_marker(trainer: User, quiz: Quiz) -> None:
    learner = UserFactory()
    attempt = written(quiz, person=learner.person)
    client = at_work(learner)
    address = reverse("quizzes:result", args=[attempt.pk])
    waiting = client.get(address).content.decode()
    assert "A trainer marks the long answers" in waiting
    assert "Not passed" not in waiting
    give(trainer, take(trainer, quiz))
    told = client.get(address).content.decode()
    assert "Passed" in told
    assert "5.5 of 6 points" in told or "5,5 of 6 points" in told
    assert "Thiếu ví dụ." in told
    assert trainer.username not in told
