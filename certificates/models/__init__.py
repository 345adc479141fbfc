from certificates.models.batch import IssueBatch
from certificates.models.brake import Brake
from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.correction import Correction
from certificates.models.handout import HandOut
from certificates.models.issue_list import IssueList
from certificates.models.proof import CredentialStatus, ShareLink, UsedKey
from certificates.models.register import (
    Register,
    RegisterCheck,
    RegisterEntry,
    RegisterHead,
)
from certificates.models.template import CertificateTemplate, TemplateVersion
from certificates.models.unsigned import SignedUpload, SignedUploadLine, UnsignedFile

__all__ = [
    "Brake",
    "Certificate",
    "CertificateTemplate",
    "Correction",
    "CredentialStatus",
    "HandOut",
    "IssueBatch",
    "IssueList",
    "IssuingRule",
    "Register",
    "RegisterCheck",
    "RegisterEntry",
    "RegisterHead",
    "ShareLink",
    "SignedUpload",
    "SignedUploadLine",
    "TemplateVersion",
    "UnsignedFile",
    "UsedKey",
]
