"""The content of a certificate, frozen at issue: later changes of names move nothing."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from certificates import signing, validity
from certificates.entering import Numbers
from certificates.models import Certificate, Register

# Latin with all Vietnamese letters, general punctuation, the currency sign đồng.
_DRAWABLE = re.compile("[\u0020-\u007e\u00a0-\u024f\u1e00-\u1eff\u2010-\u2027\u20ab]")


class CannotIssue(Exception):
    """Carries the reason, in words for the DOST officer."""


# Stands where a number will stand, in what is only looked at.
UNNUMBERED = Numbers(year=0, sequence=0, number="–", entry_number=0)


def content(
    *, certificate: Certificate, register: Register, numbers: Numbers, at: datetime
) -> dict[str, Any]:
    """What will be printed, as JSON: texts, numbers, and dates in ISO form."""
    rule, enrolment, person = certificate.rule, certificate.enrolment, certificate.person
    if rule is None or enrolment is None or enrolment.completed_at is None:
        raise CannotIssue(_("The enrolment is not completed."))
    run, course = enrolment.run, enrolment.run.course
    finished = timezone.localdate(enrolment.completed_at)
    frozen = {
        "language": "vi",
        "parent_body": register.parent_body or None,
        "issuing_body": register.issuing_body,
        "title": "GIẤY CHỨNG NHẬN",
        "full_name": person.full_name,
        "date_of_birth": _iso(person.date_of_birth),
        "workplace": enrolment.agency.name if enrolment.agency else None,
        "course_title": rule.printed_title,
        "course_code": course.code,
        "hours": course.hours,
        "starts_on": _iso(run.starts_on),
        "ends_on": _iso(min(finished, run.ends_on)),
        "form_of_study": _form_of_study(run.mode),
        "result": rule.result,
        "place": register.place,
        "issued_on": timezone.localdate(at).isoformat(),
        "signer_authority": register.signer_authority or None,
        "signer_title": register.signer_title,
        "signer_name": register.signer_name,
        "number": numbers.number,
        "register_entry_number": _entry_number(numbers),
        "standard_edition": course.edition.name,
        **validity.terms(rule=rule, issued_on=timezone.localdate(at)),
    }
    return _signed_and_checked(frozen, register)


def anew(
    *,
    content: dict[str, Any],
    register: Register,
    numbers: Numbers,
    at: datetime,
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """The content of a number that takes the place of another one.

    The holder's part stays but for ``changes``; body, place and signer are those of today.
    """
    frozen = {
        **content,
        "parent_body": register.parent_body or None,
        "issuing_body": register.issuing_body,
        "place": register.place,
        "issued_on": timezone.localdate(at).isoformat(),
        "signer_authority": register.signer_authority or None,
        "signer_title": register.signer_title,
        "signer_name": register.signer_name,
        "number": numbers.number,
        "register_entry_number": _entry_number(numbers),
        "replaces": content["number"],
        **changes,
    }
    return _signed_and_checked(frozen, register)


def _signed_and_checked(frozen: dict[str, Any], register: Register) -> dict[str, Any]:
    """With the way of signing, and whom a signature of the server will name.

    Asked before a number is taken: with a key that cannot be used nothing is begun.
    """
    try:
        by = signing.signer_name() if register.signing == Register.Signing.SERVER else ""
    except signing.CannotSign as reason:
        raise CannotIssue(str(reason)) from reason
    signed = {"signing": str(register.signing), "signed_by": by}
    return _checked(frozen | signed | {"notice": _notice(frozen, signing.notice(register, by=by))})


def _notice(frozen: Mapping[str, Any], notice: str) -> str:
    """What stands at the foot of the paper: first what it says of its signature."""
    if until := frozen.get("valid_until"):
        notice += f" Có giá trị đến ngày {'/'.join(reversed(until.split('-')))}."
    if replaced := frozen.get("replaces"):
        notice += f" Thay thế Giấy chứng nhận số {replaced}."
    return notice


def _checked(frozen: dict[str, Any]) -> dict[str, Any]:
    if strange := _not_drawable(frozen):
        raise CannotIssue(
            _("The paper cannot show these characters: %(characters)s")
            % {"characters": " ".join(strange)}
        )
    return frozen


def _entry_number(numbers: Numbers) -> str:
    if numbers == UNNUMBERED:
        return "–"
    return f"{numbers.entry_number:04d}/{numbers.year}"


def _not_drawable(frozen: dict[str, Any]) -> list[str]:
    """Characters that no certificate font carries; found before a number is taken for them."""
    texts = "".join(str(value) for value in frozen.values())
    return sorted({character for character in texts if not _DRAWABLE.match(character)})


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _form_of_study(mode: str) -> str:
    """The paper is in Vietnamese whatever language the worker runs in."""
    return {"online": "Trực tuyến", "in_person": "Trực tiếp", "blended": "Kết hợp"}[mode]
