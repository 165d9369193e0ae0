"""A OneRoster 1.2 set in bulk, again, and as a delta; and sets whose manifest lies. Counted again with the csv module."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .oneroster_set import rows_of_set, write_set

STAFF = {"teacher", "aide", "principal", "districtAdministrator"}


def lines(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def hand_count(folder: Path) -> dict[str, int]:
    """What the files say, counted without anything of ours."""
    roles = lines(folder, "roles")
    agents = [agent for user in lines(folder, "users") for agent in user["agentSourcedIds"].split(",") if agent]
    users = {user["sourcedId"] for user in lines(folder, "users")}
    return {
        "organisations": len(lines(folder, "orgs")),
        "classes": len(lines(folder, "classes")),
        "people": len(users),
        "accounts": len(users),
        "enrolments": len({role["userSourcedId"] for role in roles if role["role"] == "student"}),
        "appointments": len({(role["userSourcedId"], role["orgSourcedId"]) for role in roles if role["role"] in STAFF}),
        "guardianships": len(agents),
        "memberships": len(lines(folder, "enrollments")),
    }


def bring(city: Any, folder: Path, *more: str, code: int = 0) -> Any:
    return city.command("roster", "import", str(folder), "--source", "beiling-or12", "--into-demo", *more, code=code)


@pytest.fixture(scope="module")
def brought(city, tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("oneroster") / "set", rows_of_set())
    return folder, bring(city, folder), bring(city, folder)


def test_a_bulk_set_equals_the_hand_count(brought):
    folder, first, _second = brought
    counted = hand_count(folder)
    assert {kind: first["created"][kind] for kind in counted} == counted
    assert (first["state"], first["rejected"], first["suspects"]) == ("applied", 0, 0)
    whole = sum(
        len(lines(folder, name)) for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
    )
    assert first["rows"] == whole


def test_the_same_set_again_changes_nothing(brought):
    _folder, _first, second = brought
    assert not any(second["created"].values()) and not any(second["updated"].values())
    assert second["proposed_removals"] == 0


def test_a_delta_changes_what_it_names_and_proposes_what_it_marks(city, brought, tmp_path):
    rows = rows_of_set()
    users = {user["sourcedId"]: user for user in rows["users"]}
    renamed = {**users["s-a101"], "givenName": "改名"}
    fresh = {**users["s-a102"], "sourcedId": "s-new", "givenName": "新来"}
    gone = {**users["s-a103"], "status": "tobedeleted"}
    delta = {
        "users": [renamed, fresh, gone],
        "roles": [{"sourcedId": f"d-{user}", "userSourcedId": user, "roleType": "primary", "role": "student", "orgSourcedId": "o-a"}
                  for user in ("s-a101", "s-new", "s-a103")],
        "enrollments": [
            {"sourcedId": "e-new", "classSourcedId": "k-a1", "schoolSourcedId": "o-a", "userSourcedId": "s-new", "role": "student"},
            {"sourcedId": "e-k-a1-s-a103", "status": "tobedeleted", "classSourcedId": "k-a1", "userSourcedId": "s-a103",
             "role": "student"},
        ],
    }  # fmt: skip
    answer = bring(city, write_set(tmp_path / "delta", delta, mode="delta"))
    assert (answer["created"]["people"], answer["updated"]["people"]) == (1, 1)
    assert answer["created"]["memberships"] == 1
    marked = Counter(row.get("status") for name in ("users", "enrollments") for row in delta[name])["tobedeleted"]
    assert answer["proposed_removals"] == marked == 2
    again = bring(city, brought[0])
    assert again["created"]["people"] == 0, "the marked pupil is still there: a human decides"
    assert again["proposed_removals"] >= 1, "the new pupil (and seat) is not in the older, whole set"


LIES = {
    "declares a file that is missing": ({"file__demographics": "bulk"}, "demographics", "demographics.csv"),
    "calls a file absent that is there": ({"file__courses": "absent"}, "", "courses.csv"),
    "declares a gradebook that is missing": ({"file__results": "bulk"}, "", "results.csv"),
    "an unknown mode": ({"file__users": "full"}, "", "file.users"),
    "another version": ({"oneroster__version": "2.0"}, "", "OneRoster 2.0"),
    "1.1 without the role that 1.1 asks for": ({"oneroster__version": "1.1"}, "", "role"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_set_whose_manifest_lies_is_refused_with_the_reason(city, tmp_path, lie):
    manifest, left_out, said = LIES[lie]
    rows = {name: lines for name, lines in rows_of_set().items() if name != left_out}
    folder = write_set(tmp_path / "lie", rows, **manifest)
    done = city.platform.command("roster", "import", str(folder), "--source", "lies", "--into-demo", "--json")
    assert done.returncode == 2, done.stdout
    assert said in json.loads(done.stdout)["message"], done.stdout
