import random
import re
import shutil
import subprocess
from io import BytesIO
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from pypdf import PdfReader

from jobs.paper import PaperError
from quizzes.models import (
    KeyCorrection,
    PrintedTest,
    PrintedVariant,
    QuestionVersion,
    Quiz,
    QuizSection,
)
from quizzes.printed import printing, variants
from quizzes.printed.variants import PrintingRefused, draw_variants
from tests import factories
from tests.quizzes.on_paper import QUESTIONS, OnPaper, class_on_paper
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def of_class() -> OnPaper:
    return class_on_paper()


def draw(of_class: OnPaper, **values: Any) -> PrintedTest:
    said = {"quiz_id": of_class.quiz.pk, "run_id": of_class.run.pk, "count": 2, "at": NOW}
    return draw_variants(**(said | values))


# --- Drawing --------------------------------------------------------------------------------------


def test_all_variants_have_the_same_questions_and_no_two_are_alike(of_class: OnPaper) -> None:
    test = draw(of_class, count=24)
    papers = [variant.paper for variant in test.variants.order_by("code")]
    assert len(papers) == 24
    for paper in papers:
        assert sorted((one.version, one.marks, sorted(one.order)) for one in paper) == sorted(
            (one.version, one.marks, sorted(one.order)) for one in papers[0]
        )
    assert len(set(papers)) == 24
    assert len({tuple(one.version for one in paper) for paper in papers}) > 12


def test_codes_tell_the_printed_tests_of_a_run_apart(of_class: OnPaper) -> None:
    assert [one.code for one in of_class.test.variants.all()] == ["101", "102", "103"]
    assert [one.code for one in draw(of_class).variants.all()] == ["201", "202"]


def test_questions_change_places_within_their_section_only(of_class: OnPaper) -> None:
    bank = factories.BankFactory(gift=factories.statements(8))
    Quiz.objects.filter(pk=of_class.quiz.pk).update(bank=bank)
    of_class.quiz.sections.all().delete()
    fixed = list(bank.questions.order_by("pk")[:3])
    for order, question in enumerate(fixed, start=1):
        QuizSection.objects.create(quiz=of_class.quiz, order=order, question=question, marks=3)
    QuizSection.objects.create(quiz=of_class.quiz, order=9, count=5)
    papers = [one.paper for one in draw(of_class, count=12).variants.all()]
    for paper in papers:
        assert [one.marks for one in paper] == [3, 3, 3, 1, 1, 1, 1, 1]
    assert len({tuple(one.version for one in paper[:3]) for paper in papers}) > 1


@pytest.mark.parametrize("count", [0, 25, -1])
def test_there_are_1_to_24_variants(of_class: OnPaper, count: int) -> None:
    with pytest.raises(PrintingRefused):
        draw(of_class, count=count)
    assert PrintedTest.objects.count() == 1


def test_a_test_that_does_not_shuffle_has_one_variant(of_class: OnPaper) -> None:
    Quiz.objects.update(shuffle=False)
    with pytest.raises(PrintingRefused):
        draw(of_class)
    assert draw(of_class, count=1).variants.count() == 1


def test_a_test_too_short_for_so_many_variants_is_refused(of_class: OnPaper) -> None:
    short = class_on_paper(gift=factories.statements(2), questions=2, count=2)
    with pytest.raises(PrintingRefused):
        draw(short, count=3)
    assert PrintedVariant.objects.filter(test__run=short.run).count() == 2


def test_a_test_that_the_bank_cannot_fill_is_refused(of_class: OnPaper) -> None:
    of_class.quiz.sections.update(count=QUESTIONS + 1)
    with pytest.raises(PrintingRefused, match=str(QUESTIONS + 1)):
        draw(of_class)


def test_a_question_with_more_choices_than_letters_is_refused() -> None:
    choices = "\n".join(f"~Lựa chọn {n}" for n in range(26))
    gift = f"// [id:L1]\n::L1::Chọn một. {{\n=Đúng\n{choices}\n}}\n"
    with pytest.raises(PrintingRefused, match="L1"):
        class_on_paper(gift=gift, questions=1, count=1)


