"""Tests that read the project: what neither import-linter nor the type checker can see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.template import Context, Engine
from django.template.base import Node
from django.template.loader_tags import ExtendsNode, IncludeNode

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "config": 8,
    "demo": 8,
    "cms": 7,
    "reports": 6,
    "quizzes": 5,
    "certificates": 5,
    "courses": 4,
    "people": 3,
    "agencies": 2,
    "jobs": 1,
    "vietnamese": 0,
}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.relative_to(ROOT).parts
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def knows(lower: str, other: str) -> bool:
    """Whether a room may know another: itself, and those below it."""
    return lower == other or ROOMS[other] < ROOMS[lower]


def room_of(path: Path) -> str:
    """The room of a module or template; templates outside any room belong to all of them."""
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "templates" else parts[0]


# --- Layers ---------------------------------------------------------------------------------------


def strings(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """String arguments of the calls that name a model: relations and ``get_model``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rsplit(".", 1)[-1]
        if called in {"ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey", "get_model"}:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node, argument.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_model_of_a_higher_room_is_named_in_a_string(path: Path) -> None:
    for call, text in strings(ast.parse(path.read_text())):
        named = text.split(".")[0]
        if named in ROOMS:
            assert knows(room_of(path), named), f"line {call.lineno}: {text}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_model_points_to_a_higher_room(room: str) -> None:
    if not apps.is_installed(room):
        return
    for model in apps.get_app_config(room).get_models():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if field.concrete and isinstance(target, type) and issubclass(target, models.Model):
                named = target._meta.app_label
                allowed = named not in ROOMS or knows(room, named) or target is get_user_model()
                assert allowed, f"{model.__name__}.{field.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_includes_or_loads_what_belongs_to_a_higher_room(path: Path) -> None:
    room, source = room_of(path), path.read_text()
    if room not in ROOMS:
        room = "vietnamese"  # what all share knows no room
    named = re.findall(r"{%\s*(?:include|extends)\s+[\"']([\w-]+)/", source)
    named += [_room_of_library(name) for name in _loaded(source)]
    too_high = [other for other in named if other in ROOMS and not knows(room, other)]
    assert too_high == []


def _loaded(source: str) -> list[str]:
    tags = re.findall(r"{%\s*load\s+([^%]+)%}", source)
    return [name for tag in tags for name in tag.split(" from ")[-1].split()]


def _room_of_library(name: str) -> str:
    return Engine.get_default().libraries.get(name, "").split(".")[0]


# --- Templates ------------------------------------------------------------------------------------


def test_every_template_is_used() -> None:
    """By Python, by another template, or by a package that looks for it by this name."""
    sources = [path.read_text() for path in [*MODULES, *TEMPLATES]]
    others = {name_of(path) for path in _templates_of_packages()}
    unused = [
        name_of(path)
        for path in TEMPLATES
        if not any(f'"{name_of(path)}"' in source for source in sources)
        and not any(f"'{name_of(path)}'" in source for source in sources)
        and name_of(path) not in others
        and name_of(path) not in _found_by_name()
    ]
    assert unused == []


def _templates_of_packages() -> Iterator[Path]:
    """Templates of ours that take the place of an installed package's."""
    for config in apps.get_app_configs():
        folder = Path(config.path) / "templates"
        if ROOT not in folder.parents or ".venv" in folder.parts:
            for path in TEMPLATES:
                if (folder / name_of(path)).exists():
                    yield path


def _found_by_name() -> set[str]:
    """Names that Django and our own code build at run time."""
    from quizzes import kinds

    errors = {f"{number}.html" for number in (400, 403, 404, 500)} | {"403_csrf.html"}
    return errors | {kinds.get(code).template for code, _label in kinds.CHOICES}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_template_compiles_and_what_it_includes_is_there(path: Path) -> None:
    engine = Engine.get_default()
    template = engine.get_template(name_of(path))
    for node in _nodes(template.nodelist):
        named = getattr(node, "template", None) or getattr(node, "parent_name", None)
        if named is not None and isinstance(named.var, str):
            engine.get_template(named.resolve(Context()))


def _nodes(nodes: Any) -> Iterator[Node]:
    for kind in (IncludeNode, ExtendsNode):
        yield from nodes.get_nodes_by_type(kind)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_public_template_has_inline_scripts_styles_or_handlers(path: Path) -> None:
    if "admin" in path.relative_to(ROOT / "templates").parts:
        return
    source = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", path.read_text(), flags=re.S)
    scripts = re.findall(r"<script\b[^>]*>", source)
    assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []
    assert re.findall(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:", source) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_asks_a_foreign_server(path: Path) -> None:
    addresses = re.findall(r"(?:src|srcset|action)=[\"'](?:https?:)?//[^\"']*", path.read_text())
    assert addresses == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_form_that_changes_something_carries_its_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), flags=re.S):
        if "certificates:look_up_file" in form:
            continue  # it only compares: its view looks at the length before the body is read
        if re.search(r"method=[\"']post[\"']", form, flags=re.I):
            assert "csrf_token" in form


# --- Code -----------------------------------------------------------------------------------------


def test_no_task_runs_in_the_place_of_its_caller() -> None:
    for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]:
        if path != Path(__file__):
            assert "always_eager" not in path.read_text().lower(), path
    from config.celery import app

    assert not app.conf.task_always_eager


def test_lower_rooms_use_shared_tasks() -> None:
    for path in MODULES:
        if room_of(path) not in ("config", "demo"):
            assert "config.celery" not in path.read_text(), path


def test_no_transaction_spans_a_request() -> None:
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")


FORBIDDEN = {"utils", "helpers", "services", "core", "common", "misc", "base"}


def test_modules_are_named_by_what_they_do() -> None:
    assert [path for path in MODULES if FORBIDDEN & {path.stem, *path.parent.parts[-1:]}] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_fit_on_a_few_screens_and_are_not_empty(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 360
    assert lines or path.name == "__init__.py"


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|coming soon|not implemented)\b", re.I)
    for path in [*MODULES, *TEMPLATES]:
        assert not words.search(path.read_text()), path


WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update"}


@pytest.mark.parametrize("path", sorted((ROOT / "demo").rglob("*.py")), ids=str)
def test_the_demo_changes_rows_through_the_products_verbs_only(path: Path) -> None:
    if path.name == "making_clips.py":  # draws films, knows no rows
        return
    written = {
        f"{node.func.attr} in line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES | {"update_or_create", "execute"}
    }
    assert written == set()


def test_no_verb_reads_the_clock_by_itself() -> None:
    """A verb is told the time (``at``); views, tasks, forms and pages read the clock."""
    verbs = {
        f"{room}/{name}.py"
        for room, names in {
            "courses": ("enrolling", "running", "watching", "completion", "results", "authoring"),
            "quizzes": ("attempts", "saving", "grading", "drawing", "importing"),
            "certificates": (
                "issue/freezing",
                "register/deciding",
                "register/entering",
            ),
            "reports": ("recording",),
            "people": ("registering",),
            "agencies": ("establishing",),
        }.items()
        for name in names
    }
    for verb in verbs:
        source = (ROOT / verb).read_text()
        assert not re.search(r"timezone\.now\(|datetime\.now\(|date\.today\(|localdate\(\)", source)
