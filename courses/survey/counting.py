"""What a survey says: only from five sheets on, so that nobody is recognised."""

from dataclasses import dataclass, field

from courses.models import CourseRun, SurveyAnswer
from courses.survey.answering import RATINGS, kept_statements

FEWEST = 5


@dataclass
class StatementCount:
    """How often each rating was given to a statement."""

    text: str
    ratings: dict[int, int] = field(default_factory=lambda: dict.fromkeys(RATINGS, 0))

    @property
    def number(self) -> int:
        return sum(self.ratings.values())

    @property
    def mean(self) -> float | None:
        """Between 1 and 5; None where nobody rated."""
        if not self.number:
            return None
        return sum(rating * times for rating, times in self.ratings.items()) / self.number


@dataclass
class Results:
    """``statements`` and ``comments`` are empty while there are fewer than ``FEWEST`` sheets."""

    sheets: int
    asked: int
    statements: list[StatementCount]
    comments: list[str]

    @property
    def shown(self) -> bool:
        return self.sheets >= FEWEST


def results(run: CourseRun) -> Results:
    """Counted from all sheets of the run: the statements of today first, then former ones."""
    asked = run.enrolments.filter(participated_at__isnull=False).count()
    answers = SurveyAnswer.objects.filter(run=run).order_by("pk")  # random: no order in time
    sheets = list(answers.values_list("statements", "ratings", "comment"))
    if len(sheets) < FEWEST:
        return Results(len(sheets), asked, [], [])
    counts = {text: StatementCount(text) for text in kept_statements(run.course)}
    for statements, ratings, _comment in sorted(sheets, key=lambda sheet: sheet[0]):
        for text, rating in zip(statements, ratings, strict=True):
            count = counts.setdefault(text, StatementCount(text))
            if rating is not None:
                count.ratings[rating] += 1
    rated = [count for count in counts.values() if count.number]
    comments = [comment.strip() for _texts, _ratings, comment in sheets if comment.strip()]
    return Results(len(sheets), asked, rated, comments)
