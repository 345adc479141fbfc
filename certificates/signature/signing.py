"""Signs files on the server: PAdES B-B, or B-T where a time-stamping service is configured.

Settings: SIGNING_PKCS12 (path of the key with its certificates), SIGNING_PASSPHRASE and
SIGNING_TIMESTAMP_URL. The key is read again when its file changes, so whatever was wrong with it
is mended without a restart. It is never in the database.

The signature is an incremental update: the signed file begins with the bytes of the unsigned one.
Its widget lies outside the page, which PDF/UA lets be untagged (ISO 14289-1, 7.18.1), and without
extent, which PDF/A lets be without appearance (ISO 19005-3, 6.3.3). The metadata stay as typst
wrote them.
"""

import asyncio
import hashlib
import io
import os
import re
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError, simple_cms_attribute
from pyhanko.sign.signers import cms_embedder, pdf_byterange
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.models import Register
from certificates.paper import wording

FIELD = "Signature"
_MOST_SECONDS = 10  # for an answer of the time-stamping service
_CMS_BYTES = 4096  # beside the certificates
_TIMESTAMP_BYTES = 12 * 1024

_loaded = threading.local()


class CannotSign(Exception):
    """Carries the reason, in words for the DOST officer."""


@dataclass(frozen=True)
class Signed:
    """A signed file, and whom its signature names."""

    pdf: bytes
    by: str


class _Signer(signers.Signer):
    """Keeps the key as it was loaded: pyHanko's own parses it anew for each signature."""

    def __init__(
        self,
        key: RSAPrivateKey | EllipticCurvePrivateKey,
        certificate: Certificate,
        others: list[Certificate],
    ) -> None:
        self.key, self.certificate = key, certificate
        self.constant: list[cms.CMSAttribute] | None = None
        registry = SimpleCertificateStore()
        registry.register_multiple([_plain(one) for one in others])
        super().__init__(
            signing_cert=_plain(certificate), cert_registry=registry, embed_roots=False
        )
        url = settings.SIGNING_TIMESTAMP_URL
        self.timestamper = HTTPTimeStamper(url, timeout=_MOST_SECONDS) if url else None
        chain = sum(len(one.public_bytes(Encoding.DER)) for one in (certificate, *others))
        room = chain + _CMS_BYTES + (_TIMESTAMP_BYTES if url else 0)
        self.reserved = 2 * room  # in hexadecimal digits

    async def signed_attrs(self, data_digest: bytes, *args: Any, **kwargs: Any) -> Any:
        """All but the digest is the same in each signature and composed once, by pyHanko.

        What asn1crypto has composed it encodes anew wherever it is looked at, and each level of it
        twice; what was read from its encoding it keeps.
        """
        if self.constant is None:
            composed = await super().signed_attrs(data_digest, *args, **kwargs)
            others = (one for one in composed if one["type"].native != "message_digest")
            self.constant = [cms.CMSAttribute.load(one.dump()) for one in others]
        digest = simple_cms_attribute("message_digest", data_digest)
        return cms.CMSAttributes.load(cms.CMSAttributes([*self.constant, digest]).dump())

    def signer_info(self, *args: Any, **kwargs: Any) -> Any:
        return cms.SignerInfo.load(super().signer_info(*args, **kwargs).dump())

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), hashes.SHA256())
        return self.key.sign(data, ECDSA(hashes.SHA256()))

    @property
    def name(self) -> str:
        subject = self.certificate.subject
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            if found := subject.get_attributes_for_oid(oid):
                return str(found[0].value)
        return subject.rfc4514_string()


class _Writer(IncrementalPdfFileWriter):
    """Leaves version and metadata of the file as they are: they claim PDF/A-3 and PDF/UA-1."""

    output_version = (1, 7)

    def _update_meta(self) -> None:
        pass

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> Any:
        """An identifier for what is made of the file: from its bytes, so that nothing is random."""
        content = prev.stream.getvalue()
        changed = generic.ByteStringObject(hashlib.sha256(content).digest()[:16])
        return generic.ArrayObject([IncrementalPdfFileWriter._handle_id(prev)[0], changed])


def notice(register: Register, *, by: str = "", language: str = "vi") -> str:
    """What the paper says of its signature; ``by`` is whom a signature of the server names."""
    words = wording.SIGNATURES[language]
    if register.signing == Register.Signing.SERVER:
        return words["test" if is_test(by) else "server"].format(by=by)
    if register.signing == Register.Signing.OUTSIDE:
        return words["outside"].format(by=register.issuing_body)
    return words["unsigned"]


def is_test(by: str) -> bool:
    """Whether a signer's name says that the key is only for testing."""
    return re.search(r"\bTEST\b", by) is not None


def signer_name() -> str:
    """Whom a signature of the server would name now. Raises CannotSign."""
    return _signer().name


