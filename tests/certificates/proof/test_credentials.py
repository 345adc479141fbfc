"""A certificate as an Open Badges 3.0 credential, judged by others' libraries and contexts."""

import base64
import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.contexts import load_context
from pyld import jsonld

from certificates.holder import sharing
from certificates.issue import issuing
from certificates.look_up import looking_up
from certificates.models import Certificate, CredentialStatus, IssuingRule, RegisterEntry
from certificates.proof import credentials, keys, status_lists
from certificates.register.validity import Status
from tests import factories
from tests.certificates.deciding import decide
from tests.together import together

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ánh Đức"
SITE = "https://iso.khanhhoa.gov.vn"
SCHEMA = json.loads(Path(__file__).with_name("open_badge_schema.json").read_text("utf-8"))
Kind = RegisterEntry.Kind


@pytest.fixture(autouse=True)
def public_address(settings: Any) -> None:
    settings.PUBLIC_URL = SITE
    cache.clear()


@pytest.fixture
def certificate() -> Certificate:
    """Valid for two years, so that it can be renewed."""
    rule = factories.IssuingRuleFactory()
    IssuingRule.objects.filter(pk=rule.pk).update(validity="years", valid_years=2)
    rule.refresh_from_db()
    return factories.filed_certificate(rule=rule, person=factories.PersonFactory(full_name=NAME))


@pytest.fixture
def issued(certificate: Certificate) -> RegisterEntry:
    return certificate.entries.select_related("register", "certificate").get(kind=Kind.ISSUE)


@pytest.fixture
def holder(client: Client, certificate: Certificate) -> Client:
    client.force_login(factories.UserFactory(person=certificate.person))
    return client


def fetch(url: str) -> bytes:
    """What anybody gets at a public address."""
    answer = Client().get(url.removeprefix(SITE).split("#")[0])
    assert answer.status_code == 200, url
    return answer.content


def pem() -> bytes:
    public = keys.signing_key()[1].public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def verify(token: str) -> None:
    """As an independent verifier does, status and the list's own signature included."""
    OB3Verifier(pubkey_pem=pem()).verify(token, check_status=True, download=fetch)


def said(token: str) -> dict[str, Any]:
    """The payload, verified with the key at the address in the header."""
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWK(json.loads(fetch(header["kid"])))
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["EdDSA"])
    return claims


# --- What it says ---------------------------------------------------------------------------------


def test_the_holder_gets_a_credential_that_an_independent_verifier_accepts(
    holder: Client, certificate: Certificate
) -> None:
    answer = holder.get(reverse("certificates:credential", args=[certificate.public_id]))
    assert answer.headers["Content-Type"] == "application/vc+jwt"
    assert answer.headers["Content-Disposition"].endswith('.jwt"')
    verify(answer.content.decode())


def test_it_keeps_the_schema_written_from_the_specification(issued: RegisterEntry) -> None:
    claims = said(credentials.token(entry=issued))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    assert [error.message for error in validator.iter_errors(claims)] == []


def test_every_word_of_it_is_defined_by_the_published_contexts(issued: RegisterEntry) -> None:
    claims = said(credentials.token(entry=issued))
    document = {
        name: value for name, value in claims.items() if name not in {"iss", "sub", "nbf", "jti"}
    }

    def load(url: str, _options: Any) -> dict[str, Any]:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": load_context(url),
        }

    lost: list[Any] = []
    options = {"documentLoader": load, "onPropertyDropped": lost.append}
    expanded = jsonld.expand(document, options)
    text = json.dumps(expanded, ensure_ascii=False)
    for word in ("AchievementSubject", "#licenseNumber", "#identityHash", "#humanCode"):
        assert f"https://purl.imsglobal.org/spec/vc/ob/vocab.html#{word.lstrip('#')}" in text
    assert "https://www.w3.org/ns/credentials/status#statusListIndex" in text
    # Nothing is lost on the way through the contexts and back.
    back = jsonld.compact(expanded, document["@context"], {"documentLoader": load})
    assert _flat(back) == _flat(document)


def _flat(value: Any) -> Any:
    """JSON-LD keeps neither the order of a set nor the brackets around one value."""
    if isinstance(value, dict):
        return {name: _flat(one) for name, one in value.items() if name != "@context"}
    if isinstance(value, list):
        return _flat(value[0]) if len(value) == 1 else sorted(map(_flat, value), key=str)
    return value


