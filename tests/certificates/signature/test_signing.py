"""Certificates signed on the server."""

import hashlib
import http.server
import io
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pytest
from django.utils import timezone
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader

from certificates.issue import filing, issuing
from certificates.models import Certificate, IssuingRule, Register, RegisterEntry
from certificates.signature import signing, validating
from tests import factories
from tests.signing_keys import PASSPHRASE, SIGNER, Authority

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ngọc Quyên"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.found()


@pytest.fixture
def key(tmp_path: Path, authority: Authority, settings: Any) -> Path:
    """The server's key, as configured."""
    settings.SIGNING_PKCS12 = str(authority.write_pkcs12(tmp_path / "key.p12"))
    settings.SIGNING_PASSPHRASE = PASSPHRASE
    settings.SIGNING_TIMESTAMP_URL = ""
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "authority.pem").write_bytes(authority.pem)
    settings.SIGNING_TRUST = str(trust)
    return tmp_path / "key.p12"


@pytest.fixture
def rule() -> IssuingRule:
    register = factories.RegisterFactory(signing=Register.Signing.SERVER)
    made: IssuingRule = factories.IssuingRuleFactory(register=register)
    return made


def pending(rule: IssuingRule) -> Certificate:
    return factories.pending_certificate(rule=rule, person=factories.PersonFactory(full_name=NAME))


def issue(certificate: Certificate) -> tuple[RegisterEntry, RegisterEntry]:
    """The numbered entry and that of its file."""
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    issued, filed = certificate.entries.order_by("position")
    return issued, filed


def kept(filed: RegisterEntry) -> bytes:
    with filing.storage().open(filed.content["name"]) as file:
        content: bytes = file.read()
    return content


@pytest.fixture
def signed(key: Path, rule: IssuingRule) -> bytes:
    return kept(issue(pending(rule))[1])


def judge(pdf: bytes) -> list[validating.Signature]:
    return validating.signatures(pdf, trusted=validating.authorities(), at=timezone.now())


def run(command: str, pdf: bytes, tmp_path: Path, *more: str) -> str:
    (tmp_path / "signed.pdf").write_bytes(pdf)
    done = subprocess.run(
        [command, str(tmp_path / "signed.pdf"), *more], capture_output=True, check=False, text=True
    )
    return done.stdout


# --- The signature --------------------------------------------------------------------------------


