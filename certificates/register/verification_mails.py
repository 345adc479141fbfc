"""Mails about a night in which the register was not found in order, to those who answer for it."""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.models import RegisterCheck
from jobs.letters import Letter
from jobs.mailing import Outgoing
from people.addressing import of_user
from people.models import User
from people.roles import Role


def write(*, check: RegisterCheck, problem: str) -> list[Outgoing]:
    """One for each DOST officer who may see the register and has an address.

    To be called outside of transactions.
    """
    mails = []
    for user in _officers():
        to = of_user(user)
        with translation.override(to.language):
            letter = Letter(
                subject=_("Verification of the register on %(day)s: please look at it")
                % {"day": f"{check.day:%d/%m/%Y}"},
                name=to.name,
                paragraphs=[
                    _("The nightly verification of the register has ended with this:"),
                    problem,
                    _("Nothing was changed by it. Please have it looked into without delay."),
                ],
                path=reverse("wagtailadmin_home"),
                link=_("Open the home page"),
            )
        key = f"verification-{check.day:%Y%m%d}-{user.pk}"
        mails.append(Outgoing(key, to.email, letter.render(language=to.language)))
    return mails


def _officers() -> list[User]:
    active = User.objects.filter(is_active=True, groups__name=Role.DOST_OFFICER.value)
    return [
        user
        for user in active.select_related("person").order_by("pk")
        if user.has_perm("certificates.view_register") and of_user(user).email
    ]