def test_it_says_what_the_certificate_says_and_nothing_of_birth_workplace_or_result(
    issued: RegisterEntry,
) -> None:
    claims = said(credentials.token(entry=issued))
    subject, frozen = claims["credentialSubject"], issued.content
    assert subject["identifier"][0]["identityHash"] == NAME
    assert subject["licenseNumber"] == frozen["number"]
    assert subject["achievement"]["name"] == frozen["course_title"]
    assert subject["achievement"]["humanCode"] == frozen["course_code"]
    assert claims["issuer"]["name"] == frozen["issuing_body"]
    assert claims["validFrom"] == f"{frozen['issued_on']}T00:00:00+07:00"
    assert claims["nbf"] == datetime.fromisoformat(claims["validFrom"]).timestamp()
    text = json.dumps(claims, ensure_ascii=False)
    for private in (frozen["date_of_birth"], frozen["workplace"], frozen["signer_name"]):
        assert not private or private not in text
    assert str(issued.certificate.public_id) not in text


def test_a_certificate_with_an_end_says_when(issued: RegisterEntry) -> None:
    issued.content = issued.content | {"valid_until": "2099-03-01"}
    claims = said(credentials.token(entry=issued))
    assert claims["validUntil"] == "2099-03-01T23:59:59+07:00"
    assert claims["exp"] == datetime.fromisoformat(claims["validUntil"]).timestamp()
    jsonschema.Draft202012Validator(SCHEMA).validate(claims)


def test_its_header_names_the_key_and_no_more_than_open_badges_allows(
    issued: RegisterEntry,
) -> None:
    token = credentials.token(entry=issued)
    assert jwt.get_unverified_header(token) == {
        "alg": "EdDSA",
        "kid": f"{SITE}/khoa-cong-khai/1.json",
        "typ": "JWT",
    }
    claims = said(token)
    told = json.loads(fetch(claims["iss"]))
    assert claims["iss"] == told["id"]
    assert f"{SITE}/khoa-cong-khai/1.json" in told["assertionMethod"]


def test_asked_again_it_is_the_same(issued: RegisterEntry) -> None:
    assert credentials.token(entry=issued) == credentials.token(entry=issued)
    assert CredentialStatus.objects.count() == 1


def test_a_changed_letter_is_found(issued: RegisterEntry) -> None:
    head, body, signature = credentials.token(entry=issued).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["credentialSubject"]["identifier"][0]["identityHash"] = "Kẻ Gian"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(OB3VerificationError):
        verify(f"{head}.{forged}.{signature}")


# --- Status ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.REVOKE, Kind.VOID, Kind.CORRECT, Kind.REISSUE, Kind.RENEW])
def test_after_a_later_decision_no_verifier_accepts_the_old_credential(
    issued: RegisterEntry, kind: RegisterEntry.Kind
) -> None:
    token = credentials.token(entry=issued)
    other = credentials.token(entry=factories.filed_certificate().entries.get(kind=Kind.ISSUE))
    verify(token)
    decide(issued, kind)
    if kind not in RegisterEntry.ENDING:
        issuing.issue(certificate_id=issued.certificate_id, at=timezone.now())
    cache.clear()
    with pytest.raises(OB3VerificationError, match="revocation"):
        verify(token)
    verify(other)


@pytest.mark.parametrize("kind", [Kind.CORRECT, Kind.REISSUE, Kind.RENEW])
def test_until_the_new_paper_is_there_the_old_credential_stands_as_the_look_up_says(
    issued: RegisterEntry, kind: RegisterEntry.Kind, django_capture_on_commit_callbacks: Any
) -> None:
    verify(token := credentials.token(entry=issued))
    decide(issued, kind)
    cache.clear()
    assert looking_up.of_entry(issued).status == Status.VALID
    verify(token)  # and the list is kept again
    with django_capture_on_commit_callbacks(execute=True):
        issuing.issue(certificate_id=issued.certificate_id, at=timezone.now())
    assert looking_up.of_entry(issued).status == Status.SUPERSEDED
    with pytest.raises(OB3VerificationError, match="revocation"):
        verify(token)


def test_a_corrected_certificate_has_a_credential_of_its_own(issued: RegisterEntry) -> None:
    old = said(credentials.token(entry=issued))
    corrected = decide(issued, Kind.CORRECT)
    new = said(token := credentials.token(entry=corrected))
    verify(token)
    assert new["id"] != old["id"]
    assert new["sub"] == old["sub"]