def test_a_certificate_is_signed_by_the_servers_key_and_covers_the_whole_file(
    signed: bytes,
) -> None:
    (signature,) = judge(signed)
    assert (signature.by, signature.stamped_at) == (SIGNER, None)
    assert signature.intact
    assert signature.trusted
    assert signature.whole


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_poppler_calls_the_signature_valid_and_the_document_wholly_signed(
    kind: str, key: Path, authority: Authority, rule: IssuingRule, tmp_path: Path
) -> None:
    authority.write_pkcs12(key, kind=kind)
    said = run("pdfsig", kept(issue(pending(rule))[1]), tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert SIGNER in said


def test_the_register_keeps_the_hash_of_the_signed_file_its_signer_and_the_unsigned_hash(
    key: Path, rule: IssuingRule
) -> None:
    issued, filed = issue(pending(rule))
    pdf, unsigned = kept(filed), filing.make_file(issued)
    assert pdf.startswith(unsigned)
    assert len(pdf) > len(unsigned)
    assert filed.content["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert filed.content["unsigned_sha256"] == hashlib.sha256(unsigned).hexdigest()
    assert filed.content["signed_by"] == SIGNER


def test_a_changed_byte_is_found(signed: bytes) -> None:
    middle = len(signed) // 3
    changed = signed[:middle] + bytes([signed[middle] ^ 1]) + signed[middle + 1 :]
    try:
        assert not any(one.intact for one in judge(changed))
    except validating.Unreadable:
        pass  # the byte was one that the file's structure needs


def test_what_is_added_after_the_signature_is_not_covered(signed: bytes) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.add_object(generic.DictionaryObject())
    longer = io.BytesIO()
    writer.write(longer)
    (signature,) = judge(longer.getvalue())
    assert not signature.whole


def test_a_signature_of_another_authority_is_not_trusted(signed: bytes) -> None:
    other = Authority.found("Cơ quan khác")
    (signature,) = validating.signatures(
        signed,
        trusted=validating.load_certs_from_pemder_data(other.pem),
        at=timezone.now(),
    )
    assert signature.intact
    assert not signature.trusted


# --- What the file claims holds after signing -----------------------------------------------------


def test_the_pdf_a_and_pdf_ua_claims_hold_after_signing(key: Path, rule: IssuingRule) -> None:
    issued, filed = issue(pending(rule))
    pdf, unsigned = kept(filed), filing.make_file(issued)
    with pikepdf.open(io.BytesIO(pdf)) as after, pikepdf.open(io.BytesIO(unsigned)) as before:
        assert after.pdf_version == "1.7"
        assert "/Version" not in after.Root
        assert "/Extensions" not in after.Root
        metadata = after.Root.Metadata.read_raw_bytes()
        assert metadata == before.Root.Metadata.read_raw_bytes()
        assert b"<pdfaid:part>3</pdfaid:part>" in metadata
        assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
        assert after.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert after.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in after.Root
        assert str(after.Root.Lang) == str(before.Root.Lang)
        assert after.docinfo == before.docinfo
        (page,) = after.pages
        assert page.Tabs == "/S"
        widget = page.Annots[-1]
        assert (widget.Subtype, widget.FT) == ("/Widget", "/Sig")
        left, bottom, right, top = (float(number) for number in widget.Rect)
        # Outside the page it need not be tagged, without extent it needs no appearance.
        assert right < 0
        assert top < 0
        assert (left, bottom) == (right, top)
        assert int(widget.F) & 0b100  # printed: PDF/A wants it of every annotation
        assert not int(widget.F) & 0b100011  # neither invisible, hidden nor without view
        assert SIGNER in str(widget.TU)
        assert "/NeedAppearances" not in after.Root.AcroForm
        assert "/XFA" not in after.Root.AcroForm


def test_a_checker_of_pdf_ua_finds_nothing(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "signed.pdf").write_bytes(signed)
    report = pdfua.validate(tmp_path / "signed.pdf")
    assert [finding.message for finding in report.findings] == []


def test_the_frozen_content_is_still_attached(key: Path, rule: IssuingRule) -> None:
    issued, filed = issue(pending(rule))
    attached = PdfReader(io.BytesIO(kept(filed))).attachments["certificate.json"][0]
    assert NAME.encode() in attached
    assert issued.number is not None
    assert issued.number.encode() in attached


def test_pdftotext_returns_every_vietnamese_string_exactly(
    key: Path, rule: IssuingRule, tmp_path: Path
) -> None:
    issued, filed = issue(pending(rule))
    words = " ".join(run("pdftotext", kept(filed), tmp_path, "-").split())
    content = issued.content
    for name in ("full_name", "workplace", "course_title", "number", "signer_name", "notice"):
        assert content[name] in words, name
    for name in ("issuing_body", "parent_body", "title"):
        assert content[name].upper() in words, name


# --- What the paper says of its signature ---------------------------------------------------------


def test_the_paper_names_its_signer(key: Path, rule: IssuingRule) -> None:
    issued, _filed = issue(pending(rule))
    assert f"có chữ ký số của {SIGNER}" in issued.content["notice"]


def test_a_paper_signed_with_a_test_key_says_that_it_is_worth_nothing(
    key: Path, authority: Authority, rule: IssuingRule, tmp_path: Path
) -> None:
    authority.write_pkcs12(key, name="TEST - Chữ ký thử")
    issued, filed = issue(pending(rule))
    assert "BẢN THỬ (TEST)" in issued.content["notice"]
    words = run("pdftotext", kept(filed), tmp_path, "-")
    assert "BẢN THỬ (TEST)" in words
    assert "không có giá trị pháp lý" in " ".join(words.split())


def test_an_unsigned_paper_says_so_and_has_no_signature() -> None:
    issued, filed = issue(factories.pending_certificate())
    assert "chưa ký số" in issued.content["notice"]
    assert "signed_by" not in filed.content
    assert b"/ByteRange" not in kept(filed)


# --- Keys that cannot be used ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("none", "No key for signing is configured"),
        ("missing", "cannot be read"),
        ("damaged", "the passphrase is wrong or the file is damaged"),
        ("passphrase", "the passphrase is wrong or the file is damaged"),
        ("expired", "expired on"),
        ("early", "is valid from"),
        ("use", "is not for signing documents"),
    ],
)
def test_a_key_that_cannot_be_used_stops_before_a_number_is_taken_and_it_goes_on_when_mended(
    wrong: str, said: str, key: Path, authority: Authority, rule: IssuingRule, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "en"
    configured = settings.SIGNING_PKCS12
    if wrong == "none":
        settings.SIGNING_PKCS12 = ""
    elif wrong == "missing":
        key.unlink()
    elif wrong == "damaged":
        key.write_bytes(b"0")
    elif wrong == "passphrase":
        settings.SIGNING_PASSPHRASE = "falsch"
    else:
        uses = {"expired": {"begins": -9, "ends": -1}, "early": {"begins": 1}}
        authority.write_pkcs12(key, **uses.get(wrong, {"signs": False}))
    certificate = pending(rule)
    with pytest.raises(Exception, match=said):
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.PENDING
    assert said in certificate.problem
    assert not RegisterEntry.objects.exists()

    settings.SIGNING_PKCS12, settings.SIGNING_PASSPHRASE = configured, PASSPHRASE
    authority.write_pkcs12(key)
    assert issuing.finish_unfinished(timezone.now() + issuing.SWEEP_AFTER) == 1
    certificate.refresh_from_db()
    assert (certificate.state, certificate.problem) == (Certificate.State.FILED, "")


def test_a_key_lost_after_the_numbering_leaves_no_file_and_the_number_stands(
    key: Path, authority: Authority, rule: IssuingRule
) -> None:
    certificate = pending(rule)
    issuing._number(certificate_id=certificate.pk, at=timezone.now())
    key.unlink()
    with pytest.raises(signing.CannotSign):
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED
    assert certificate.problem
    assert not RegisterEntry.objects.filter(kind=RegisterEntry.Kind.FILED).exists()
    authority.write_pkcs12(key)
    issued, filed = issue(certificate)
    assert (issued.sequence, filed.content["signed_by"]) == (1, SIGNER)


def test_the_key_of_somebody_else_does_not_sign_a_paper_that_names_the_first(
    key: Path, authority: Authority, rule: IssuingRule
) -> None:
    certificate = pending(rule)
    issuing._number(certificate_id=certificate.pk, at=timezone.now())
    authority.write_pkcs12(key, name="Người khác")
    with pytest.raises(signing.CannotSign, match="Người khác"):
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())


