from certificates.models.certificate import Certificate, IssuingRule
from certificates.models.register import Register, RegisterEntry

__all__ = ["Certificate", "IssuingRule", "Register", "RegisterEntry"]