def test_the_list_is_a_signed_credential_of_at_least_131072_bits(issued: RegisterEntry) -> None:
    claims = said(credentials.token(entry=issued))
    url = claims["credentialStatus"]["statusListCredential"]
    answer = Client().get(url.removeprefix(SITE))
    assert answer.headers["Content-Type"] == "application/vc+jwt"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert len(answer.content) < 2000
    listed = said(answer.content.decode())
    assert listed["id"] == url
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert listed["issuer"] == claims["issuer"]["id"]
    subject = listed["credentialSubject"]
    assert subject["encodedList"][0] == "u"
    raw = subject["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    assert len(bits) * 8 == 131_072
    assert not any(bits)


def test_a_decision_is_on_the_list_as_soon_as_it_is_committed(
    issued: RegisterEntry, django_capture_on_commit_callbacks: Any
) -> None:
    token = credentials.token(entry=issued)
    verify(token)  # the list is kept from now on
    with django_capture_on_commit_callbacks(execute=True):
        decide(issued, Kind.REVOKE)
    with pytest.raises(OB3VerificationError, match="revocation"):
        verify(token)


def test_a_list_is_kept_a_few_minutes_and_good_for_a_day(issued: RegisterEntry) -> None:
    credentials.token(entry=issued)
    asked = {"register_code": issued.register.code, "list_number": 1}
    now = timezone.now()
    first = status_lists.published(**asked, at=now)
    assert status_lists.published(**asked, at=now + timedelta(minutes=1)) == first
    cache.clear()
    assert status_lists.published(**asked, at=now + timedelta(minutes=1)) != first
    listed = jwt.decode(first, options={"verify_signature": False})
    valid_until = datetime.fromisoformat(listed["validUntil"])
    assert valid_until - datetime.fromisoformat(listed["validFrom"]) == timedelta(days=1)


def test_places_are_no_register_numbers(issued: RegisterEntry) -> None:
    rule = issued.certificate.rule
    entries = [factories.filed_certificate(rule=rule).entries.get(kind=Kind.ISSUE) for _ in "abc"]
    places = [status_lists.place(entry).index for entry in [issued, *entries]]
    assert len(set(places)) == 4
    assert places != sorted(places) or places[-1] - places[0] > 3
    assert [status_lists.place(entry).index for entry in [issued, *entries]] == places


@pytest.mark.django_db(transaction=True)
def test_asked_for_at_once_an_entry_gets_one_place_and_a_certificate_one_link(
    issued: RegisterEntry,
) -> None:
    def place() -> int:
        return status_lists.place(issued).pk

    def link() -> int:
        return sharing.share(certificate=issued.certificate, at=timezone.now()).pk

    for ask in (place, link):
        answers = together([ask] * 4)
        assert [one for one in answers if isinstance(one, Exception)] == []
        assert len(set(answers)) == 1


def test_a_full_list_is_followed_by_another(
    issued: RegisterEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_lists, "PER_LIST", 2)
    rule = issued.certificate.rule
    entries = [factories.filed_certificate(rule=rule).entries.get(kind=Kind.ISSUE) for _ in "ab"]
    numbers = [status_lists.place(entry).list_number for entry in [issued, *entries]]
    assert numbers == [1, 1, 2]
    verify(credentials.token(entry=entries[1]))


def test_a_list_that_nobody_is_on_is_not_there(issued: RegisterEntry) -> None:
    code = issued.register.code
    assert Client().get(f"/tinh-trang/{code}/1/").status_code == 404
    assert Client().get("/tinh-trang/KHONG-CO/1/").status_code == 404


# --- Whose it is ----------------------------------------------------------------------------------


def test_nobody_else_gets_it_and_no_credential_is_made_before_filing_or_after_revoking(
    holder: Client, certificate: Certificate, issued: RegisterEntry
) -> None:
    address = reverse("certificates:credential", args=[certificate.public_id])
    stranger = Client()
    stranger.force_login(factories.UserFactory(person=factories.PersonFactory()))
    assert stranger.get(address).status_code == 404
    pending = factories.pending_certificate(person=certificate.person)
    unfiled = reverse("certificates:credential", args=[pending.public_id])
    assert holder.get(unfiled).status_code == 404
    assert holder.get(address).status_code == 200
    decide(issued, Kind.REVOKE)
    assert holder.get(address).status_code == 404
