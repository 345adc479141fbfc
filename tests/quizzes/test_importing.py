from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.models import User
from quizzes import importing
from quizzes.importing import FileRefused, Taken, read, receive, take_over
from quizzes.models import Question, QuestionBank, QuestionImport, QuestionVersion
from quizzes.setting import open_bank
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def trainer() -> User:
    user: User = factories.UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    return open_bank(name="Ngân hàng", members=[trainer])


def upload(bank: QuestionBank, trainer: User, content: str | bytes) -> QuestionImport:
    raw = content.encode() if isinstance(content, str) else content
    return receive(bank=bank, file_name="questions.gift", content=raw, by=trainer, at=NOW)


def bring(bank: QuestionBank, trainer: User, content: str) -> Taken:
    return take_over(upload=upload(bank, trainer, content), at=NOW, by=trainer)


def test_the_forty_questions_of_the_demo_are_taken_over(bank: QuestionBank, trainer: User) -> None:
    content = factories.GIFT.read_text()
    received = upload(bank, trainer, content)
    assert not bank.questions.exists()  # first looked at, then taken over
    assert read(received).problems == []
    assert take_over(upload=received, at=NOW, by=trainer) == Taken(40, 0, 0)
    kinds = Counter(bank.questions.values_list("current__kind", flat=True))
    assert set(kinds) == {"single", "multiple", "truefalse", "matching", "numerical"}
    assert sum(kinds.values()) == 40
    first = bank.questions.get(identifier="TCVN-001")
    assert first.category.path.endswith("Nhận thức chung")
    assert first.current is not None
    assert (first.current.number, first.current.created_by) == (1, trainer)
    received.refresh_from_db()
    assert (received.applied_at, received.added, received.renewed) == (NOW, 40, 0)


def test_taking_over_twice_changes_nothing(bank: QuestionBank, trainer: User) -> None:
    received = upload(bank, trainer, factories.statements(3))
    take_over(upload=received, at=NOW, by=trainer)
    later = NOW + timedelta(hours=1)
    assert take_over(upload=received, at=later, by=trainer) == Taken(0, 0, 3)
    received.refresh_from_db()
    assert (received.applied_at, received.added) == (NOW, 3)
    assert QuestionVersion.objects.count() == 3


def test_the_same_file_uploaded_again_adds_nothing(bank: QuestionBank, trainer: User) -> None:
    bring(bank, trainer, factories.statements(3))
    assert bring(bank, trainer, factories.statements(3)) == Taken(0, 0, 3)


def test_questions_without_identifiers_are_recognised_by_their_words(
    bank: QuestionBank, trainer: User
) -> None:
    gift = "::Một::Nước sôi ở 100 độ.{TRUE}\n\n::Hai::Nước đóng băng ở 0 độ.{TRUE}\n"
    assert bring(bank, trainer, gift) == Taken(2, 0, 0)
    assert bring(bank, trainer, gift) == Taken(0, 0, 2)


def test_a_changed_question_gets_a_new_version_and_the_old_one_stays(
    bank: QuestionBank, trainer: User
) -> None:
    bring(bank, trainer, factories.statements(2))
    changed = factories.statements(2).replace("số 2 là đúng. {TRUE}", "số 2 là sai. {FALSE}")
    assert bring(bank, trainer, changed) == Taken(0, 1, 1)
    question = bank.questions.get(identifier="Nhận thức chung-2")
    assert question.current is not None
    assert (question.current.number, question.current.text) == (2, "Phát biểu số 2 là sai.")
    old = question.versions.get(number=1)
    assert (old.text, old.body["answer"]) == ("Phát biểu số 2 là đúng.", True)


def test_a_broken_question_is_named_by_its_line_and_the_others_are_offered(
    bank: QuestionBank, trainer: User
) -> None:
    gift = (
        "::Một::Đúng.{TRUE}\n\n// chú thích\n::Hai::Không có đáp án đúng {~a ~b}\n\n::Ba::Sai.{F}\n"
    )
    received = upload(bank, trainer, gift)
    parsed = read(received)
    assert [problem.line for problem in parsed.problems] == [4]
    assert parsed.problems[0].message
    assert [question.title for question in parsed.questions] == ["Một", "Ba"]
    assert take_over(upload=received, at=NOW, by=trainer) == Taken(2, 0, 0)


def test_a_file_of_nothing_but_nonsense_changes_nothing(bank: QuestionBank, trainer: User) -> None:
    assert bring(bank, trainer, "xin chào\n\nkhông có câu hỏi") == Taken(0, 0, 0)
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"x" * (importing.LARGEST_FILE + 1),
        "Câu hỏi".encode("utf-16"),
        b"\xff\xfe\x00",
        b"PK\x03\x04\x00\x00",
        b"Cau hoi \x00 {TRUE}",
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason_and_not_kept(
    bank: QuestionBank, trainer: User, content: bytes
) -> None:
    with pytest.raises(FileRefused) as refused:
        upload(bank, trainer, content)
    assert str(refused.value)
    assert not QuestionImport.objects.exists()


def test_a_file_of_the_largest_size_and_one_with_a_byte_order_mark_are_read(
    bank: QuestionBank, trainer: User
) -> None:
    assert upload(bank, trainer, b"/" * importing.LARGEST_FILE)
    gift = b"\xef\xbb\xbf" + factories.statements(1).encode()
    assert len(read(upload(bank, trainer, gift)).questions) == 1


def test_two_banks_may_hold_the_same_identifiers(bank: QuestionBank, trainer: User) -> None:
    other = open_bank(name="Ngân hàng khác")
    for one in (bank, other):
        assert bring(one, trainer, factories.statements(2)) == Taken(2, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_imports_at_once_add_each_question_once(bank: QuestionBank, trainer: User) -> None:
    without_identifiers = "\n".join(f"::{n}::Câu {n} đúng.{{TRUE}}\n" for n in range(20))
    bring(bank, trainer, without_identifiers[: without_identifiers.index("::1::")])
    received = [upload(bank, trainer, without_identifiers) for _time in range(3)]

    def take(one: QuestionImport) -> Any:
        return lambda: take_over(upload=one, at=NOW, by=trainer)

    answers = together([take(one) for one in received])
    assert sorted(one.added for one in answers) == [0, 0, 19]  # type: ignore[union-attr]
    assert bank.questions.count() == QuestionVersion.objects.count() == 20


def test_a_trainer_sees_the_banks_one_is_a_member_of(bank: QuestionBank, trainer: User) -> None:
    foreign = open_bank(name="Ngân hàng khác")
    visible = QuestionBank.objects.visible_to
    assert list(visible(trainer)) == [bank]
    assert set(visible(factories.UserFactory(officer=True))) == {bank, foreign}
    bring(bank, trainer, factories.statements(1))
    bring(foreign, trainer, factories.statements(1))
    assert [one.bank for one in Question.objects.visible_to(trainer)] == [bank]
    assert [one.bank for one in QuestionImport.objects.visible_to(trainer)] == [bank]
