"""Opening a register, and saying which course it certifies."""

from certificates.models import CertificateTemplate, IssuingRule, Register
from courses.models import Course


def open_register(
    *,
    code: str,
    name: str,
    number_format: str,
    issuing_body: str,
    place: str,
    signer_title: str,
    signer_name: str,
    parent_body: str = "",
    signer_authority: str = "",
    signing: Register.Signing = Register.Signing.UNSIGNED,
    legacy: bool = False,
) -> Register:
    """A register with its form of numbers and its signer. Raises ValidationError."""
    register = Register(
        code=code,
        name=name,
        number_format=number_format,
        issuing_body=issuing_body,
        parent_body=parent_body,
        place=place,
        signer_authority=signer_authority,
        signer_title=signer_title,
        signer_name=signer_name,
        signing=signing,
        legacy=legacy,
    )
    register.full_clean()
    register.save()
    return register


def certify_course(
    *,
    course: Course,
    register: Register,
    printed_title: str,
    result: str = "Đạt",
    issued_when: IssuingRule.IssuedWhen = IssuingRule.IssuedWhen.COMPLETED,
    expected_per_day: int | None = None,
    confirm_within: int | None = None,
    template: CertificateTemplate | None = None,
) -> IssuingRule:
    """From now on, completing the course gives a certificate of this register.

    More than ``expected_per_day`` of one day wait for an officer (``braking.py``); holders confirm
    within ``confirm_within`` days (``confirming.py``). Without a ``template`` the paper has the
    built-in look.
    """
    return IssuingRule.objects.create(
        course=course,
        register=register,
        printed_title=printed_title,
        result=result,
        issued_when=issued_when,
        expected_per_day=expected_per_day,
        confirm_within=confirm_within,
        template=template,
    )
