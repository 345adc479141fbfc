from quizzes.models.attempt import Answer, Attempt, AttemptEvent, GradeRevision, LateAnswer
from quizzes.models.bank import (
    BankMember,
    Category,
    Difficulty,
    KeyCorrection,
    Question,
    QuestionBank,
    QuestionVersion,
)
from quizzes.models.importing import QuestionImport
from quizzes.models.marking import MarkingTask
from quizzes.models.paper import Paper, PaperSlot
from quizzes.models.printed import PrintedResponse, PrintedTest, PrintedVariant
from quizzes.models.quiz import Accommodation, Opening, Quiz, QuizSection
from quizzes.models.regrading import Regrading

__all__ = [
    "Accommodation",
    "Answer",
    "Attempt",
    "AttemptEvent",
    "BankMember",
    "Category",
    "Difficulty",
    "GradeRevision",
    "KeyCorrection",
    "LateAnswer",
    "MarkingTask",
    "Opening",
    "Paper",
    "PaperSlot",
    "PrintedResponse",
    "PrintedTest",
    "PrintedVariant",
    "Question",
    "QuestionBank",
    "QuestionImport",
    "QuestionVersion",
    "Quiz",
    "QuizSection",
    "Regrading",
]
