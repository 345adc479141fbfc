"""Which markup of questions is kept, and what of it."""

from fractions import Fraction

import pytest
from django.utils import timezone

from people.models import User
from quizzes import correcting, markup, papers
from quizzes.models import Attempt
from quizzes.seeing import Seen
from tests.factories import UserFactory, quiz_with_long_answer, version_in, written

pytestmark = pytest.mark.django_db

EVERYTHING = Seen(*(True for _field in Seen.__dataclass_fields__))


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def with_voided_long_answer(officer: User) -> Attempt:
    attempt = written(quiz_with_long_answer(), text="Bài của riêng tôi.")
    slot = attempt.marking_tasks.get().slot
    version = version_in(attempt, slot)
    correcting.void(version_id=version.pk, reason="Sai", by=officer, at=timezone.now())
    attempt.marks[slot - 1] = "1"
    return attempt


def test_a_long_answer_is_not_kept_even_where_its_question_was_voided(officer: User) -> None:
    attempt = with_voided_long_answer(officer)
    (long,) = [one for one in papers.review(attempt) if one.version.kind == "essay"]
    assert (long.share, long.marked) == (Fraction(1), None)
    (part,) = markup.review([long], EVERYTHING)
    assert "Bài của riêng tôi." in part.section
    assert markup._graded.cache_info().currsize == 0


def test_others_are_kept_once_for_all_who_answered_the_same(officer: User) -> None:
    attempt = with_voided_long_answer(officer)
    others = [one for one in papers.review(attempt) if one.version.kind != "essay"]
    first = markup.review(others, EVERYTHING)
    assert markup.review(others, EVERYTHING) == first
    assert markup._graded.cache_info().currsize == markup._graded.cache_info().hits == 2
