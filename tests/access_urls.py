"""Every address of the service, read from the resolver, and how to fill its parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from tests.access_world import World


@dataclass(frozen=True)
class Entry:
    """One entry of the resolver; a bulk action is one for each of its actions.

    ``name`` is that of ``reverse``, or the route where there is none.
    """

    name: str
    route: str
    fixed: tuple[tuple[str, str], ...] = ()

    def path(self, world: World) -> str:
        """An address of this entry, about a thing of this world."""
        if self.name in WRITTEN_OUT:
            return WRITTEN_OUT[self.name].format(**world.values)
        values = parameters(self.name, world) | dict(self.fixed)
        route = _GROUP.sub(lambda found: str(values[found[1]]), self.route)
        route = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)
        query = f"?id={values['id']}&next=/admin/" if self.fixed else ""
        return "/" + re.sub(r"[\^$\\]", "", route) + query


_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)")

WRITTEN_OUT = {
    "wagtail_serve": "/{lesson_url}/",
    "wagtaildocs_serve": "/documents/{document}/{document_name}",
    "/admin/^.*/$": "/admin/nothing/here/",
}
BULK = "wagtail_bulk_action"


def entries() -> list[Entry]:
    return [one for found in _walk(get_resolver()) for one in _spread(found)]


def _walk(resolver: URLResolver, route: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Entry]:
    for part in resolver.url_patterns:
        if isinstance(part, URLPattern):
            name = ":".join([*spaces, part.name]) if part.name else f"/{route}{part.pattern}"
            yield Entry(name, f"{route}{part.pattern}")
        else:
            inner = (*spaces, part.namespace) if part.namespace else spaces
            yield from _walk(part, f"{route}{part.pattern}", inner)


def _spread(entry: Entry) -> Iterator[Entry]:
    if entry.name != BULK:
        yield entry
        return
    bulk_action_registry._scan_for_bulk_actions()
    for app, models in bulk_action_registry.actions.items():
        for model, actions in models.items():
            for action in actions:
                fixed = {"app_label": app, "model_name": model, "action": action}
                yield Entry(f"{BULK}:{model}:{action}", entry.route, tuple(fixed.items()))


PRIMARY_KEYS = {
    "accommodations": "accommodation",
    "agencies": "agency",
    "assignments_set": "assignment",
    "attempts": "attempt",
    "banks": "bank",
    "brakes": "brake",
    "certificate_templates": "template",
    "conflicts": "conflict",
    "corrections": "correction",
    "courses_taught": "course",
    "editions": "edition",
    "enrolment_lists": "enrolment_list",
    "enrolment_requests": "enrolment_request",
    "enrolments": "enrolment",
    "issue_batches": "issue_batch",
    "issue_lists": "issue_list",
    "issued": "certificate",
    "issuing_rules": "rule",
    "legal_documents": "decision",
    "long_answers": "long_answer",
    "mails": "mail",
    "paper_tests": "paper_test",
    "persons": "person",
    "phases": "phase",
    "programmes": "programme",
    "questions": "question",
    "register_entries": "entry",
    "registers": "register",
    "run_questions": "asked",
    "runs": "draft",
    "systems": "system",
    "tests": "quiz",
    "units": "unit",
    "unsigned_files": "certificate",
    "wagtailadmin_collections": "collection",
    "wagtailadmin_pages": "lesson",
    "wagtaildocs_chooser": "document",
    "wagtailimages_chooser": "image",
    "wagtailsites": "site",
    "wagtailusers_groups": "group",
    "wagtailusers_users": "user",
    "wagtailadmin_api:pages": "lesson",
    "wagtailadmin_api:documents": "document",
    "wagtailadmin_api:images": "image",
    "banks:import_preview": "upload",
    "wagtail_bulk_action:page": "lesson",
    "wagtail_bulk_action:user": "user",
    "wagtail_bulk_action:image": "image",
    "wagtail_bulk_action:document": "document",
}


def parameters(name: str, world: World) -> dict[str, Any]:
    """Plausible values of every parameter that an address of this name may have."""
    values: dict[str, Any] = {
        "action_name": "approve",
        "app_label": "courses",
        "app_name": "taggit",
        "assessment_id": world["assessment"],
        "assignment_id": world["assignment"],
        "attempt_id": world["attempt"],
        "certificate_id": world["certificate"],
        "clip_id": world["clip"],
        "code": "123456",
        "collection_id": world["collection"],
        "content_type_app_name": "courses",
        "content_type_model_name": "lessonpage",
        "destination_id": world["course_page"],
        "doc_id": world["document"],
        "document_id": world["document"],
        "enrolment_id": world["enrolment"],
        "entry_id": world["entry"],
        "file_id": world["handed_in_file"],
        "filter_spec": "width-100",
        "image_id": world["image"],
        "key": "abc",
        "kind": "revoke",
        "key_id": 1,
        "list_number": 1,
        "media_id": world["clip"],
        "media_type": "video",
        "meeting_id": world["meeting"],
        "model_name": "lessonpage",
        "object_id": world["lesson"],
        "page_id": world["lesson"],
        "page_pk": world["lesson"],
        "page_to_move_id": world["lesson"],
        "page_view_restriction_id": 0,
        "parent_page_id": world["course_page"],
        "path": "images/none.png",
        "person_id": world["person"],
        "printed_test_id": world["printed_test"],
        "printed_variant_id": world["printed_variant"],
        "public_id": world["certificate_uuid"],
        "quiz_id": world["quiz"],
        "register_id": world["register"],
        "regrading_id": world["regrading"],
        "register_code": world["register_code"],
        "request_id": world["enrolment_request"],
        "restriction_id": 0,
        "result_sheet_id": world["result_sheet"],
        "revision_id": world["revision"],
        "revision_id_a": "earliest",
        "revision_id_b": "live",
        "run_id": world["run"],
        "session_id": 1,
        "sheet_id": world["sheet"],
        "task_id": world["task"],
        "submission_id": world["submission"],
        "task_state_id": 0,
        "text": world["qr"],
        "token": "x",
        "token_id": world["personal_token"],
        "version_id": world["version"],
        "version_number": 1,
        "uidb36": "1",
        "uidb64": "MQ",
        "uploaded_file_id": 0,
        "volume": 1,
        "workflow_pk": world["workflow"],
        "workflow_state_id": 0,
        "year": timezone.localdate().year,
        "pk": world["task" if "task" in name else "workflow"],
    }
    if name == "certificates:shared":
        values["token"] = world["share_token"]
    space = name.split(":")[0]
    if space == "wagtailadmin_workflows":
        values |= {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
    for prefix in (space, ":".join(name.split(":")[:2]), name):
        if prefix in PRIMARY_KEYS:
            values["pk"] = values["id"] = world[PRIMARY_KEYS[prefix]]
    return values
