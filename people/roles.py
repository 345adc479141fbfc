"""Roles are Django groups. Each room declares its own permissions; ``migrate`` grants them."""

from collections import defaultdict
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission


class Role(StrEnum):
    """Group names: data, shown in the admin, and therefore stable."""

    TRAINER = "Trainers"
    FOCAL_POINT = "Agency focal points"
    DOST_OFFICER = "DOST officers"


_declared: dict[str, set[tuple[Role, str]]] = defaultdict(set)


def declare(role: Role, *permissions: str) -> None:
    """Say in ``AppConfig.ready`` that a role has these permissions, named ``app.codename``."""
    for name in permissions:
        app_label, codename = name.split(".")
        _declared[app_label].add((role, codename))


def grant_declared(sender: Any, using: str, **_kwargs: Any) -> None:
    """Receiver of ``post_migrate``: grant what was declared for the app just migrated.

    Raises LookupError on a permission that does not exist: a misspelt one would be closed for ever.
    """
    wanted = _declared.get(sender.label)
    if not wanted:
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    found = {
        permission.codename: permission
        for permission in Permission.objects.filter(content_type__app_label=sender.label)
    }
    for role in Role:
        codenames = {codename for other, codename in wanted if other is role}
        if unknown := codenames - found.keys():
            raise LookupError(f"no such permission in {sender.label}: {sorted(unknown)}")
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.add(*(found[codename] for codename in codenames))
