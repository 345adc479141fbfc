from certificates.models.brake import Brake
from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.register import Register, RegisterEntry

__all__ = ["Brake", "Certificate", "IssuingRule", "Register", "RegisterEntry"]