def test_a_test_of_another_course_or_a_draft_is_not_there(of_class: OnPaper) -> None:
    with pytest.raises(Quiz.DoesNotExist):
        draw(of_class, quiz_id=factories.QuizFactory().pk)
    Quiz.objects.update(published_at=None)
    with pytest.raises(Quiz.DoesNotExist):
        draw(of_class)


def test_nothing_is_drawn_for_a_draft_run(of_class: OnPaper) -> None:
    draft = factories.RunFactory(course=of_class.run.course, opened=False)
    with pytest.raises(PrintingRefused):
        draw(of_class, run_id=draft.pk)


def test_the_same_chance_draws_the_same_variants(of_class: OnPaper) -> None:
    first, second = (draw(of_class, rng=random.Random(3)) for _time in range(2))
    assert [one.paper for one in first.variants.all()] == [
        one.paper for one in second.variants.all()
    ]


@pytest.mark.django_db(transaction=True)
def test_two_tests_drawn_at_once_have_codes_of_their_own() -> None:
    of_class = class_on_paper()
    found = together([lambda: draw(of_class), lambda: draw(of_class)])
    assert all(isinstance(one, PrintedTest) for one in found), found
    codes = PrintedVariant.objects.filter(test__run=of_class.run).values_list("code", flat=True)
    assert sorted(codes) == ["101", "102", "103", "201", "202", "301", "302"]


# --- The papers -----------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    read = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True
    )
    return read.stdout.decode()


def printed(of_class: OnPaper, *places: int) -> bytes:
    return printing.print_papers(of_class.test, [of_class.variant(place) for place in places])


def code_on(page: str) -> str:
    """The variant's code in the head of a page; names beside it may hold numbers too."""
    found = re.search(r"Mã đề: (\d{3})\b", page)
    assert found, page
    return found[1]


