from courses.models.content import (
    CataloguePage,
    Clip,
    Course,
    CoursePage,
    CourseTrainer,
    LessonPage,
)
from courses.models.delivery import (
    Assessment,
    AssessmentResult,
    CourseRun,
    Enrolment,
    LessonProgress,
    RunLesson,
)

__all__ = [
    "Assessment",
    "AssessmentResult",
    "CataloguePage",
    "Clip",
    "Course",
    "CoursePage",
    "CourseRun",
    "CourseTrainer",
    "Enrolment",
    "LessonPage",
    "LessonProgress",
    "RunLesson",
]
