from quizzes.models.attempt import Answer, Attempt
from quizzes.models.bank import BankMember, Category, Question, QuestionBank, QuestionVersion
from quizzes.models.importing import QuestionImport
from quizzes.models.quiz import Quiz, QuizSection

__all__ = [
    "Answer",
    "Attempt",
    "BankMember",
    "Category",
    "Question",
    "QuestionBank",
    "QuestionImport",
    "QuestionVersion",
    "Quiz",
    "QuizSection",
]
