from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.register import Register, RegisterEntry
from certificates.models.unsigned import SignedUpload, SignedUploadLine, UnsignedFile

__all__ = [
    "Certificate",
    "IssuingRule",
    "Register",
    "RegisterEntry",
    "SignedUpload",
    "SignedUploadLine",
    "UnsignedFile",
]
