"""A file that somebody has, compared with what was issued: on the look-up page and by command."""

import io
import logging
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter

from certificates.issue import filing, issuing
from certificates.look_up import comparing
from certificates.models import Register, RegisterEntry, UnsignedFile
from certificates.paper import rendering
from certificates.signature import inflating, validating
from tests import factories
from tests.certificates.deciding import decide
from tests.signing_keys import PASSPHRASE, SIGNER, Authority

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ngọc Quyên"
BORN = "02/09/1985"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.found()


@pytest.fixture(autouse=True)
def key(tmp_path: Path, authority: Authority, settings: Any) -> None:
    settings.SIGNING_PKCS12 = str(authority.write_pkcs12(tmp_path / "key.p12"))
    settings.SIGNING_PASSPHRASE = PASSPHRASE
    settings.SIGNING_TIMESTAMP_URL = ""
    (tmp_path / "authority.pem").write_bytes(authority.pem)
    settings.SIGNING_TRUST = str(tmp_path / "authority.pem")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def issued(signing: Register.Signing = Register.Signing.SERVER) -> RegisterEntry:
    rule = factories.IssuingRuleFactory(register=factories.RegisterFactory(signing=signing))
    person = factories.PersonFactory(full_name=NAME)
    certificate = factories.pending_certificate(rule=rule, person=person)
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    return certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)


def file_of(entry: RegisterEntry) -> bytes:
    with filing.storage().open(filing.filed_name(entry)) as kept:
        content: bytes = kept.read()
    return content


def redrawn(pdf: bytes) -> bytes:
    """The same attachment on another page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=b"BT (Ke Gian) Tj ET")
    )
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def saying(content: bytes) -> bytes:
    """A file of somebody else's with such an attachment."""
    writer = PdfFileWriter()
    file = writer.add_object(generic.StreamObject(stream_data=content))
    attached = generic.DictionaryObject(
        {generic.pdf_name("/EF"): generic.DictionaryObject({generic.pdf_name("/F"): file})}
    )
    names = generic.ArrayObject([generic.pdf_string("certificate.json"), attached])
    files = generic.DictionaryObject({generic.pdf_name("/Names"): names})
    writer.root[generic.pdf_name("/Names")] = generic.DictionaryObject(
        {generic.pdf_name("/EmbeddedFiles"): files}
    )
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def compare(pdf: bytes) -> comparing.Compared:
    return comparing.compare(pdf, at=timezone.now())


@pytest.fixture
def visitor() -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def drop(client: Client, pdf: bytes, name: str = "x.pdf") -> Any:
    file = SimpleUploadedFile(name, pdf, content_type="application/pdf")
    return client.post(reverse("certificates:look_up_file"), {"file": file})


# --- What a file is -------------------------------------------------------------------------------


@pytest.mark.parametrize("signing", [Register.Signing.SERVER, Register.Signing.UNSIGNED])
def test_the_file_that_was_issued_is_known_with_todays_status(signing: Register.Signing) -> None:
    entry = issued(signing)
    compared = compare(file_of(entry))
    assert compared.verdict == "issued"
    assert compared.words == "This file is the one that was issued."
    assert compared.found is not None
    assert (compared.found.number, compared.found.status) == (entry.number, "valid")
    assert compared.signed_by == (SIGNER if signing == Register.Signing.SERVER else "")


@pytest.mark.parametrize("signing", [Register.Signing.SERVER, Register.Signing.UNSIGNED])
def test_a_file_that_draws_something_else_was_changed(signing: Register.Signing) -> None:
    compared = compare(redrawn(file_of(issued(signing))))
    assert compared.verdict == "changed"
    assert compared.words == "This file was changed after issue."
    said = " ".join(compared.remarks)
    signed = signing == Register.Signing.SERVER
    assert (f"was changed after {SIGNER} signed it" if signed else "carries no signature") in said


def test_one_byte_more_is_a_changed_file() -> None:
    assert compare(file_of(issued()) + b"\n").verdict == "changed"


