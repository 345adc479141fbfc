from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.proof import CredentialStatus, ShareLink
from certificates.models.register import (
    Register,
    RegisterCheck,
    RegisterEntry,
    RegisterHead,
)
from certificates.models.unsigned import UnsignedFile

__all__ = [
    "Certificate",
    "CredentialStatus",
    "IssuingRule",
    "Register",
    "RegisterCheck",
    "RegisterEntry",
    "RegisterHead",
    "ShareLink",
    "UnsignedFile",
]
