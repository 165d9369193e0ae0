import argparse
import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from django.db import OperationalError

from lingqu.config.cli import VerbParser, add_module_verbs, plain, run_verb
from lingqu.kernel.errors import Conflict


def parser_with(run: object) -> VerbParser:
    parser = VerbParser(prog="lingqu")
    parser.add_subparsers(required=True).add_parser("do").set_defaults(run=run)
    return parser


def test_two_modules_share_a_group() -> None:
    parser = VerbParser(prog="lingqu")
    verbs = parser.add_subparsers(required=True)
    verbs.add_parser("roster").add_subparsers(required=True).add_parser("import").set_defaults(run="imports")
    verbs.add_parser("roster").add_subparsers(required=True).add_parser("counts").set_defaults(run="counts")
    assert parser.parse_args(["roster", "import"]).run == "imports"
    assert parser.parse_args(["roster", "counts"]).run == "counts"


@pytest.mark.parametrize("arguments", [["--json", "do"], ["do", "--json"]])
def test_json_is_known_at_every_level(arguments: list[str]) -> None:
    assert parser_with(None).parse_args(arguments).json is True


def test_json_prints_one_value(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclass
    class Result:
        rows: int
        day: date

    code = run_verb(parser_with(lambda options: (Result(3, date(2026, 9, 1)), 3)).parse_args(["do", "--json"]))
    assert code == 3
    assert json.loads(capsys.readouterr().out) == {"rows": 3, "day": "2026-09-01"}


def test_domain_error_is_a_sentence_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(options: argparse.Namespace) -> None:
        raise Conflict("已在导入")

    assert run_verb(parser_with(refuse).parse_args(["do", "--json"])) == 1
    told = capsys.readouterr()
    assert told.err == "已在导入\n"
    assert json.loads(told.out) == {"ok": False, "code": "conflict", "message": "已在导入", "details": {}}


def test_error_may_choose_its_exit_code() -> None:
    class Unusable(Conflict):
        exit_code = 2

    def refuse(options: argparse.Namespace) -> None:
        raise Unusable("坏文件")

    assert run_verb(parser_with(refuse).parse_args(["do"])) == 2


def test_database_away_is_told_without_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    def ask(options: argparse.Namespace) -> None:
        raise OperationalError("connection refused")

    assert run_verb(parser_with(ask).parse_args(["do"])) == 1
    assert "lingqu status" in capsys.readouterr().err


def test_plain_values() -> None:
    value = {"id": UUID(int=1), "days": (date(2026, 1, 2),), "n": 1.5, "none": None}
    assert plain(value) == {"id": str(UUID(int=1)), "days": ["2026-01-02"], "n": 1.5, "none": None}


def test_every_module_can_add_its_verbs() -> None:
    parser = VerbParser(prog="lingqu")
    add_module_verbs(parser.add_subparsers(required=True))
    assert callable(parser.parse_args(["audit", "verify"]).run)
