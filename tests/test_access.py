"""Closed by default: every address, asked by every role, about one's own and about others' things.

What everybody gets stands in ``access_table``; an address that is not in it fails.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Task

from courses.models import LessonPage
from tests.access_table import TABLE
from tests.access_urls import Entry, entries
from tests.access_world import FOREIGN, OWN, ROLES, Cast, World, build

REFUSED = "lxn"
LETTERS = {200: "o", 204: "o", 400: "b", 403: "x", 404: "n", 405: "m", 409: "c", 500: "e"}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    method: str
    own: str
    foreign: str
    names: tuple[str, ...]

    def matches(self, entry: Entry) -> bool:
        return any(entry.name == name or fnmatchcase(entry.name, name) for name in self.names)


def lines() -> Iterator[Line]:
    for line in TABLE.strip().splitlines():
        if line and not line.startswith("#"):
            method, own, foreign, *names = line.split()
            yield Line(method, own, own if foreign == "=" else foreign, tuple(names))


LINES = list(lines())


def line_for(entry: Entry) -> Line:
    (found,) = [line for line in LINES if line.matches(entry)]
    return found


@pytest.mark.django_db
def test_every_address_stands_in_the_table_once() -> None:
    for entry in entries():
        assert len([line for line in LINES if line.matches(entry)]) == 1, entry.name


@pytest.mark.django_db
def test_the_table_names_no_address_that_is_not_there() -> None:
    known = [entry.name for entry in entries()]
    for line in LINES:
        assert len(line.own) == len(ROLES)
        for name in line.names:
            assert any(one == name or fnmatchcase(one, name) for one in known), name


class Asker:
    """Somebody with a browser, in which no answer leaves a trace."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies = copy.deepcopy(client.cookies)

    def ask(self, method: str, path: str, data: Any = None) -> tuple[str, bytes]:
        """One request, undone afterwards: the letter of what came, and the body."""
        self.client.cookies = copy.deepcopy(self.cookies)
        more: dict[str, Any] = {"data": data} if data else {}
        if path.startswith("/api/") and method != "GET":
            # All that can be used at any of these addresses without knowing more.
            more = {"data": '{"answers": []}', "content_type": "application/json"}
        with transaction.atomic():
            response: Any = getattr(self.client, method.lower())(path, **more)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        return _letter(response), body


def _letter(response: Any) -> str:
    if response.status_code not in (301, 302, 303):
        return LETTERS.get(response.status_code, "?")
    target = response.headers["Location"]
    if "/login/" in target:
        return "l"
    return "x" if target == "/admin/" else "g"


@pytest.fixture(scope="module")
def worlds(once: Any) -> tuple[Cast, World, World]:
    made: tuple[Cast, World, World] = once(build)
    return made


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db
def test_everybody_gets_what_the_table_says(role: str, worlds: tuple[Cast, World, World]) -> None:
    cast, own, foreign = worlds
    asker, place = Asker(cast.client(role)), ROLES.index(role)
    wrong, seen = [], set()
    for entry in entries():
        line, path = line_for(entry), entry.path(own)
        about_a_thing = path != entry.path(foreign)
        assert about_a_thing == (line.foreign != "-"), entry.name
        got, body = asker.ask(line.method, path)
        if got != line.own[place]:
            wrong.append(f"{line.method} {path}: {got}, not {line.own[place]} ({entry.name})")
        if FOREIGN.encode() in body:
            seen.add(entry.name)
        if line.own[place] in REFUSED and line.method == "GET":
            wrong += _posting(asker, path)
        if about_a_thing:
            path = entry.path(foreign)
            got, _body = asker.ask(line.method, path)
            if got != line.foreign[place]:
                wrong.append(f"{line.method} {path}: {got}, not {line.foreign[place]}, foreign")
            if line.foreign[place] in REFUSED and line.method == "GET":
                wrong += _posting(asker, path)
    assert wrong == [], "\n".join(wrong)
    if role in ("officer", "superuser"):
        assert len(seen) > 10  # or else the names below could not be seen by anybody
    else:
        assert sorted(seen) == MAY_NAME_AGENCIES.get(role, [])


# Where a trainer says for which agencies a run is open, all of them stand to choose from.
MAY_NAME_AGENCIES = {"trainer": ["runs:add", "runs:amend", "runs:edit"]}


def _posting(asker: Asker, path: str) -> list[str]:
    """What one may not read one may not post to."""
    got, _body = asker.ask("POST", path)
    return [] if got in REFUSED + "m" else [f"POST {path}: {got}"]


SCOPED_LISTS = (
    "/admin/enrolments/",
    "/admin/persons/",
    "/admin/runs/",
    "/admin/questions-of-learners/",
    "/admin/banks/",
    "/admin/questions/",
    "/admin/tests/",
    "/admin/attempts/",
    "/admin/accommodations/",
    "/admin/counts/",
    "/admin/counts/agencies/",
    "/admin/counts/turns/",
    "/admin/counts/persons/",
    "/admin/counts/certified/",
)


@pytest.mark.parametrize("role", ["trainer", "focal_point", "officer"])
@pytest.mark.django_db
def test_no_export_and_no_search_gives_away_what_belongs_to_others(
    role: str, worlds: tuple[Cast, World, World]
) -> None:
    asker = Asker(worlds[0].client(role))
    found = {OWN: 0, FOREIGN: 0}
    for path in SCOPED_LISTS:
        for query in ("?export=csv", "?q=noi-khac", "results/?q=noi-khac", "?p=2"):
            letter, body = asker.ask("GET", path + query)
            assert letter in "ox", path + query
            for name in found:
                found[name] += name.encode() in body
    assert found[OWN] > 0
    assert (found[FOREIGN] > 0) == (role == "officer")


BULK = "/admin/bulk/{0}/{1}/{2}/?id={3}&next=/tra-cuu/"


@pytest.mark.parametrize("role", ["trainer", "focal_point"])
@pytest.mark.django_db
def test_bulk_actions_leave_alone_what_one_may_not_change(
    role: str, worlds: tuple[Cast, World, World]
) -> None:
    cast, own, foreign = worlds
    client = cast.client(role)
    world = foreign if role == "trainer" else own
    for action in ("unpublish", "move", "publish", "delete"):
        data = {"chooser": world["course_page"], "include_descendants": "on"}
        client.post(BULK.format("wagtailcore", "page", action, world["lesson"]), data)
    for app, kind in (("wagtailimages", "image"), ("wagtaildocs", "document")):
        client.post(BULK.format(app, kind, "delete", world[kind]))
    client.post(BULK.format("people", "user", "delete", world["user"]))
    lesson = LessonPage.objects.get(pk=world["lesson"])
    assert (lesson.live, lesson.url.strip("/")) == (True, world["lesson_url"])
    assert get_image_model().objects.filter(pk=world["image"]).exists()
    assert get_document_model().objects.filter(pk=world["document"]).exists()
    assert type(cast.users["learner"]).objects.filter(pk=world["user"]).exists()
    assert Task.objects.count() == 1


@pytest.mark.django_db
def test_a_bulk_action_changes_what_one_may_change(worlds: tuple[Cast, World, World]) -> None:
    cast, own, _foreign = worlds
    cast.client("trainer").post(BULK.format("wagtailcore", "page", "unpublish", own["lesson"]))
    assert not LessonPage.objects.get(pk=own["lesson"]).live
