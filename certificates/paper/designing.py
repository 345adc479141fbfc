"""Designing templates: their versions, which are only added to, and which of them is published."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certificates.models import CertificateTemplate, TemplateVersion
from certificates.paper import artwork, layout, ready_made, trying
from certificates.paper.layout import Layout, LayoutRefused
from certificates.paper.rendering import Design, RenderingError
from vietnamese.text import nfc


class CannotPublish(Exception):
    """``problems`` say why, in words for the officer."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def create_template(
    *,
    name: str,
    language: str,
    at: datetime,
    by: Any = None,
    copied: TemplateVersion | None = None,
) -> CertificateTemplate:
    """A template whose first version is a copy: of another's version, or of the ready-made layout
    in its language. Raises ValidationError on a name that is taken."""
    template = CertificateTemplate(name=name, language=language)
    template.full_clean()
    start = layout.read(copied.layout) if copied else ready_made.layout(language)
    with transaction.atomic():
        template.save()
        save_version(template_id=template.pk, design=start, at=at, by=by)
    return template


def save_version(
    *, template_id: int, design: Layout, at: datetime, by: Any = None
) -> TemplateVersion:
    """Keep a state of the template. What equals the last version is that version.

    Raises LayoutRefused.
    """
    layout.check(design)
    with transaction.atomic():
        template = CertificateTemplate.objects.select_for_update().get(pk=template_id)
        last = template.versions.order_by("-number").first()
        sha256 = layout.digest(design)
        if last and last.sha256 == sha256:
            return last
        return TemplateVersion.objects.create(
            template=template,
            number=last.number + 1 if last else 1,
            layout=layout.write(design),
            sha256=sha256,
            created_by=by,
            at=at,
        )


def rename(*, template_id: int, name: str) -> None:
    """Another name for a template; no certificate bears it. Raises IntegrityError if taken."""
    CertificateTemplate.objects.filter(pk=template_id).exclude(name=name).update(name=nfc(name))


def publish(*, version_id: int) -> CertificateTemplate:
    """From now on, new certificates take this version. Those issued keep theirs.

    Raises CannotPublish while anything long would not fit.
    """
    version = TemplateVersion.objects.select_related("template").get(pk=version_id)
    template = version.template
    try:
        problems = trying.problems(
            design=open_design(layout.read(version.layout)), language=template.language
        )
    except (LayoutRefused, RenderingError) as refused:
        problems = [str(refused)]
    if problems:
        raise CannotPublish(problems)
    CertificateTemplate.objects.filter(pk=template.pk).update(published=version)
    template.published = version
    return template


def open_design(design: Layout) -> Design:
    """The layout with its pictures found.

    Raises RenderingError where one is gone, another OSError where the storage is out of reach.
    """
    try:
        return Design(design, {one: artwork.find(one) for one in layout.pictures(design)})
    except FileNotFoundError as error:
        raise RenderingError(_("A picture of the template is missing.")) from error


def design_of(content: Mapping[str, Any]) -> Design | None:
    """The design that frozen content names; None for the built-in look. Raises RenderingError
    where the version is not what it was."""
    named = content.get("template")
    return _design(named["version"], named["sha256"]) if named else None


@lru_cache(maxsize=64)
def _design(version_id: int, sha256: str) -> Design:
    kept = TemplateVersion.objects.filter(pk=version_id).first()
    found = layout.read(kept.layout) if kept else None
    if found is None or layout.digest(found) != sha256:
        raise RenderingError(_("The version of the template is not what it was at issue."))
    return open_design(found)
