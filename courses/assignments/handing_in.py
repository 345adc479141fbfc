"""The learner's side of an assignment: drafts, files, handing in.

Every change counts the submission's ``version`` up, under the lock of the enrolment.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from courses.models import (
    Assignment,
    CourseRun,
    Enrolment,
    Submission,
    SubmissionFile,
    SubmissionStep,
)
from jobs import private_files

LONGEST_TEXT = 50_000
MOST_FILES = 5
MOST_MEGABYTES = 15
FOLDER = "assignments"
State = Submission.State


class HandingInRefused(Exception):
    """Carries the reason, in words for the learner."""


def submission_of(*, enrolment: Enrolment, assignment: Assignment) -> Submission | None:
    return Submission.objects.filter(enrolment=enrolment, assignment=assignment).first()


def save_draft(*, enrolment_id: int, assignment: Assignment, text: str, at: datetime) -> Submission:
    """Keep the text as far as it is written. Raises HandingInRefused."""
    with transaction.atomic():
        submission = _in_hand(enrolment_id=enrolment_id, assignment=assignment, at=at)
        return _keep_text(submission, text=text, at=at)


def add_file(
    *, enrolment_id: int, assignment: Assignment, upload: Any, at: datetime
) -> SubmissionFile:
    """Keep a file with the draft; the same file again changes nothing. Raises HandingInRefused."""
    try:
        received = private_files.receive(
            upload, kinds=private_files.DOCUMENTS, most_megabytes=MOST_MEGABYTES
        )
    except private_files.FileRefused as refused:
        raise HandingInRefused(str(refused)) from refused
    stored = received.keep(FOLDER)
    file = None
    try:
        with transaction.atomic():
            submission = _in_hand(enrolment_id=enrolment_id, assignment=assignment, at=at)
            there = submission.files.filter(hash=received.hash).first()
            if there:
                return there
            if submission.files.filter(handed_in_at__isnull=True).count() >= MOST_FILES:
                raise HandingInRefused(
                    _("At most %(limit)s files can be handed in; remove one first.")
                    % {"limit": MOST_FILES}
                )
            file = SubmissionFile.objects.create(
                submission=submission,
                file=stored,
                name=_shown_name(upload.name, received.kind),
                size=len(received.content),
                hash=received.hash,
                added_at=at,
            )
            _touch(submission, at=at)
    finally:
        if file is None:
            private_files.discard(stored)
    return file


def _shown_name(name: str, kind: private_files.Kind) -> str:
    """The name given by the learner, without folders and control characters, with the true end."""
    plain = "".join(letter for letter in name if letter.isprintable())
    stem = plain.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0].strip(" .")[:100]
    return f"{stem or 'file'}.{kind.extension}"


def remove_file(*, enrolment_id: int, assignment: Assignment, file_id: int, at: datetime) -> None:
    """Take a file back that was not handed in yet; one that is gone already is no error."""
    with transaction.atomic():
        submission = _in_hand(enrolment_id=enrolment_id, assignment=assignment, at=at)
        file = submission.files.filter(pk=file_id, handed_in_at__isnull=True).first()
        if file is None:
            return
        name = file.file.name
        file.delete()
        _touch(submission, at=at)
        transaction.on_commit(lambda: private_files.discard(name))


def hand_in(*, enrolment_id: int, assignment: Assignment, text: str, at: datetime) -> Submission:
    """Hand the work in; it cannot be changed any more unless the trainer returns it.

    Handing in twice is handing in once. Raises HandingInRefused.
    """
    with transaction.atomic():
        # The lock first: of two tabs the later one sees what the earlier has handed in.
        Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment_id)
        done = Submission.objects.filter(
            enrolment=enrolment_id, assignment=assignment, state__in=[State.HANDED_IN, State.MARKED]
        ).first()
        if done:
            return done
        submission = _in_hand(enrolment_id=enrolment_id, assignment=assignment, at=at)
        _keep_text(submission, text=text, at=at)
        fresh = submission.files.filter(handed_in_at__isnull=True)
        if not submission.text.strip() and not fresh.exists():
            raise HandingInRefused(
                _("There is nothing to hand in yet: write a text or add a file.")
            )
        fresh.update(handed_in_at=at)
        Submission.objects.filter(pk=submission.pk, state__in=Submission.IN_HAND).update(
            state=State.HANDED_IN, handed_in_at=at, version=F("version") + 1
        )
        SubmissionStep.objects.create(
            submission=submission, kind=SubmissionStep.Kind.HANDED_IN, at=at, text=submission.text
        )
    submission.refresh_from_db()
    return submission


def _in_hand(*, enrolment_id: int, assignment: Assignment, at: datetime) -> Submission:
    """The submission as long as the learner may change it, made if need be, under the lock."""
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",)).select_related("run").get(pk=enrolment_id)
    )
    if enrolment.withdrawn_at:
        raise HandingInRefused(_("You have withdrawn from this run."))
    if enrolment.run.state == CourseRun.State.CLOSED:
        raise HandingInRefused(_("This run is closed: nothing more is recorded in it."))
    if assignment.assessment.course_id != enrolment.run.course_id:
        raise HandingInRefused(_("The assignment belongs to another course."))
    submission, _created = Submission.objects.get_or_create(
        enrolment=enrolment, assignment=assignment, defaults={"saved_at": at}
    )
    if submission.state not in Submission.IN_HAND:
        raise HandingInRefused(_("The work is handed in; it cannot be changed any more."))
    return submission


def _keep_text(submission: Submission, *, text: str, at: datetime) -> Submission:
    if len(text) > LONGEST_TEXT:
        raise HandingInRefused(
            _("The text is longer than %(limit)s characters; hand in a file instead.")
            % {"limit": LONGEST_TEXT}
        )
    if "\x00" in text:
        raise HandingInRefused(_("The text holds characters that are no text."))
    submission.text = text
    submission.saved_at = at
    submission.save(update_fields=["text", "saved_at"])
    _touch(submission, at=at)
    return submission


def _touch(submission: Submission, *, at: datetime) -> None:
    Submission.objects.filter(pk=submission.pk).update(saved_at=at, version=F("version") + 1)
    submission.refresh_from_db()
