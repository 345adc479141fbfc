from collections import defaultdict

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from people import roles
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def granted(role: Role) -> set[str]:
    group = Group.objects.get(name=role.value)
    found = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in found}


@pytest.mark.parametrize("role", Role)
def test_a_role_has_what_the_rooms_declared_for_it_and_nothing_else(role: Role) -> None:
    declared = {
        f"{label}.{codename}"
        for label, wanted in roles._declared.items()
        for other, codename in wanted
        if other is role
    }
    assert granted(role) == declared
    assert "wagtailadmin.access_admin" in declared


def test_only_dost_officers_see_everybody_and_manage_every_run() -> None:
    for permission in ("people.view_all_people", "courses.manage_all_runs"):
        holders = [role for role in Role if permission in granted(role)]
        assert holders == [Role.DOST_OFFICER]


def test_an_account_has_the_permissions_of_its_role() -> None:
    assert factories.UserFactory(officer=True).has_perm("people.view_all_people")
    assert not factories.UserFactory(trainer=True).has_perm("people.view_all_people")
    assert not factories.UserFactory().has_perm("wagtailadmin.access_admin")


def test_a_misspelt_permission_stops_migrate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "_declared", defaultdict(set))
    roles.declare(Role.TRAINER, "courses.veiw_course")
    with pytest.raises(LookupError, match=r"courses.*veiw_course"):
        roles.grant_declared(apps.get_app_config("courses"), using="default")


def test_granting_again_changes_nothing_and_gives_back_what_was_taken() -> None:
    before = granted(Role.TRAINER)
    group = Group.objects.get(name=Role.TRAINER.value)
    group.permissions.remove(Permission.objects.get(codename="change_courserun"))
    roles.grant_declared(apps.get_app_config("courses"), using="default")
    assert granted(Role.TRAINER) == before
