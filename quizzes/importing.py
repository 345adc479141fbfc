"""Taking questions from a file into a bank: first looked at, then taken over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quizzes import stock
from quizzes.formats import gift
from quizzes.models import Category, Question, QuestionBank, QuestionImport, QuestionVersion

LARGEST_FILE = 2 * 1024 * 1024


class FileRefused(Exception):
    """Carries the reason why the file cannot be read, in words for people."""


@dataclass(frozen=True)
class Taken:
    """How many questions were new, got a new version, or were there already, word for word."""

    added: int
    renewed: int
    unchanged: int


def receive(
    *, bank: QuestionBank, file_name: str, content: bytes, by: Any, at: datetime
) -> QuestionImport:
    """Keep an uploaded GIFT file so that it can be looked at. Raises FileRefused."""
    if len(content) > LARGEST_FILE:
        raise FileRefused(
            _("The file is larger than %(limit)s MB.") % {"limit": LARGEST_FILE // 1024 // 1024}
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(
            _("The file is not text in UTF-8 (byte %(position)s).") % {"position": error.start}
        ) from error
    if "\x00" in text:
        raise FileRefused(_("The file is not a text file."))
    return QuestionImport.objects.create(
        bank=bank, file_name=file_name[-200:], text=text, uploaded_by=by, uploaded_at=at
    )


def read(upload: QuestionImport) -> gift.Parsed:
    """The questions and the problems of the file, each with its line."""
    return gift.parse(upload.text)


def take_over(*, upload: QuestionImport, at: datetime, by: Any) -> Taken:
    """Put the file's good questions into the bank; doing it twice changes nothing.

    A question with a known identifier gets a new version where its content differs.
    """
    parsed = read(upload)
    with transaction.atomic():
        # The bank's lock keeps two imports from adding the same question.
        bank = QuestionBank.objects.select_for_update().get(pk=upload.bank_id)
        counts = {"added": 0, "renewed": 0, "unchanged": 0}
        for question in parsed.questions:
            counts[_take(bank=bank, parsed=question, at=at, by=by)] += 1
        if counts["added"] or counts["renewed"]:
            stock.changed(bank.pk)
        QuestionImport.objects.filter(pk=upload.pk, applied_at__isnull=True).update(
            applied_at=at, added=counts["added"], renewed=counts["renewed"]
        )
    return Taken(**counts)


def _take(*, bank: QuestionBank, parsed: gift.ParsedQuestion, at: datetime, by: Any) -> str:
    identifier = parsed.identifier or ""
    path = "/".join(parsed.category) or _("No category")
    category, _created = Category.objects.get_or_create(bank=bank, path=path)
    title = (parsed.title or parsed.text)[:200]
    if identifier:
        found = Question.objects.filter(bank=bank, identifier=identifier).first()
    else:
        found = Question.objects.filter(bank=bank, name=title, current__text=parsed.text).first()
    if found and found.current and _same(found.current, parsed):
        return "unchanged"
    question = found or Question.objects.create(
        bank=bank, category=category, identifier=identifier, name=title
    )
    version = QuestionVersion.objects.create(
        question=question,
        number=question.versions.count() + 1,
        kind=parsed.kind,
        text=parsed.text,
        body=parsed.body,
        feedback=parsed.feedback,
        tags=parsed.tags,
        created_at=at,
        created_by=by,
    )
    Question.objects.filter(pk=question.pk).update(current=version, name=title, category=category)
    return "renewed" if found else "added"


def _same(version: QuestionVersion, parsed: gift.ParsedQuestion) -> bool:
    return (version.kind, version.text, version.body, version.feedback, version.tags) == (
        parsed.kind,
        parsed.text,
        parsed.body,
        parsed.feedback,
        list(parsed.tags),
    )
