"""A certificate as an Open Badges 3.0 credential: a W3C verifiable credential, signed as a JWT.

It says what the frozen entry says of name, course, number, issuer and date, and neither date of
birth nor workplace nor result. Form: Open Badges 3.0 (1EdTech), 5 and 8.2, upon W3C Verifiable
Credentials Data Model 2.0.
"""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import quote
from uuid import uuid5

from django.conf import settings
from django.utils import timezone

from certificates.models import CredentialStatus, RegisterEntry
from certificates.proof import jose, publishing, status_lists

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
# On the paper and here the words are Vietnamese whatever language the worker runs in.
CRITERIA = (
    "Hoàn thành khóa đào tạo: tham dự đủ các bài và đạt các bài kiểm tra bắt buộc theo quy định"
    " của lớp."
)
# What Open Badges 3.0 wants in the header of the JWT.
TYP = "JWT"


def token(*, entry: RegisterEntry) -> str:
    """The signed credential of a filed numbered entry; its place in a status list is assigned once.

    The same text each time, until another key signs.
    """
    status = status_lists.place(entry)
    said = credential(entry=entry, status=status)
    claims = {
        **said,
        "iss": said["issuer"]["id"],
        "jti": said["id"],
        "sub": said["credentialSubject"]["id"],
        "nbf": _seconds(said["validFrom"]),
    }
    if "validUntil" in said:
        claims["exp"] = _seconds(said["validUntil"])
    return jose.sign(claims, typ=TYP)


def credential(*, entry: RegisterEntry, status: CredentialStatus) -> dict[str, Any]:
    """What is signed, from the frozen content."""
    frozen, register = entry.content, entry.register
    issuer = publishing.issuer_url(register.code)
    certificate = entry.certificate.public_id
    said = {
        "@context": CONTEXT,
        "id": uuid5(certificate, f"credential {entry.position}").urn,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{frozen['course_title']} · {frozen['number']}",
        "issuer": {
            "id": issuer,
            "type": ["Profile"],
            "name": frozen["issuing_body"],
            "url": settings.PUBLIC_URL,
        },
        "validFrom": _midnight(frozen["issued_on"]).isoformat(),
        "credentialSubject": {
            # Of this certificate only: two credentials of one person cannot be put together by it.
            "id": uuid5(certificate, "holder").urn,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": frozen["full_name"],
                    "identityType": "name",
                }
            ],
            "licenseNumber": frozen["number"],
            "achievement": {
                "id": f"{issuer}#{quote(frozen['course_code'])}",
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "inLanguage": frozen["language"],
                "name": frozen["course_title"],
                "description": f"{frozen['course_title']} ({frozen['standard_edition']})",
                "humanCode": frozen["course_code"],
                "criteria": {"narrative": CRITERIA},
            },
        },
        "credentialStatus": status_lists.reference(status, register),
    }
    if valid_until := frozen.get("valid_until"):
        last = datetime.combine(date.fromisoformat(valid_until), time(23, 59, 59))
        said["validUntil"] = timezone.make_aware(last).isoformat()
    return said


def _midnight(day: str) -> datetime:
    """The beginning of a day in Vietnam."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
