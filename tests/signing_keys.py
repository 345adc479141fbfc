"""Keys to sign with in tests: an authority, and what it certifies."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "mật khẩu thử"
SIGNER = "Sở Khoa học và Công nghệ Khánh Hòa"


@cache
def key(kind: str = "P-256") -> Any:
    if kind == "RSA":
        return rsa.generate_private_key(65537, 3072)
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Authority:
    """A root that certifies keys."""

    key: Any
    certificate: x509.Certificate

    @classmethod
    def found(cls, name: str = "Cơ quan chứng thực") -> "Authority":
        own = ec.generate_private_key(ec.SECP256R1())
        return cls(own, _certificate(name, own.public_key(), name, own, ca=True))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(
        self, public_key: Any, *, name: str = SIGNER, begins: int = -1, ends: int = 365, **use: Any
    ) -> x509.Certificate:
        """A certificate that is valid from and to so many days from now."""
        issuer = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        return _certificate(
            name, public_key, str(issuer), self.key, begins=begins, ends=ends, **use
        )

    def write_pkcs12(self, path: Path, *, kind: str = "P-256", **certified: Any) -> Path:
        own = key(kind)
        certificate = self.certify(own.public_key(), **certified)
        encryption = BestAvailableEncryption(PASSPHRASE.encode())
        path.write_bytes(
            serialize_key_and_certificates(
                b"signing", own, certificate, [self.certificate], encryption
            )
        )
        return path

    def write_time_stamper(self, folder: Path) -> None:
        """``tsa.key`` and ``tsa.crt`` as ``openssl ts`` wants them."""
        own = ec.generate_private_key(ec.SECP256R1())
        plain = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(plain)
        certificate = self.certify(own.public_key(), name="Dấu thời gian", time_stamping=True)
        (folder / "tsa.crt").write_bytes(certificate.public_bytes(Encoding.PEM))


def _certificate(
    name: str,
    public_key: Any,
    issuer: str,
    issuer_key: Any,
    *,
    begins: int = -1,
    ends: int = 3650,
    ca: bool = False,
    signs: bool = True,
    time_stamping: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=signs and not ca,
        content_commitment=signs and not ca,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if time_stamping:
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(only, critical=True)
    return builder.sign(issuer_key, SHA256())