# --- Time stamps ----------------------------------------------------------------------------------

TSA = """
[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@pytest.fixture
def time_stamper(tmp_path: Path, authority: Authority) -> Iterator[str]:
    """The address of an RFC 3161 responder made of ``openssl ts``."""
    authority.write_time_stamper(tmp_path)
    (tmp_path / "serial").write_text("01")
    (tmp_path / "tsa.cnf").write_text(TSA.format(folder=tmp_path))

    class Responder(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query, reply = tmp_path / "query.tsq", tmp_path / "reply.tsr"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            command = ["openssl", "ts", "-reply", "-config", "tsa.cnf"]
            subprocess.run(
                [*command, "-queryfile", str(query), "-out", str(reply)],
                cwd=tmp_path,
                check=True,
                capture_output=True,
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply.read_bytes())

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Responder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_with_a_time_stamping_service_the_signature_carries_its_stamp(
    key: Path, rule: IssuingRule, time_stamper: str, tmp_path: Path, settings: Any
) -> None:
    settings.SIGNING_TIMESTAMP_URL = time_stamper
    pdf = kept(issue(pending(rule))[1])
    (signature,) = judge(pdf)
    assert signature.trusted
    assert signature.whole
    assert signature.stamped_at is not None
    assert "Signature is Valid." in run("pdfsig", pdf, tmp_path)


def test_a_time_stamping_service_that_does_not_answer_holds_the_file_back(
    key: Path, rule: IssuingRule, settings: Any
) -> None:
    settings.SIGNING_TIMESTAMP_URL = "http://127.0.0.1:9/"
    certificate = pending(rule)
    with pytest.raises(signing.CannotSign):
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED
    assert certificate.problem
    settings.SIGNING_TIMESTAMP_URL = ""
    assert issue(certificate)[1].content["signed_by"] == SIGNER