def test_the_file_before_its_signature_is_not_the_one_that_was_issued() -> None:
    entry = issued()
    assert compare(filing.make_file(entry)).verdict == "unsigned"
    waits = issued(Register.Signing.OUTSIDE)
    row = UnsignedFile.objects.get(entry=waits)
    with filing.storage().open(row.name) as kept:
        compared = compare(kept.read())
    assert compared.verdict == "unsigned"
    assert compared.found is not None
    assert compared.found.status == "being_issued"


def test_a_file_is_told_the_status_of_its_own_certificate_where_two_have_one_number() -> None:
    for revoked, stands in (factories.twins(NAME), reversed(factories.twins(f"{NAME} Hai"))):
        decide(revoked, RegisterEntry.Kind.REVOKE)
        for entry, status in ((revoked, "revoked"), (stands, "valid")):
            compared = compare(file_of(entry))
            assert compared.found is not None
            assert (compared.verdict, compared.found.status) == ("issued", status)
            assert compared.found.issuing_body == entry.content["issuing_body"]


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\nstartxref\n0\n%%EOF\n", b"PK\x03\x04"],
)
def test_what_is_no_certificate_is_said_not_to_be_one(content: bytes) -> None:
    issued()
    compared = compare(content)
    assert (compared.verdict, compared.found) == ("unknown", None)


def test_a_forged_paper_with_a_known_number_and_another_name_tells_nothing() -> None:
    entry = issued()
    content = entry.content | {"full_name": "Kẻ Gian"}
    forged = rendering.render(content=content, qr_address=filing.qr_address(entry))
    compared = compare(forged)
    assert (compared.verdict, compared.found) == ("unknown", None)


@pytest.mark.parametrize("number", ["\\u0000", "\\ud800", "0001\\u0000/2026"])
def test_a_number_that_no_database_can_be_asked_for_is_none(visitor: Client, number: str) -> None:
    pdf = saying(f'{{"number": "{number}", "full_name": "A"}}'.encode())
    answer = drop(visitor, pdf)
    assert answer.status_code == 200
    assert answer.context["compared"].verdict == "unknown"


def test_a_preview_is_no_certificate() -> None:
    entry = issued()
    content = entry.content | {"number": "–", "preview": True}
    paper = rendering.render(content=content, qr_address="HTTP://X", watermark="XEM TRƯỚC")
    assert compare(paper).verdict == "unknown"


# --- On the look-up page --------------------------------------------------------------------------


def test_a_clerk_reads_in_one_sentence_what_a_file_is(visitor: Client) -> None:
    pdf = file_of(issued())
    page = drop(visitor, pdf)
    assert page.status_code == 200
    assert "This file is the one that was issued." in page.text
    assert "The certificate is valid." in page.text
    assert f"Digitally signed by {SIGNER}" in page.text
    page = drop(visitor, redrawn(pdf))
    assert "This file was changed after issue." in page.text
    page = drop(visitor, b"rubbish")
    assert "This file is not a certificate of this register." in page.text


def test_the_answer_shows_no_more_than_the_look_up(visitor: Client) -> None:
    entry = issued()
    page = drop(visitor, file_of(entry))
    assert NAME in page.text
    for hidden in (BORN, "1985-09-02", entry.content["workplace"]):
        assert hidden not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]


def test_the_file_is_not_kept(visitor: Client) -> None:
    issued()

    def everything() -> list[Path]:
        root = Path(filing.storage().path(""))
        return sorted(path for path in root.rglob("*") if path.is_file())

    before = everything()
    drop(visitor, b"%PDF-1.7\nsomething of my own\n%%EOF")
    assert everything() == before


def test_a_file_that_is_too_large_is_refused_before_it_is_read(visitor: Client) -> None:
    page = drop(visitor, b"%PDF-" + b"0" * comparing.MOST_BYTES + b"0" * 5000)
    assert page.status_code == 413
    assert "larger than 5 MB" in page.text


def test_without_a_file_one_is_asked_for(visitor: Client) -> None:
    page = visitor.post(reverse("certificates:look_up_file"))
    assert page.status_code == 400
    assert "Please choose a file." in page.text


