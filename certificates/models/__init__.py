from certificates.models.batch import IssueBatch
from certificates.models.brake import Brake
from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.correction import Correction
from certificates.models.handout import HandOut
from certificates.models.register import Register, RegisterEntry

__all__ = [
    "Brake",
    "Certificate",
    "Correction",
    "HandOut",
    "IssueBatch",
    "IssuingRule",
    "Register",
    "RegisterEntry",
]
