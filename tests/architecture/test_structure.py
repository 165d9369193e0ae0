"""The rules of the house that an import contract cannot say."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.db.models import Field, ForeignObject
from django.urls import URLPattern, URLResolver, get_resolver

from lingqu.config.env import Env
from lingqu.kernel.access import access_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lingqu"
GROUPS = ("kernel", "ui", "foundation", "campus", "learning", "governance", "portal", "config")
ORDER = {
    "foundation": (
        "registry",
        "timetable",
        "identity",
        "upstream",
        "applications",
        "oidc",
        "cas",
        "saml",
        "lti",
        "yearly",
        "inbox",
        "workflow",
        "ledger",
        "intake",
        "collection",
        "quality",
        "reconciliation",
        "statistics",
        "exchange",
        "federation",
    ),
    "learning": ("records",),
}
MOST_LINES, MOST_FUNCTION_LINES = 500, 60
FOREIGN_ROUTES = frozenset({"accounts/"})


def sources() -> list[Path]:
    """Every Python file of the package and the tools, without generated migrations."""
    found = [*PACKAGE.rglob("*.py"), *(ROOT / "tools").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def allowed(kind: str) -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("allowed_sizes.toml").read_text(encoding="utf-8"))[kind]


def long_functions() -> Iterator[tuple[str, int]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_FUNCTION_LINES:
                    yield f"{name_of(path)}:{node.name}", length


def test_files_are_not_too_long() -> None:
    long = {name_of(path) for path in sources() if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES}
    assert long == set(allowed("files"))


def test_functions_fit_on_a_screen() -> None:
    assert {name for name, _length in long_functions()} == set(allowed("functions"))


def test_every_exception_to_a_size_has_a_reason() -> None:
    assert [name for kind in ("files", "functions") for name, reason in allowed(kind).items() if len(reason) < 15] == []


def test_no_module_without_a_name() -> None:
    bad = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [name_of(path) for path in sources() if path.name in bad] == []


def doors() -> list[Path]:
    return sorted(PACKAGE.glob("*/*/api.py"))


@pytest.mark.parametrize("path", doors(), ids=name_of)
def test_doors_only_re_export(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_all = isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
        assert is_docstring or is_all or isinstance(node, ast.Import | ast.ImportFrom), ast.unparse(node)[:80]


def layer_of(config: AppConfig) -> tuple[int, int]:
    """Height of an app in the house: its group, then its place inside."""
    parts = config.name.split(".")
    if parts[0] != "lingqu":
        return (-1, 0)
    inside = ORDER.get(parts[1], ())
    return GROUPS.index(parts[1]), inside.index(parts[2]) if len(parts) > 2 and parts[2] in inside else 0


def project_foreign_keys() -> list[Field]:
    found = []
    for model in apps.get_models():
        if model.__module__.startswith("lingqu."):
            found += [field for field in model._meta.get_fields() if isinstance(field, ForeignObject)]
    return found


@pytest.mark.parametrize("field", project_foreign_keys(), ids=str)
def test_foreign_keys_point_down_to_linkable_models(field: Field) -> None:
    owner = field.model._meta.app_config
    target = field.related_model._meta.app_config
    if owner is target:
        return
    assert layer_of(target) < layer_of(owner)
    assert field.related_model.__name__ in target.linkable_models


def routes() -> list[tuple[str, URLPattern]]:
    """Every address with its whole pattern."""
    found: list[tuple[str, URLPattern]] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for entry in patterns:
            whole = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, whole)
            else:
                found.append((whole, entry))

    walk(get_resolver().url_patterns, "")
    return found


@pytest.mark.parametrize(("route", "pattern"), routes(), ids=[route or "(front page)" for route, _pattern in routes()])
def test_every_route_declares_its_access(route: str, pattern: URLPattern) -> None:
    if any(route.startswith(prefix) for prefix in FOREIGN_ROUTES):
        return
    assert access_of(pattern.callback) is not None


def variables_read() -> set[str]:
    text = (PACKAGE / "config" / "env.py").read_text(encoding="utf-8")
    return set(re.findall(r'values\.get\("([A-Z_]+)"', text))


def test_example_environment_is_complete() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, flags=re.MULTILINE))
    internal = {"LINGQU_ROLE"}
    assert told == variables_read() - internal
    assert len(fields(Env)) == len(variables_read())


def test_only_env_reads_the_environment() -> None:
    readers = []
    for path in [*PACKAGE.rglob("*.py"), ROOT / "manage.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "os"
            for alias in node.names
        }
        if {"os.environ", "os.getenv", "os.putenv"} & used or {"environ", "getenv"} & imported:
            readers.append(name_of(path))
    assert [name for name in readers if "/tests/" not in name] == ["lingqu/config/env.py"]


def test_no_path_or_host_of_the_workshop_is_committed() -> None:
    """Files must run anywhere."""
    banned = re.compile("/" + "work/|files\\." + "pythonhosted|registry\\." + "npmjs|pypi\\." + "org")
    found = []
    for path in [*sources(), *ROOT.glob("*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".ci").glob("*")]:
        if path.is_file() and path.suffix not in {".png", ".jpg"}:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            found += [name_of(path)] if banned.search(text) else []
    assert sorted(set(found)) == []