def test_files_count_among_the_look_ups_of_an_address(visitor: Client) -> None:
    for _time in range(30):
        visitor.post(reverse("certificates:look_up_file"))
    assert drop(visitor, b"rubbish").status_code == 429


def test_the_page_can_be_sent_without_javascript(visitor: Client) -> None:
    page = visitor.get(reverse("certificates:look_up")).text
    assert 'enctype="multipart/form-data"' in page
    assert f'action="{reverse("certificates:look_up_file")}"' in page


# --- By command -----------------------------------------------------------------------------------


def test_the_command_ends_well_only_for_a_valid_certificate_as_issued(tmp_path: Path) -> None:
    entry, said = issued(), io.StringIO()
    path = tmp_path / "x.pdf"
    path.write_bytes(file_of(entry))
    call_command("verify_certificate", str(path), stdout=said)
    assert "the one that was issued" in said.getvalue()
    assert SIGNER in said.getvalue()
    path.write_bytes(redrawn(file_of(entry)))
    with pytest.raises(CommandError):
        call_command("verify_certificate", str(path), stdout=said)
    assert "changed after issue" in said.getvalue()
    with pytest.raises(CommandError, match="no file"):
        call_command("verify_certificate", str(tmp_path / "none.pdf"))


# --- Files that unpack beyond measure -------------------------------------------------------------

ZEROS = zlib.compress(bytes(inflating.MOST_BYTES + 1), 9)


@pytest.mark.parametrize(
    "content",
    [
        b"1 0 obj<</Filter/FlateDecode>>stream\n" + ZEROS + b"\nendstream",
        b"1 0 obj<</Filter[/Fl/Fl]>>stream\r\n" + zlib.compress(ZEROS) + b"\r\nendstream",
        b"1 0 obj<</Filter/LZ#57Decode>>stream\n\nendstream",
        b"stream\n" * (inflating.MOST_STREAMS + 1),
    ],
    ids=["packed", "packed twice", "packed otherwise", "very many"],
)
def test_a_file_that_unpacks_beyond_measure_is_read_no_further(content: bytes) -> None:
    compared = comparing.compare(b"%PDF-1.7\n" + content, at=timezone.now())
    assert (compared.verdict, compared.remarks) == ("unknown", ["The file unpacks beyond measure."])


def test_a_certificate_unpacks_to_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflating, "MOST_BYTES", inflating.MOST_BYTES // 32)
    assert not inflating.unpacks_beyond_measure(file_of(issued()))


@pytest.mark.parametrize("widths", [b"0 0 0", b"1 1 1"])
def test_a_table_of_more_objects_than_there_can_be_is_read_no_further(
    caplog: pytest.LogCaptureFixture, widths: bytes
) -> None:
    many = 20_000_000
    table = zlib.compress(bytes(3 * many), 9) if widths == b"1 1 1" else zlib.compress(b"")
    pdf = (
        b"%%PDF-1.7\n1 0 obj\n"
        b"<</Type/XRef/W[%s]/Size %d/Root 2 0 R/Filter/FlateDecode/Length %d>>\n"
        b"stream\n%s\nendstream\nendobj\nstartxref\n9\n%%%%EOF\n"
    ) % (widths, many, len(table), table)
    with caplog.at_level(logging.INFO, logger=comparing.__name__):
        assert compare(pdf).verdict == "unknown"
    assert "more objects than can be looked at" in caplog.text


def test_a_file_of_very_many_signatures_is_read_no_further() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(file_of(issued())))
    form = writer.root["/AcroForm"]
    signature = form["/Fields"][0].raw_get("/V")
    for number in range(validating.MOST_SIGNATURES):
        field = {"/FT": generic.pdf_name("/Sig"), "/T": generic.pdf_string(f"S{number}")}
        named = {generic.pdf_name(key): value for key, value in field.items()}
        named[generic.pdf_name("/V")] = signature
        form["/Fields"].append(writer.add_object(generic.DictionaryObject(named)))
    writer.update_container(form)
    changed = io.BytesIO()
    writer.write(changed)
    compared = compare(changed.getvalue())
    assert compared.verdict == "changed"
    assert compared.remarks == ["The file is no PDF that can be read."]
