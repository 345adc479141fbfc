"""Files that are signed outside: taken away, brought back, and refused in words."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import SigSeedSubFilter

from certificates.issue import filing, issuing
from certificates.look_up import looking_up
from certificates.models import (
    Certificate,
    IssuingRule,
    Register,
    RegisterEntry,
    SignedUpload,
    UnsignedFile,
)
from certificates.register import deciding
from certificates.signature import outside, signing
from jobs import archives, progress
from tests import factories
from tests.certificates.deciding import decide
from tests.certificates.signature.test_signing import run
from tests.signing_keys import PASSPHRASE, SIGNER, Authority
from tests.staff import at_work

pytestmark = pytest.mark.django_db

Kind = RegisterEntry.Kind
Outcome = outside.Outcome


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.found()


@pytest.fixture(autouse=True)
def trust(tmp_path: Path, authority: Authority, settings: Any) -> None:
    (tmp_path / "authority.pem").write_bytes(authority.pem)
    settings.SIGNING_TRUST = str(tmp_path / "authority.pem")


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def rule() -> IssuingRule:
    register = factories.RegisterFactory(signing=Register.Signing.OUTSIDE)
    made: IssuingRule = factories.IssuingRuleFactory(register=register)
    return made


def waiting(rule: IssuingRule, name: str = "Lê Thị Hoa") -> UnsignedFile:
    """A numbered certificate whose file waits for a signature."""
    person = factories.PersonFactory(full_name=name)
    certificate = factories.pending_certificate(rule=rule, person=person)
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    return UnsignedFile.objects.select_related("entry__certificate").get(
        entry__certificate=certificate
    )


def unsigned(row: UnsignedFile) -> bytes:
    content = outside.given(row)
    assert content is not None
    return content


def sign(
    pdf: bytes, folder: Path, authority: Authority, *, field: str = signing.FIELD, **certified: Any
) -> bytes:
    """Sign as any other program does, with pyHanko's own defaults."""
    key = authority.write_pkcs12(folder / "outside.p12", **certified)
    signer = signers.SimpleSigner.load_pkcs12(str(key), passphrase=PASSPHRASE.encode())
    assert signer is not None
    output = io.BytesIO()
    metadata = signers.PdfSignatureMetadata(
        field_name=field, subfilter=SigSeedSubFilter.PADES, reason="Cap giay"
    )
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer, output=output)
    return output.getvalue()


@pytest.fixture
def signed(rule: IssuingRule, tmp_path: Path, authority: Authority) -> tuple[UnsignedFile, bytes]:
    row = waiting(rule)
    return row, sign(unsigned(row), tmp_path, authority)


def take_back(pdf: bytes) -> outside.Looked:
    return outside.take_back(pdf, at=timezone.now())


def state(row: UnsignedFile) -> str:
    return Certificate.objects.get(pk=row.entry.certificate_id).state


def upload(*files: tuple[str, bytes]) -> Any:
    return [SimpleUploadedFile(name, content) for name, content in files]


def archive(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return packed.getvalue()


def work_off(brought: SignedUpload) -> list[tuple[str, str]]:
    while progress.carry_on(progress_id=brought.work_id, at=timezone.now()):
        pass
    return [(line.outcome, line.words) for line in brought.lines.order_by("place")]


# --- Taken away -----------------------------------------------------------------------------------


def test_a_certificate_waits_numbered_and_not_valid_until_its_signed_file_is_back(
    rule: IssuingRule,
) -> None:
    row = waiting(rule)
    assert state(row) == Certificate.State.UNSIGNED
    assert not RegisterEntry.objects.filter(kind=Kind.FILED).exists()
    found = looking_up.by_number_and_name(number=row.entry.number or "", full_name="Lê Thị Hoa")
    assert found is not None
    assert found.status == "being_issued"
    assert "chỉ có giá trị khi có chữ ký số" in row.entry.content["notice"]


def test_the_sweep_leaves_what_waits_for_people_alone(rule: IssuingRule) -> None:
    row = waiting(rule)
    assert issuing.finish_unfinished(timezone.now() + issuing.SWEEP_AFTER) == 0
    issuing.issue(certificate_id=row.entry.certificate_id, at=timezone.now())
    assert UnsignedFile.objects.count() == 1


def test_the_archive_holds_every_waiting_file_and_a_manifest(rule: IssuingRule) -> None:
    rows = [waiting(rule, name) for name in ("Lê Thị Hoa", "Đặng Văn Ổn")]
    content = b"".join(outside.export(register=rule.register))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        manifest = opened.read(outside.MANIFEST).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(manifest)))
        assert [line["full_name"] for line in lines] == ["Lê Thị Hoa", "Đặng Văn Ổn"]
        for line, row in zip(lines, rows, strict=True):
            assert filing.sha256(opened.read(line["file"])) == line["sha256"] == row.sha256
            assert line["number"] == row.entry.number


