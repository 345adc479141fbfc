"""A class that takes a test of every kind of question on paper."""

import random
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from courses.models import CourseRun, Enrolment
from people.models import User
from quizzes import kinds
from quizzes.kinds.truefalse import FALSE, TRUE
from quizzes.models import PrintedTest, PrintedVariant, Quiz
from quizzes.printed import entering, reading, variants
from quizzes.printed.reading import Asked
from tests import factories

EVERY_KIND = """$CATEGORY: Nhận thức chung

// [id:S1]
::S1::Điều nào nói về bối cảnh? {
=Điều 4
~Điều 5
~Điều 6
~Điều 7
}

// [id:M1]
::M1::Nội dung nào thuộc Điều 4? {
~%50%Bối cảnh
~%50%Các bên quan tâm
~%-50%Mua sắm
~%-50%Đấu thầu
}

// [id:T1]
::T1::Lãnh đạo cao nhất chịu trách nhiệm về hệ thống. {TRUE}

// [id:F1]
::F1::Sổ tay chất lượng là bắt buộc. {FALSE}

// [id:N1]
::N1::Có bao nhiêu nguyên tắc quản lý chất lượng? {#7.5:0.1}

// [id:P1]
::P1::Ghép mỗi bước với điều tương ứng. {
=Hoạch định -> Điều 6
=Thực hiện -> Điều 8
=Kiểm tra -> Điều 9
=Hành động -> Điều 10
}

// [id:E1]
// [rubric:4 Nêu đúng các nguyên tắc]
// [rubric:6 Có ví dụ]
::E1::Vì sao bắt đầu từ khách hàng? {}
"""
QUESTIONS = 7


@dataclass
class OnPaper:
    """Three learners in a run, whose test was drawn in some variants."""

    trainer: User
    quiz: Quiz
    run: CourseRun
    learners: list[Enrolment]
    test: PrintedTest

    def variant(self, place: int = 0) -> PrintedVariant:
        return self.test.variants.order_by("code")[place]

    def asked(self, place: int = 0) -> list[Asked]:
        return reading.asked(self.variant(place).paper)

    def right_line(self, place: int = 0, **instead: str) -> str:
        """All answers right; ``instead`` answers a question, by its name, in another way."""
        return " ".join(
            instead.get(one.version.question.name, right(one)) for one in self.asked(place)
        )

    def paper(self, learner: int, line: str, *, place: int = 0, **seen: Any) -> entering.HandedIn:
        return entering.HandedIn(self.learners[learner].pk, self.variant(place).code, line, **seen)


def right(one: Asked) -> str:
    body = one.version.body
    by_kind: dict[str, Any] = {
        "single": lambda: one.write(next(c["id"] for c in body["choices"] if c["weight"] == "100")),
        "multiple": lambda: one.write([c["id"] for c in body["choices"] if c["weight"] == "50"]),
        "truefalse": lambda: one.write(TRUE if body["answer"] else FALSE),
        "numerical": lambda: "7,5",
        "matching": lambda: one.write({str(p["id"]): p["match"] for p in body["prompts"]}),
        "essay": lambda: "10",
    }
    return str(by_kind[one.version.kind]())


def wrong_letter(one: Asked) -> str:
    kind = kinds.get(one.version.kind)
    return next(letter for letter in "ABCD" if kind.score(one.version.body, one.read(letter)) == 0)


def class_on_paper(
    *, count: int = 3, gift: str = EVERY_KIND, questions: int = QUESTIONS
) -> OnPaper:
    trainer = factories.UserFactory(trainer=True)
    course = factories.CourseFactory(trainers=[trainer])
    bank = factories.BankFactory(gift=gift, members=[trainer])
    quiz = factories.QuizFactory(course=course, bank=bank, sections=[(None, questions)])
    run = factories.RunFactory(course=course, provider="Sở Khoa học và Công nghệ")
    names = ("Trần Văn Ổn", "Lê Thị Ánh", "Nguyễn Văn Bình")
    learners = [
        factories.EnrolmentFactory(run=run, person=factories.PersonFactory(full_name=name))
        for name in names
    ]
    test = variants.draw_variants(
        quiz_id=quiz.pk,
        run_id=run.pk,
        count=count,
        at=timezone.now(),
        by=trainer,
        rng=random.Random(7),
    )
    return OnPaper(trainer, quiz, run, learners, test)
