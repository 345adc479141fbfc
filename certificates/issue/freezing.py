"""The content of a certificate, frozen at issue: later changes of names move nothing."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate, CertificateTemplate, Register
from certificates.paper import wording
from certificates.register import validity
from certificates.register.entering import Numbers
from certificates.signature import signing

# Latin with all Vietnamese letters, general punctuation, the currency sign đồng.
_DRAWABLE = re.compile("[\u0020-\u007e\u00a0-\u024f\u1e00-\u1eff\u2010-\u2027\u20ab]")


class CannotIssue(Exception):
    """Carries the reason, in words for the DOST officer."""


# What is read together with a certificate whose content is made.
PRINTED = (
    "rule__register",
    "rule__template__published",
    "person",
    "printed_agency",
    "enrolment__agency",
    "enrolment__run__course__edition",
)
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
    language, template = "vi", {}
    if rule.template:
        language, template = rule.template.language, {"template": _version(rule.template)}
    frozen = template | {
        "language": language,
        "parent_body": register.parent_body or None,
        "issuing_body": register.issuing_body,
        "title": wording.TITLES[language],
        "full_name": person.full_name,
        "date_of_birth": _iso(person.date_of_birth),
        "workplace": certificate.workplace.name if certificate.workplace else None,
        "course_title": rule.printed_title,
        "course_code": course.code,
        "hours": course.hours,
        "starts_on": _iso(run.starts_on),
        "ends_on": _iso(min(finished, run.ends_on)),
        "form_of_study": wording.FORMS_OF_STUDY[language][run.mode],
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
    signed = {
        "signing": str(register.signing),
        "signed": register.signing != Register.Signing.UNSIGNED,
        "signed_by": by,
    }
    of_signature = signing.notice(register, by=by, language=frozen["language"])
    return _checked(frozen | signed | {"notice": wording.notice(frozen, of_signature)})


def _checked(frozen: dict[str, Any]) -> dict[str, Any]:
    if strange := _not_drawable(frozen):
        raise CannotIssue(
            _("The paper cannot show these characters: %(characters)s")
            % {"characters": " ".join(strange)}
        )
    return frozen


def _version(template: CertificateTemplate) -> dict[str, Any]:
    """Which version of a template the paper takes, and its hash: it keeps this one for ever."""
    if template.published is None:
        raise CannotIssue(
            _("No version of the template “%(name)s” is published.") % {"name": template.name}
        )
    return {"version": template.published.pk, "sha256": template.published.sha256}


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
