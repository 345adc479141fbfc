from courses.models.assessment import Assessment, AssessmentResult, ResultRevision
from courses.models.assignment import (
    Assignment,
    AssignmentDue,
    Criterion,
    Submission,
    SubmissionFile,
    SubmissionStep,
)
from courses.models.attendance import Attendance, AttendanceChange, AttendanceSheet, Session
from courses.models.content import (
    CataloguePage,
    Clip,
    Course,
    CoursePage,
    CourseTrainer,
    LessonPage,
)
from courses.models.correspondence import Reminder, RunMessage, RunQuestion
from courses.models.enrolment import (
    Enrolment,
    EnrolmentEvent,
    EnrolmentRequest,
    EvidenceConflict,
    LessonProgress,
)
from courses.models.lists import EnrolmentList, EnrolmentListRow
from courses.models.paper import ResultSheet
from courses.models.run import Amendment, CourseRun, Invitation, RunLesson
from courses.models.survey import SurveyAnswer, Surveyed, SurveyStatement

__all__ = [
    "Amendment",
    "Assessment",
    "AssessmentResult",
    "Assignment",
    "AssignmentDue",
    "Attendance",
    "AttendanceChange",
    "AttendanceSheet",
    "CataloguePage",
    "Clip",
    "Course",
    "CoursePage",
    "CourseRun",
    "CourseTrainer",
    "Criterion",
    "Enrolment",
    "EnrolmentEvent",
    "EnrolmentList",
    "EnrolmentListRow",
    "EnrolmentRequest",
    "EvidenceConflict",
    "Invitation",
    "LessonPage",
    "LessonProgress",
    "Reminder",
    "ResultRevision",
    "ResultSheet",
    "RunLesson",
    "RunMessage",
    "RunQuestion",
    "Session",
    "Submission",
    "SubmissionFile",
    "SubmissionStep",
    "SurveyAnswer",
    "SurveyStatement",
    "Surveyed",
]
