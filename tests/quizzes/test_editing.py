"""Editing a question makes a new version; what was drawn keeps the old one."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from people.models import User
from quizzes import correcting, editing, kinds, stock
from quizzes.models import Question, QuestionBank, QuestionVersion, Quiz
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

NOW = timezone.now()
GIFT = """
$CATEGORY: Chung

// [id:S] [tag:9001-8]
::single:: Một cộng một? {=Hai#Đúng vậy. ~Ba ~Bốn ####Số học.}

::multiple:: Số chẵn? {~%50%Hai ~%50%Bốn ~%-100%Ba}

::truefalse:: Phát biểu này đúng. {TRUE#Sai rồi.#Phải.}

::matching:: Ghép. {=Một -> 1 =Hai -> 2 = -> 3}

::numerical:: Bao nhiêu? {#=7:0 =%50%8:1}

::essay:: Hãy trình bày. {}
"""
NAMES = ("single", "multiple", "truefalse", "matching", "numerical", "essay")


@pytest.fixture
def trainer() -> User:
    user: User = factories.UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    found: QuestionBank = factories.BankFactory(members=[trainer], gift=GIFT)
    return found


def question(bank: QuestionBank, name: str) -> Question:
    return Question.objects.select_related("current").get(bank=bank, name=name)


def filled_in(user: User, found: Question) -> dict[str, Any]:
    """What the form holds when it is opened."""
    form = at_work(user).get(reverse("questions:edit", args=[found.pk])).context["form"]
    return {field.name: field.value() for field in form}


def save(user: User, found: Question, data: dict[str, Any]) -> Any:
    return at_work(user).post(reverse("questions:edit", args=[found.pk]), data, follow=True)


@pytest.mark.parametrize("name", NAMES)
def test_saving_what_stands_makes_no_new_version(
    bank: QuestionBank, trainer: User, name: str
) -> None:
    found = question(bank, name)
    page = save(trainer, found, filled_in(trainer, found))
    assert "as it was" in said(page)
    found.refresh_from_db()
    assert found.versions.count() == 1


@pytest.mark.parametrize(
    ("name", "changes", "key"),
    [
        ("single", {"text-2": "Ba mươi", "weight-1": "0", "weight-2": "100"}, ["Ba mươi"]),
        ("single", {"text-3": "", "text-4": "Năm", "weight-4": "100"}, ["Hai", "Năm"]),
        ("multiple", {"weight-1": "33,33", "weight-2": "66,67"}, ["Hai", "Bốn"]),
        ("truefalse", {"answer-1": "false"}, ["False"]),
        ("matching", {"option-2": "3"}, ["Một → 1", "Hai → 3"]),
        ("matching", {"prompt-3": "Ba"}, ["Một → 1", "Hai → 2", "Ba → 3"]),
        ("numerical", {"value-1": "7,5", "tolerance-1": "0,5"}, ["7 – 8"]),
        ("numerical", {"value-2": "", "value-3": "9"}, ["7", "9"]),
        ("essay", {"text-1": "Nêu đủ bảy nguyên tắc"}, ["Nêu đủ bảy nguyên tắc (10 points)"]),
    ],
)
def test_every_kind_of_question_is_edited_in_the_form(
    bank: QuestionBank, trainer: User, name: str, changes: dict[str, str], key: list[str]
) -> None:
    found = question(bank, name)
    old = found.current
    page = save(trainer, found, filled_in(trainer, found) | changes)
    assert "version 2" in said(page)
    found.refresh_from_db()
    assert old is not None
    assert found.current is not None
    assert (found.current.number, found.current.created_by) == (2, trainer)
    with translation.override("en"):
        assert kinds.get(found.current.kind).key(found.current.body) == key
    assert QuestionVersion.objects.get(pk=old.pk).body == old.body
    assert (found.current.text, found.current.tags) == (old.text, old.tags)


def test_what_is_drawn_from_then_on_is_the_new_version(trainer: User) -> None:
    bank = factories.BankFactory(members=[trainer], gift=factories.statements(4))
    quiz = factories.QuizFactory(bank=bank)
    before = factories.sitting(quiz=quiz)
    found = Question.objects.filter(bank=bank).order_by("pk")[0]
    save(trainer, found, filled_in(trainer, found) | {"text": "Phát biểu mới."})
    after = factories.sitting(quiz=Quiz.objects.get(pk=quiz.pk))
    found.refresh_from_db()
    assert found.current_id in {slot.version for slot in after.paper}
    before.refresh_from_db()
    assert found.current_id not in {slot.version for slot in before.paper}


def test_a_corrected_key_is_what_one_edits(bank: QuestionBank, trainer: User) -> None:
    found = question(bank, "truefalse")
    assert found.current is not None
    correcting.correct(
        version_id=found.current.pk,
        body={**found.current.body, "answer": False},
        reason="Sai",
        by=trainer,
        at=NOW,
    )
    data = filled_in(trainer, found)
    assert data["answer-1"] == "false"
    save(trainer, found, data | {"text": "Phát biểu này sai."})
    found.refresh_from_db()
    assert found.current is not None
    assert found.current.body["answer"] is False


def test_name_and_category_change_without_a_new_version(bank: QuestionBank, trainer: User) -> None:
    found = question(bank, "single")
    other = bank.categories.create(path="Chung/Số")
    revision = bank.revision
    save(trainer, found, filled_in(trainer, found) | {"name": "Phép cộng", "category": other.pk})
    found.refresh_from_db()
    bank.refresh_from_db()
    assert (found.name, found.category, found.versions.count()) == ("Phép cộng", other, 1)
    assert bank.revision > revision


def test_what_cannot_be_a_question_is_refused_and_nothing_is_kept(
    bank: QuestionBank, trainer: User
) -> None:
    elsewhere = factories.BankFactory().categories.get()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("single", {"weight-1": "0"}),
        ("single", {"weight-1": "nhiều"}),
        ("single", {"text-1": "", "text-2": ""}),
        ("single", {"text-2": "Hai"}),
        ("single", {"text": " "}),
        ("single", {"category": elsewhere.pk}),
        ("single", {"text-1": "x" * 4001}),
        ("truefalse", {"answer-1": "có lẽ"}),
        ("matching", {"option-1": ""}),
        ("numerical", {"value-1": "bảy"}),
        ("numerical", {"tolerance-1": "-1"}),
        ("essay", {"points-1": "0"}),
        ("essay", {"text-2": "Thêm"}),
    ]
    for name, changes in wrong:
        found = question(bank, name)
        page = save(trainer, found, filled_in(trainer, found) | changes)
        assert page.status_code == 200, (name, changes)
        assert page.context["form"].errors, (name, changes)
    assert not QuestionVersion.objects.filter(number=2).exists()


def test_text_is_kept_composed(bank: QuestionBank, trainer: User) -> None:
    found = question(bank, "single")
    decomposed = "Cơ sở".encode().decode()
    data = filled_in(trainer, found) | {"text-2": "Ti\u1ebfng", "text-3": "Tie\u0302\u0301ng Việt"}
    save(trainer, found, data | {"tags": " 9001-8.4 ,, nhận-biết", "text": decomposed})
    found.refresh_from_db()
    assert found.current is not None
    texts = [choice["text"] for choice in found.current.body["choices"]]
    assert texts[1:] == ["Tiếng", "Tiếng Việt"]
    assert found.current.tags == ["9001-8.4", "nhận-biết"]


def in_stock(bank: QuestionBank) -> set[int]:
    return {item.version for item in stock.of(bank).items}


def test_a_question_is_retired_and_taken_up_again(bank: QuestionBank, trainer: User) -> None:
    found = question(bank, "single")
    address = reverse("questions:retire", args=[found.pk])
    assert found.current_id in in_stock(bank)
    at_work(trainer).post(address, {"do": "retire"})
    bank.refresh_from_db()
    assert found.current_id not in in_stock(bank)
    found.refresh_from_db()
    first = found.retired_at
    editing.retire(question_id=found.pk, at=NOW + timedelta(days=1))
    found.refresh_from_db()
    assert found.retired_at == first
    at_work(trainer).post(address, {"do": "take_up"})
    bank.refresh_from_db()
    assert found.current_id in in_stock(bank)


def test_a_test_that_cannot_be_drawn_any_more_is_named(trainer: User) -> None:
    bank = factories.BankFactory(members=[trainer], gift=factories.statements(4))
    quiz = factories.QuizFactory(bank=bank)
    Quiz.objects.filter(pk=quiz.pk).update(published_at=NOW)
    found = Question.objects.filter(bank=bank)[0]
    page = at_work(trainer).post(
        reverse("questions:retire", args=[found.pk]), {"do": "retire"}, follow=True
    )
    assert str(quiz) in said(page)


def test_the_listing_tells_retired_questions_from_those_in_use(
    bank: QuestionBank, trainer: User
) -> None:
    found = question(bank, "single")
    editing.retire(question_id=found.pk, at=NOW)
    for state, listed in (("retired", True), ("in_use", False)):
        page = at_work(trainer).get(reverse("questions:index"), {"state": state})
        assert (found in page.context["object_list"]) is listed


def test_a_question_of_others_is_not_there(bank: QuestionBank) -> None:
    found = question(bank, "single")
    stranger = at_work(factories.UserFactory(trainer=True))
    for name in ("edit", "retire"):
        address = reverse(f"questions:{name}", args=[found.pk])
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, {"do": "retire"}).status_code == 404
    found.refresh_from_db()
    assert found.retired_at is None
