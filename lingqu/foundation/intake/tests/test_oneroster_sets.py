"""Published OneRoster sets come in with the counts that a hand count gives, and a second import changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

SETS = Path(__file__).resolve().parents[5] / "shared" / "data" / "oneroster"
ACTOR = Actor.system("test")
HAND_COUNTS = {
    "csv-1.1-base": {"organisations": 2, "classes": 3, "people": 2, "enrolments": 2, "memberships": 3, "accounts": 2},
    "csv-moodle": {"organisations": 1, "classes": 1, "people": 6, "enrolments": 3},
}


def paths_of(name: str) -> list[Path]:
    folder = SETS / name
    assert folder.is_dir(), f"the shared OneRoster set {name} is not beside the checkout"
    return sorted(path for path in folder.iterdir() if path.suffix in {".csv", ".zip"})


def imported(name: str) -> dict[str, dict[str, int]]:
    root = registry.ensure_root()
    paths = paths_of(name)
    record = intake.create_import(actor=ACTOR, scope=str(root.path), paths=paths, source=name, into_demo=True)
    files = [intake.ReadFile(name=path.name, path=path) for path in paths]
    return intake.run_import(actor=ACTOR, import_id=record.id, files=files).as_counts()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", HAND_COUNTS)
def test_a_published_set_gives_the_hand_count_and_then_no_change(name: str) -> None:
    first = imported(name)
    assert {kind: first["created"][kind] for kind in HAND_COUNTS[name]} == HAND_COUNTS[name]
    second = imported(name)
    assert sum(second["created"].values()) == 0
    assert sum(second["updated"].values()) == 0