def sign(pdf: bytes, *, by: str, reason: str, place: str) -> Signed:
    """Return the file signed with the server's key, which must be that of ``by``.

    A signature is made when it is made, so its time is the clock's, whatever is being issued.
    Raises CannotSign.
    """
    signer = _signer()
    if signer.name != by:
        raise CannotSign(
            _("The paper names %(named)s as its signer, but the signing key is that of %(name)s.")
            % {"named": by, "name": signer.name}
        )
    output = io.BytesIO()
    field = _field(f"Chữ ký số của {signer.name}")
    embedding = cms_embedder.PdfCMSEmbedder(new_field_spec=field).write_cms(
        field_name=FIELD, writer=_Writer(io.BytesIO(pdf))
    )
    next(embedding)
    signature = pdf_byterange.SignatureObject(
        timestamp=timezone.localtime(),
        subfilter=fields.SigSeedSubFilter.PADES,
        name=signer.name,
        reason=reason,
        location=place,
        bytes_reserved=signer.reserved,
    )
    embedding.send(cms_embedder.SigObjSetup(sig_placeholder=signature))
    prepared, _stream = embedding.send(
        cms_embedder.SigIOSetup(md_algorithm="sha256", output=output)
    )
    try:
        message = asyncio.run(
            signer.async_sign(
                prepared.document_digest,
                "sha256",
                use_pades=True,
                timestamper=signer.timestamper,
            )
        )
        embedding.send(message)
    except (OSError, TimestampRequestError) as error:
        raise CannotSign(
            _("The time-stamping service does not answer as it should: %(reason)s")
            % {"reason": error or type(error).__name__}
        ) from error
    except SigningError as error:
        raise CannotSign(
            _("The file could not be signed: %(reason)s") % {"reason": error}
        ) from error
    return Signed(output.getvalue(), signer.name)


def prepare(pdf: bytes) -> bytes:
    """Return the file with an empty place for a signature that is made elsewhere.

    The same bytes give the same bytes.
    """
    writer: IncrementalPdfFileWriter = _Writer(io.BytesIO(pdf))
    output = io.BytesIO()
    fields.append_signature_field(writer, _field("Chữ ký số"))
    # As it will stand once signed: a signature may change nothing but itself.
    fields.ensure_sig_flags(writer, lock_sig_flags=True)
    writer.write(output)
    return output.getvalue()


def _field(said: str) -> fields.SigFieldSpec:
    """A field outside the page; ``said`` names it to whoever cannot see."""
    return fields.SigFieldSpec(
        FIELD,
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
        readable_field_name=said,
    )


def _signer() -> _Signer:
    """This thread's signer, if its certificate is in force."""
    signer = _load()
    now = timezone.now()
    begins, ends = signer.certificate.not_valid_before_utc, signer.certificate.not_valid_after_utc
    if now < begins:
        raise CannotSign(
            _("The certificate of the signing key is valid from %(day)s only.")
            % {"day": _day(begins)}
        )
    if now > ends:
        raise CannotSign(
            _("The certificate of the signing key expired on %(day)s.") % {"day": _day(ends)}
        )
    return signer


def _load() -> _Signer:
    if not settings.SIGNING_PKCS12:
        raise CannotSign(_("No key for signing is configured (SIGNING_PKCS12)."))
    path = Path(settings.SIGNING_PKCS12)
    passphrase: str = settings.SIGNING_PASSPHRASE
    try:
        status = os.stat(path)
        file = (path, status.st_mtime_ns, status.st_ino, status.st_size)
        seen = (*file, passphrase, settings.SIGNING_TIMESTAMP_URL)
        if getattr(_loaded, "seen", None) != seen:
            _loaded.signer = _open(path.read_bytes(), passphrase)
            _loaded.seen = seen
    except OSError as error:
        raise CannotSign(
            _("The file of the signing key cannot be read: %(reason)s")
            % {"reason": error.strerror or error}
        ) from error
    signer: _Signer = _loaded.signer
    return signer


def _open(content: bytes, passphrase: str) -> _Signer:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            content, passphrase.encode() or None
        )
    except (ValueError, TypeError) as error:
        raise CannotSign(
            _("The signing key cannot be opened: the passphrase is wrong or the file is damaged.")
        ) from error
    if key is None or certificate is None or key.public_key() != certificate.public_key():
        raise CannotSign(_("The file of the signing key lacks the key or its certificate."))
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise CannotSign(_("The signing key is neither an RSA nor an elliptic curve key."))
    if not _may_sign(certificate):
        raise CannotSign(_("The certificate of the signing key is not for signing documents."))
    return _Signer(key, certificate, others)


def _may_sign(certificate: Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _plain(certificate: Certificate) -> x509.Certificate:
    """The same certificate as pyHanko's ASN.1 library has it."""
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")
