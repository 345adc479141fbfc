from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.register import (
    Register,
    RegisterCheck,
    RegisterEntry,
    RegisterHead,
)

__all__ = [
    "Certificate",
    "IssuingRule",
    "Register",
    "RegisterCheck",
    "RegisterEntry",
    "RegisterHead",
]
