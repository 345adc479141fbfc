from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.register import Register, RegisterEntry
from certificates.models.template import CertificateTemplate, TemplateVersion

__all__ = [
    "Certificate",
    "CertificateTemplate",
    "IssuingRule",
    "Register",
    "RegisterEntry",
    "TemplateVersion",
]
