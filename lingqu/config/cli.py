"""``lingqu <verb>``: one frame for the platform's own verbs and those of every module.

A module's ``cli.py`` (or ``contributions.py``) offers ``add_verbs(subparsers)``::

    def add_verbs(subparsers):
        roster = subparsers.add_parser("roster", help=_("名册")).add_subparsers(required=True)
        parser = roster.add_parser("counts", help=_("…"))
        parser.add_argument("--node", default="")
        parser.set_defaults(run=counts)                 # counts(options) -> result

Groups may be shared: adding ``roster`` twice gives the same group. ``run`` returns a mapping, a dataclass, a list of
those, or ``(result, exit_code)``. Every verb understands ``--json``: then exactly one JSON value goes to standard
output. Progress belongs on standard error. A :class:`DomainError` ends with its message there and exit code 1 (or its
``exit_code``).
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

import django
from django.utils import translation

from lingqu import __version__
from lingqu.config.env import EnvironmentFault, env, use_settings
from lingqu.config.words import gettext as _
from lingqu.config.words import terminal_language

PLATFORM_VERBS = {
    "run": "lingqu.config.verbs.running",
    "stop": "lingqu.config.verbs.running",
    "status": "lingqu.config.verbs.running",
    "doctor": "lingqu.config.verbs.doctoring",
    "backup": "lingqu.config.verbs.copying",
    "upgrade": "lingqu.config.verbs.copying",
    "restore": "lingqu.config.verbs.restoring",
    "drill": "lingqu.config.verbs.drilling",
    "keys": "lingqu.config.verbs.keying",
}
"""Verbs that must work when the database is away or the apps cannot load."""
RUN_NAMES = ("run", "handler", "func")


class VerbGroup(argparse._SubParsersAction):
    """Subparsers in which a second module may add to a group of the first."""

    def add_parser(self, name: str, **options: Any) -> Any:
        known = self._name_parser_map.get(name)
        return known if known is not None else super().add_parser(name, **options)


class VerbParser(argparse.ArgumentParser):
    """A parser that knows ``--json`` at every level and keeps one subparser group."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*args, **options)
        self.register("action", "parsers", VerbGroup)
        told = _("在标准输出给出一个 JSON 结果")
        self.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=told)
        self.verbs: VerbGroup | None = None

    def add_subparsers(self, **options: Any) -> Any:
        if self.verbs is None:
            options.setdefault("metavar", "…")
            self.verbs = cast(VerbGroup, super().add_subparsers(**options))
        return self.verbs


def build_parser(*, whole: bool) -> VerbParser:
    """``whole`` loads every module for its verbs; without it only the platform's own are known."""
    parser = VerbParser(prog="lingqu", description=_("灵渠：区域教育数字化公共服务平台"))
    parser.add_argument("--version", action="version", version=f"lingqu {__version__}")
    verbs = parser.add_subparsers(required=True, dest="verb")
    for module in dict.fromkeys(PLATFORM_VERBS.values()):
        import_module(module).add_verbs(verbs)
    if whole:
        add_module_verbs(verbs)
    return parser


def add_module_verbs(verbs: VerbGroup) -> None:
    from django.apps import apps

    packages = [config.name for config in apps.get_app_configs() if config.name.startswith("lingqu.")]
    for package in (*packages, "lingqu.config.demo"):
        for name in ("cli", "contributions"):
            if find_spec(package) is None or find_spec(f"{package}.{name}") is None:
                continue
            module = import_module(f"{package}.{name}")
            if hasattr(module, "add_verbs"):
                module.add_verbs(verbs)


def plain(value: Any) -> Any:
    """JSON values of what a verb returned."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(item) for name, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def print_result(value: Any, *, as_json: bool) -> None:
    value = plain(value)
    if as_json:
        print(json.dumps(value, ensure_ascii=False))
    elif isinstance(value, dict):
        for name, item in value.items():
            print(f"{name}: {item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)}")
    elif isinstance(value, list):
        for item in value:
            print("\t".join(map(str, item.values())) if isinstance(item, dict) else item)
    elif value is not None:
        print(value)


def fail(message: str, *, code: str, exit_code: int, details: Mapping[str, Any], as_json: bool) -> int:
    print(message or code, file=sys.stderr)
    if as_json:
        print_result({"ok": False, "code": code, "message": message, "details": details}, as_json=True)
    return exit_code


def run_verb(options: argparse.Namespace) -> int:
    """Run the chosen verb; every expected failure becomes a sentence and an exit code."""
    from django.db import OperationalError

    from lingqu.kernel.errors import DomainError

    as_json = getattr(options, "json", False)
    run = next((getattr(options, name) for name in RUN_NAMES if callable(getattr(options, name, None))), None)
    if run is None:
        return fail(_("请给出要做的事，例如 lingqu status。"), code="usage", exit_code=2, details={}, as_json=as_json)
    try:
        result = run(options)
    except DomainError as error:
        code = getattr(error, "exit_code", 1)
        return fail(error.message, code=error.code, exit_code=code, details=error.details, as_json=as_json)
    except OperationalError:
        message = _("数据库没有应答。平台在运行吗？请看 lingqu status。")
        return fail(message, code="database", exit_code=1, details={}, as_json=as_json)
    exit_code = 0
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], int):
        result, exit_code = result
    print_result(result, as_json=as_json)
    return exit_code


def load_modules() -> None:
    """Django with every module. What is loaded here stays: looking for garbage meanwhile, or in it later, would cost a command
    a sixth of its start."""
    gc.disable()
    django.setup()
    gc.freeze()
    gc.enable()


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        env()
    except EnvironmentFault as fault:
        return fail(str(fault), code="environment", exit_code=2, details={}, as_json="--json" in given)
    use_settings()
    verb = next((part for part in given if not part.startswith("-")), "")
    whole = verb not in PLATFORM_VERBS and given != ["--version"]
    if whole:
        load_modules()
        translation.activate(terminal_language())
    try:
        return run_verb(build_parser(whole=whole).parse_args(given))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
