"""The sealed file: inputs, seed and result with their digests, without names; and checking it anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from .drawing import Impossible, draw, place_late
from .values import VERSION, Bond, Inputs, Pupil

FORMAT = "lingqu-placement"


class BadFile(ValueError):
    """Not a sealed file, or not one of this version; the text says why."""


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value: keys sorted, no blanks, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(value: Any) -> str:
    return sha256(canonical(value)).hexdigest()


def inputs_json(inputs: Inputs) -> dict[str, Any]:
    """The inputs in one order: this is what is sealed before the seed is known."""
    return {
        "classes": inputs.classes, "reduction": inputs.reduction, "most_included": inputs.most_included,
        "teams": list(inputs.teams),
        "pupils": [
            {"number": p.number, "sex": p.sex, "band": p.band, "included": p.included}
            for p in sorted(inputs.pupils, key=lambda p: p.number)
        ],
        "bonds": sorted(({"kind": b.kind, "numbers": sorted(b.numbers)} for b in inputs.bonds), key=lambda b: b["numbers"]),
    }  # fmt: skip


def inputs_of(value: Any) -> Inputs:
    """Raises :class:`BadFile` for anything that is not the inputs of a draw."""
    try:
        return Inputs(
            classes=_whole(value["classes"]), reduction=_whole(value["reduction"]),
            most_included=_whole(value["most_included"]), teams=tuple(map(_text, value["teams"])),
            pupils=tuple(
                Pupil(number=_text(p["number"]), sex=_text(p["sex"]), band=_whole(p["band"]), included=p["included"] is True)
                for p in value["pupils"]
            ),
            bonds=tuple(Bond(kind=_text(b["kind"]), numbers=tuple(map(_text, b["numbers"]))) for b in value["bonds"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"inputs: {error}") from error


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def sealed_file(
    inputs: Inputs, seed: str, *, about: dict[str, str], late: Sequence[tuple[str, int]] = ()
) -> dict[str, Any]:
    """Everything that recomputing needs. ``about``: school code, grade, year. ``sha256`` covers all but late-comers, whose
    entries are chained to it one by one."""
    placed, told = draw(inputs, seed), inputs_json(inputs)
    body = {
        "format": FORMAT, "version": VERSION, "about": about, "inputs": told, "inputs_sha256": digest_of(told),
        "seed": seed, "result": {"classes": placed.members, "teams": placed.teams, "notes": [list(n) for n in placed.notes]},
    }  # fmt: skip
    digest = digest_of(body)
    return {**body, "sha256": digest, "late": chained(digest, late)}


def chained(digest: str, late: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    made = []
    for number, c in late:
        digest = digest_of({"before": digest, "number": number, "class": c})
        made.append({"number": number, "class": c, "sha256": digest})
    return made


def verify(value: Any) -> tuple[bool, list[str]]:
    """Recompute a sealed file; (whether everything agrees, what does not: ``inputs``, ``result``, ``seal``, ``late``)."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise BadFile("format")
    if value.get("version") != VERSION:
        raise BadFile("version")
    inputs, wrong = inputs_of(value.get("inputs")), []
    if value.get("inputs_sha256") != digest_of(value["inputs"]) or inputs_json(inputs) != value["inputs"]:
        wrong.append("inputs")
    seed, about = value.get("seed"), value.get("about")
    if not isinstance(seed, str) or not isinstance(about, dict):
        raise BadFile("seed")
    try:
        again = sealed_file(inputs, seed, about=about)
    except Impossible as error:
        raise BadFile(str(error)) from error
    if again["result"] != value.get("result"):
        wrong.append("result")
    elif again["sha256"] != value.get("sha256"):
        wrong.append("seal")
    if not wrong and not _late_agrees(inputs, seed, again, value.get("late")):
        wrong.append("late")
    return not wrong, wrong


def _late_agrees(inputs: Inputs, seed: str, again: dict[str, Any], told: Any) -> bool:
    late: list[tuple[str, int]] = []
    try:
        for one in told:
            late.append(
                (_text(one["number"]), place_late(inputs, seed, again["result"]["classes"], late, one["number"]))
            )
    except (KeyError, TypeError, Impossible):
        return False
    return chained(str(again["sha256"]), late) == told