def test_every_page_of_a_paper_says_variant_and_page(of_class: OnPaper) -> None:
    texts = [page.extract_text() for page in PdfReader(BytesIO(printed(of_class, 0))).pages]
    filled = [text for text in texts if text.strip()]
    for text in filled:
        assert code_on(text) == "101"
        assert re.search(r"\d/\d", text)
    assert len(filled) >= 2  # questions, and the answer sheet on a leaf of its own
    assert all(
        [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        for page in PdfReader(BytesIO(printed(of_class, 0))).pages
    )


def test_a_paper_has_its_head_every_question_and_every_choice(of_class: OnPaper) -> None:
    text = text_of(printed(of_class, 0))
    flat = " ".join(text.split())
    for expected in (
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        of_class.run.name,
        of_class.run.course.title,
        of_class.quiz.assessment.title,
        "45 phút",
        "Họ và tên",
        "Ngày sinh",
        "Ghép mỗi bước với điều tương ứng.",
        "Các bên quan tâm",
        "Hoạch định",
        f"Câu {QUESTIONS}",
    ):
        assert expected in flat
    for letter, choice in zip("ABCD", presented(of_class, "S1"), strict=True):
        assert re.search(rf"{letter}\.\s+{choice}", text)


def presented(of_class: OnPaper, name: str) -> list[str]:
    one = next(one for one in of_class.asked() if one.version.question.name == name)
    by_id = {choice["id"]: choice["text"] for choice in one.version.body["choices"]}
    return [by_id[number] for number in one.order]


def test_papers_of_all_variants_are_one_file_with_page_numbers_of_their_own(
    of_class: OnPaper,
) -> None:
    pages = PdfReader(BytesIO(printed(of_class, 0, 1, 2))).pages
    firsts = [text for page in pages if re.search(r"\b1/\d", text := page.extract_text())]
    assert [code_on(text) for text in firsts] == ["101", "101", "102", "102", "103", "103"]
    assert ["PHIẾU TRẢ LỜI" in text or "ANSWER SHEET" in text for text in firsts] == [
        False,
        True,
    ] * 3


def test_the_same_test_gives_the_same_bytes(of_class: OnPaper) -> None:
    assert printed(of_class, 0, 1) == printed(of_class, 0, 1)


def test_a_paper_gives_nothing_of_the_key_away(of_class: OnPaper) -> None:
    content = text_of(printed(of_class, 0))
    for secret in ("Nêu đúng các nguyên tắc", "7,5", "7.5"):
        assert secret not in content


@override_settings(LANGUAGE_CODE="en")
def test_a_service_in_english_prints_in_english(of_class: OnPaper) -> None:
    text = text_of(printed(of_class, 0))
    assert "ANSWER SHEET" in text
    assert "45 minutes" in text


def test_typst_and_line_breaks_in_a_question_are_only_text() -> None:
    gift = '::Q::Dòng một\\n#panic("x") $a$ *b* _c_ {\n=\\#let x\n~"B" @c\n}\n'
    of_class = class_on_paper(gift=gift, questions=1, count=1)
    assert '#panic("x") $a$ *b*' in text_of(printed(of_class, 0))


def test_a_character_that_cannot_be_drawn_is_said() -> None:
    of_class = class_on_paper(gift="::Q::Chữ 漢 nghĩa là gì? {TRUE}\n", questions=1, count=1)
    with pytest.raises(PaperError, match="漢"):
        printed(of_class, 0)


def test_a_question_stays_on_one_page() -> None:
    of_class = class_on_paper(gift=long_questions(30), questions=30, count=1)
    pages = [page.extract_text() for page in PdfReader(BytesIO(printed(of_class, 0))).pages]
    for one in of_class.asked():
        number = one.version.question.name
        (page,) = [text for text in pages if f"Phát biểu {number} " in text]
        assert f"cuối {number}." in page


def long_questions(count: int) -> str:
    return "\n".join(
        f"::{n}x::Phát biểu {n}x {'dài ' * 30} {{\n=Đúng {'rất ' * 30}\n~Sai cuối {n}x.\n}}\n"
        for n in range(count)
    )


def test_a_question_longer_than_a_page_goes_on_on_the_next() -> None:
    gift = "::Q::Đọc đoạn sau. " + "\\n".join(f"Dòng {n}" for n in range(90)) + " {TRUE}\n"
    of_class = class_on_paper(gift=gift, questions=1, count=1)
    assert "Dòng 89" in text_of(printed(of_class, 0))


# --- The keys -------------------------------------------------------------------------------------


def keys(of_class: OnPaper, *places: int) -> str:
    return text_of(
        printing.print_keys(of_class.test, [of_class.variant(place) for place in places])
    )


def test_the_key_of_a_variant_has_its_own_letters(of_class: OnPaper) -> None:
    for place in range(3):
        text = keys(of_class, place)
        for one in of_class.asked(place):
            if one.version.question.name == "S1":
                letter = "ABCD"[presented_at(of_class, place).index("Điều 4")]
                assert re.search(rf"\b{one.number}\s+{letter}\b", text)


def presented_at(of_class: OnPaper, place: int) -> list[str]:
    one = next(one for one in of_class.asked(place) if one.version.question.name == "S1")
    by_id = {choice["id"]: choice["text"] for choice in one.version.body["choices"]}
    return [by_id[number] for number in one.order]


def test_the_key_has_the_rubric_of_a_long_answer_and_the_number(of_class: OnPaper) -> None:
    text = keys(of_class, 0)
    assert "Nêu đúng các nguyên tắc" in text
    assert "7,4 – 7,6" in text


def test_the_key_is_the_corrected_one(of_class: OnPaper) -> None:
    by = factories.UserFactory(officer=True)
    number = QuestionVersion.objects.get(question__name="N1")
    voided = QuestionVersion.objects.get(question__name="T1")
    body = number.body | {
        "answers": [number.body["answers"][0] | {"value": "42", "tolerance": "0"}]
    }
    for version, corrected in ((number, body), (voided, None)):
        KeyCorrection.objects.create(version=version, body=corrected, reason="Sai", by=by, at=NOW)
    text = keys(of_class, 0)
    assert re.search(r"42 \*", text)
    assert "7,4" not in text


def test_drawing_keys_of_many_variants_asks_little(
    of_class: OnPaper, django_assert_max_num_queries: Any
) -> None:
    drawn = list(draw(of_class, count=12).variants.all())
    test = PrintedTest.objects.select_related("quiz__assessment", "run__course").get(
        pk=drawn[0].test_id
    )
    with django_assert_max_num_queries(2):
        printing.print_keys(test, drawn)
    assert variants.MOST_VARIANTS >= 12