def test_what_is_given_away_is_made_again_with_the_same_bytes_if_its_copy_is_lost(
    rule: IssuingRule,
) -> None:
    row = waiting(rule)
    before = unsigned(row)
    filing.storage().delete(row.name)
    assert unsigned(row) == before


# --- Brought back ---------------------------------------------------------------------------------


def test_a_signed_file_is_entered_and_the_certificate_valid(
    signed: tuple[UnsignedFile, bytes],
) -> None:
    row, pdf = signed
    assert take_back(pdf) == outside.Looked(Outcome.ENTERED, entry=row.entry)
    assert state(row) == Certificate.State.FILED
    filed = RegisterEntry.objects.get(of=row.entry, kind=Kind.FILED)
    assert filed.content["sha256"] == filing.sha256(pdf)
    assert filed.content["unsigned_sha256"] == row.sha256
    assert filed.content["signed_by"] == SIGNER
    with filing.storage().open(filed.content["name"]) as kept:
        assert kept.read() == pdf
    assert not UnsignedFile.objects.waiting().exists()


def test_poppler_agrees_with_what_was_signed_outside(
    signed: tuple[UnsignedFile, bytes], tmp_path: Path
) -> None:
    said = run("pdfsig", signed[1], tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said


def test_a_program_that_adds_a_visible_field_of_its_own_is_accepted(
    rule: IssuingRule, tmp_path: Path, authority: Authority
) -> None:
    row = waiting(rule)
    writer = IncrementalPdfFileWriter(io.BytesIO(unsigned(row)))
    fields.append_signature_field(writer, fields.SigFieldSpec("Own", box=(600, 80, 780, 140)))
    own = io.BytesIO()
    writer.write(own)
    looked = take_back(sign(own.getvalue(), tmp_path, authority, field="Own"))
    assert looked.outcome == Outcome.ENTERED, looked.words


def test_a_person_and_then_the_body_may_sign(
    signed: tuple[UnsignedFile, bytes], tmp_path: Path, authority: Authority
) -> None:
    row, pdf = signed
    both = sign(pdf, tmp_path, authority, field="Second", name="Trần Văn Hòa")
    looked = take_back(both)
    assert looked.outcome == Outcome.ENTERED, looked.words
    filed = RegisterEntry.objects.get(of=row.entry, kind=Kind.FILED)
    assert filed.content["signed_by"] == f"{SIGNER}, Trần Văn Hòa"


def test_bringing_the_same_file_again_changes_nothing(signed: tuple[UnsignedFile, bytes]) -> None:
    _row, pdf = signed
    take_back(pdf)
    before = RegisterEntry.objects.count()
    assert take_back(pdf).outcome == Outcome.KNOWN
    assert RegisterEntry.objects.count() == before


def test_a_number_that_was_corrected_while_it_waited_is_wanted_no_more(
    signed: tuple[UnsignedFile, bytes], tmp_path: Path, authority: Authority
) -> None:
    row, old = signed
    decide(row.entry, Kind.CORRECT)
    issuing.issue(certificate_id=row.entry.certificate_id, at=timezone.now())
    (corrected,) = UnsignedFile.objects.waiting()
    assert corrected.pk != row.pk
    looked = take_back(old)
    assert looked.outcome == Outcome.REFUSED
    assert str(corrected.entry.number) in looked.words
    assert looking_up.of_entry(row.entry).status == "being_issued"
    assert take_back(sign(unsigned(corrected), tmp_path, authority)).outcome == Outcome.ENTERED
    assert state(row) == "filed"
    assert not UnsignedFile.objects.waiting()


@pytest.mark.parametrize("kind", [Kind.REISSUE, Kind.RENEW])
def test_what_waits_for_its_signature_is_neither_reissued_nor_renewed(
    signed: tuple[UnsignedFile, bytes], kind: RegisterEntry.Kind
) -> None:
    row, _pdf = signed
    with pytest.raises(deciding.CannotDecide, match="waits for its signature"):
        decide(row.entry, kind)


@pytest.mark.parametrize("kind", [Kind.REVOKE, Kind.VOID])
def test_a_number_that_was_taken_back_while_it_waited_is_wanted_no_more(
    signed: tuple[UnsignedFile, bytes], kind: RegisterEntry.Kind
) -> None:
    row, pdf = signed
    decide(row.entry, kind)
    assert not UnsignedFile.objects.waiting()
    looked = take_back(pdf)
    assert looked.outcome == Outcome.REFUSED
    assert "taken back already" in looked.words
    assert not RegisterEntry.objects.filter(kind=Kind.FILED).exists()


def test_a_number_that_is_taken_back_while_its_file_is_looked_at_is_wanted_no_more(
    signed: tuple[UnsignedFile, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, pdf = signed
    look = outside.signers

    def look_meanwhile(*args: Any, **about: Any) -> str:
        decide(row.entry, Kind.REVOKE)
        return look(*args, **about)

    monkeypatch.setattr(outside, "signers", look_meanwhile)
    looked = take_back(pdf)
    assert looked.outcome == Outcome.REFUSED
    assert "taken back already" in looked.words
    assert not RegisterEntry.objects.filter(kind=Kind.FILED).exists()


def test_another_signed_file_of_the_same_certificate_is_refused(
    signed: tuple[UnsignedFile, bytes], tmp_path: Path, authority: Authority
) -> None:
    row, pdf = signed
    take_back(pdf)
    looked = take_back(sign(unsigned(row), tmp_path, authority, name="Người khác"))
    assert looked.outcome == Outcome.REFUSED
    assert "Another signed file" in looked.words


def changed_before_signing(pdf: bytes) -> bytes:
    """The page draws something else before it is signed: an update that a signature would cover."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    drawing = generic.StreamObject(stream_data=b"BT (Ke Gian) Tj ET")
    page[generic.pdf_name("/Contents")] = writer.add_object(drawing)
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def added_after_signing(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.add_object(generic.DictionaryObject())
    longer = io.BytesIO()
    writer.write(longer)
    return longer.getvalue()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("unsigned", "carries no signature"),
        ("other authority", "not one of an authority that counts"),
        ("expired", "not one of an authority that counts"),
        ("changed before", "More than the signature was changed"),
        ("added after", "was added to the file after it was signed"),
        ("changed byte", "none of the files"),
        ("changed signature", "was changed after"),
        ("made anew", "none of the files"),
        ("nothing", "none of the files"),
    ],
)
def test_a_file_is_refused_where_anything_but_a_trusted_signature_was_added(
    how: str, said: str, rule: IssuingRule, tmp_path: Path, authority: Authority
) -> None:
    row = waiting(rule)
    pdf = unsigned(row)
    if how == "other authority":
        pdf = sign(pdf, tmp_path, Authority.found("Cơ quan khác"))
    elif how == "expired":
        pdf = sign(pdf, tmp_path, authority, begins=-9, ends=-1)
    elif how == "changed before":
        pdf = sign(changed_before_signing(pdf), tmp_path, authority)
    elif how == "added after":
        pdf = added_after_signing(sign(pdf, tmp_path, authority))
    elif how == "changed byte":
        pdf = sign(pdf.replace(b"/Title", b"/Tit1e", 1), tmp_path, authority)
    elif how == "changed signature":
        pdf = sign(pdf, tmp_path, authority)
        assert b"Cap giay" in pdf
        pdf = pdf.replace(b"Cap giay", b"Cap phep")
    elif how == "made anew":
        pdf = sign(unsigned(row)[:-1] + b" \n", tmp_path, authority)
    elif how == "nothing":
        pdf = b"%PDF-1.7\n%%EOF\n"
    looked = take_back(pdf)
    assert looked.outcome == Outcome.REFUSED
    assert said in looked.words
    assert state(row) == Certificate.State.UNSIGNED
    assert not RegisterEntry.objects.filter(kind=Kind.FILED).exists()


def test_without_configured_authorities_nothing_is_taken_back(
    signed: tuple[UnsignedFile, bytes], settings: Any
) -> None:
    for trust in ("", "/nowhere"):
        settings.SIGNING_TRUST = trust
        looked = take_back(signed[1])
        assert looked.outcome == Outcome.REFUSED
        assert "authorit" in looked.words


# --- Uploads --------------------------------------------------------------------------------------


def test_an_archive_is_worked_off_file_by_file_with_a_word_for_each(
    signed: tuple[UnsignedFile, bytes], rule: IssuingRule, tmp_path: Path
) -> None:
    _row, pdf = signed
    other = waiting(rule, "Đặng Văn Ổn")
    content = archive(
        ("manifest.csv", b"file\n"),
        ("tên gì cũng được.PDF", pdf),
        ("unsigned.pdf", unsigned(other)),
        ("rubbish.pdf", b"rubbish"),
        ("large.pdf", b"0" * (outside.MOST_BYTES + 1)),
        ("again.pdf", pdf),
    )
    officer = factories.UserFactory(officer=True)
    brought = outside.receive(files=upload(("signed.zip", content)), by=officer, at=timezone.now())
    assert brought.work.total == 5
    lines = work_off(brought)
    assert [outcome for outcome, _words in lines] == [
        Outcome.ENTERED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.KNOWN,
    ]
    assert "larger than 5 MB" in lines[3][1]
    brought.work.refresh_from_db()
    assert brought.work.state == "finished"


def test_several_pdf_files_are_taken_as_they_are(signed: tuple[UnsignedFile, bytes]) -> None:
    officer = factories.UserFactory(officer=True)
    files = upload(("a.pdf", signed[1]), ("b.pdf", signed[1]))
    brought = outside.receive(files=files, by=officer, at=timezone.now())
    assert [outcome for outcome, _words in work_off(brought)] == [Outcome.ENTERED, Outcome.KNOWN]


def test_an_archive_that_unpacks_beyond_measure_is_refused_unopened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "_MOST_UNPACKED", 1000)
    officer = factories.UserFactory(officer=True)
    content = archive(*((f"{number}.pdf", b"0" * 500) for number in range(3)))
    with pytest.raises(outside.Refused, match="beyond measure"):
        outside.receive(files=upload(("x.zip", content)), by=officer, at=timezone.now())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"rubbish", "neither a PDF nor a ZIP"),
        (archive(("a.txt", b"text")), "no PDF in the archive"),
        (archive(("a.pdf", b"0"))[:-30], "neither a PDF nor a ZIP"),
    ],
    ids=["rubbish", "no PDF", "cut off"],
)
def test_what_is_no_archive_of_pdf_files_is_refused_at_the_door(content: bytes, said: str) -> None:
    officer = factories.UserFactory(officer=True)
    with pytest.raises(outside.Refused, match=said):
        outside.receive(files=upload(("x.zip", content)), by=officer, at=timezone.now())
    assert not SignedUpload.objects.exists()


# --- The officers' pages --------------------------------------------------------------------------


def test_an_officer_takes_away_brings_back_and_reads_what_came_of_it(
    signed: tuple[UnsignedFile, bytes], rule: IssuingRule
) -> None:
    row, pdf = signed
    staff = at_work(factories.UserFactory(officer=True))
    listing = staff.get(reverse("unsigned_files:index"))
    number = row.entry.number or ""
    assert number in listing.text
    export = reverse("unsigned_files:export", args=[rule.register_id])
    assert export in listing.text
    taken = b"".join(staff.get(export).streaming_content)
    assert len(zipfile.ZipFile(io.BytesIO(taken)).namelist()) == 2

    answer = staff.post(
        reverse("unsigned_files:bring"),
        {"signed_files": upload(("a.zip", archive(("a.pdf", pdf), ("b.pdf", b"rubbish"))))},
    )
    brought = SignedUpload.objects.get()
    assert answer.url == reverse("unsigned_files:brought", args=[brought.pk])
    assert staff.get(answer.url).headers["Refresh"]
    work_off(brought)
    page = staff.get(answer.url)
    assert "1 file was refused" in page.text
    assert "none of the files that were given away" in page.text
    assert "Refresh" not in page.headers
    assert number not in staff.get(reverse("unsigned_files:index")).text


def test_the_home_page_says_how_many_wait_for_a_signature(rule: IssuingRule) -> None:
    waiting(rule)
    home = at_work(factories.UserFactory(officer=True)).get(reverse("wagtailadmin_home"))
    assert "1 certificate waits for its signature" in home.text
    assert "No certificate is waiting." in home.text


def test_an_upload_that_is_refused_says_why_on_the_form() -> None:
    staff = at_work(factories.UserFactory(officer=True))
    page = staff.post(
        reverse("unsigned_files:bring"), {"signed_files": upload(("a.zip", b"rubbish"))}
    )
    assert page.status_code == 200
    assert "neither a PDF nor a ZIP archive" in page.text


def test_without_anything_waiting_there_is_nothing_to_take_away(rule: IssuingRule) -> None:
    staff = at_work(factories.UserFactory(officer=True))
    export = reverse("unsigned_files:export", args=[rule.register_id])
    assert staff.get(export).status_code == 404


@pytest.mark.parametrize("role", [{"trainer": True}, {"focal_point": True}])
def test_nobody_but_officers_sees_what_is_signed_outside(
    role: dict[str, Any], rule: IssuingRule
) -> None:
    waiting(rule)
    staff = at_work(factories.UserFactory(**role))
    for address in (
        reverse("unsigned_files:index"),
        reverse("unsigned_files:bring"),
        reverse("unsigned_files:export", args=[rule.register_id]),
        reverse("unsigned_files:brought", args=[1]),
    ):
        assert staff.get(address).status_code == 302, address
