"""The demo's own key for signing: its certificate says TEST, and so does every paper."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID
from django.conf import settings

AUTHORITY = "TEST - Cơ quan chứng thực thử nghiệm"
SIGNER = "TEST - Chữ ký số thử nghiệm"
YEARS = 10


def prepare() -> bool:
    """Make the key (``SIGNING_PKCS12``) and the authority it goes back to (``SIGNING_TRUST``).

    A key that is there stays. False where none is configured: then nothing is signed.
    """
    if not settings.SIGNING_PKCS12:
        return False
    target = Path(settings.SIGNING_PKCS12)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _make(target, Path(settings.SIGNING_TRUST), settings.SIGNING_PASSPHRASE)
    return True


def _make(target: Path, trust: Path, passphrase: str) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _time in range(2))
    authority = _certificate(AUTHORITY, authority_key, AUTHORITY, authority_key, is_authority=True)
    certificate = _certificate(SIGNER, key, AUTHORITY, authority_key, is_authority=False)
    bundle = serialize_key_and_certificates(
        b"demo", key, certificate, [authority], BestAvailableEncryption(passphrase.encode())
    )
    trust.write_bytes(authority.public_bytes(Encoding.PEM))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(bundle)
    draft.replace(target)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    public = key.public_key()
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(issued_by, critical=False)
        .sign(issuer_key, SHA256())
    )


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
