"""Who edits which pages and files: granted to the roles after every ``migrate``."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from cms.models import HomePage
from courses.models import CataloguePage
from people.roles import Role

PAGE_ACTIONS = ("add_page", "change_page", "publish_page")
FILE_ACTIONS = (
    # wagtailmedia asks for the permissions of its own model, whatever model is set.
    ("wagtailmedia", "add_media"),
    ("wagtailmedia", "change_media"),
    ("wagtailimages", "add_image"),
    ("wagtailimages", "choose_image"),
    ("wagtaildocs", "add_document"),
    ("wagtaildocs", "choose_document"),
)


def grant(sender: Any, using: str, **_kwargs: Any) -> None:
    """Receiver of ``post_migrate`` for Wagtail's core: trainers edit the catalogue, DOST all."""
    for label in ("wagtailcore", "wagtailmedia", "wagtailimages", "wagtaildocs"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using, apps=apps)
    places = ((Role.TRAINER, CataloguePage), (Role.DOST_OFFICER, HomePage))
    for role, model in places:
        group, _created = Group.objects.get_or_create(name=role.value)
        for page in model.objects.all():
            for codename in PAGE_ACTIONS:
                GroupPagePermission.objects.get_or_create(
                    group=group, page_id=page.pk, permission=_permission("wagtailcore", codename)
                )
        for collection in Collection.objects.filter(depth=1):
            for label, codename in FILE_ACTIONS:
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=collection, permission=_permission(label, codename)
                )


def _permission(label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=label, codename=codename)
