"""Imports: every role × every action, at the own place, above it and at another one. Refused means 403 and no change."""

from __future__ import annotations

import pytest
from django.test import Client

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.intake.applying.services import Upload, create_import
from lingqu.foundation.intake.models import Import, PartialUpload
from lingqu.kernel import files
from lingqu.kernel.models import AuditEntry

from .world import World

pytestmark = pytest.mark.django_db
RUNNERS = frozenset({"operator", "county_admin", "register_officer", "school_admin"})
AT_SCHOOL = frozenset({"principal", "school_admin", "class_teacher", "teacher", "student", "guardian"})
ROSTER = "姓名,性别,学校,班级\n甲一,男,3301000001,七(1)班\n".encode()
PAGES = ("", "/standing", "/findings", "/report.xlsx", "/mapping")
ACTIONS = {
    # action: (state it starts from, state afterwards)
    "check": ("checked", "checked"), "apply": ("checked", "checked"), "cancel": ("checked", "cancelled"),
    "resume": ("cancelled", "uploaded"), "withdraw": ("applied", "withdrawn"),
}  # fmt: skip


def imported(path: str, state: str = "checked") -> Import:
    stored = files.put(ROSTER)
    made = create_import(
        actor=testing.SYSTEM, scope=path, uploads=[Upload(name="甲.csv", digest=stored.digest, size=stored.size)]
    )
    Import.objects.filter(id=made.id).update(state=state, chunks_done=1 if state == "applied" else 0)
    return made


def begun(record: Import) -> bool:
    return AuditEntry.objects.filter(subject_id=record.number).exclude(action="intake.import.created").exists()


def places(world: World, role: str) -> tuple[str, list[str]]:
    """The place of the role, and places that are not its own."""
    if role in AT_SCHOOL:
        return str(world.own.school.path), [str(world.own.county.path), str(world.other.school.path)]
    return str(world.own.county.path), [str(world.other.county.path), str(world.other.school.path)]


@pytest.fixture(params=sorted(ROLES))
def visitor(request: pytest.FixtureRequest, world: World) -> tuple[str, World, Client]:
    return request.param, world, testing.browser(world.accounts[request.param], raise_request_exception=False)


def test_pages(visitor: tuple[str, World, Client]) -> None:
    role, world, client = visitor
    may = role in RUNNERS
    own, others = places(world, role)
    for address in ("/imports", "/imports/new", "/imports/templates"):
        assert client.get(address).status_code == (200 if may else 403), address
    assert client.get("/imports/templates/students.xlsx").status_code == 200, "blank forms hold nobody"
    for place, allowed in ((own, may), *((other, False) for other in others)):
        record = imported(place)
        for page in PAGES:
            answer = client.get(f"/imports/{record.number}{page}")
            assert answer.status_code == (200 if allowed else 403), (place, page)
        if may:
            assert (record.number in client.get("/imports").content.decode()) is allowed


@pytest.mark.parametrize("action", ACTIONS)
def test_actions(visitor: tuple[str, World, Client], action: str) -> None:
    role, world, client = visitor
    before, after = ACTIONS[action]
    own, others = places(world, role)
    for place, allowed in ((own, role in RUNNERS), *((other, False) for other in others)):
        record = imported(place, before)
        answer = client.post(f"/imports/{record.number}/actions", {"action": action})
        record.refresh_from_db()
        if allowed:
            assert (answer.status_code, record.state) == (302, after), answer.content[:500]
            assert begun(record)
        else:
            assert (answer.status_code, record.state, begun(record)) == (403, before, False)


def test_making_and_mapping(visitor: tuple[str, World, Client]) -> None:
    role, world, client = visitor
    own, others = places(world, role)
    may = role in RUNNERS
    for place, allowed in ((own, may), *((other, False) for other in others)):
        data = {"name": "甲.csv", "size": str(len(ROSTER)), "fingerprint": place}
        started = client.post("/imports/uploads", data)
        assert started.status_code == (200 if may else 403)
        if may:
            url = f"/imports/uploads/{started.json()['id']}"
            sent = client.post(url, ROSTER, content_type="application/octet-stream", headers={"Upload-Offset": "0"})
            assert sent.json() == {"offset": len(ROSTER)}
        number = Import.objects.count()
        ids = [str(one.id) for one in PartialUpload.objects.all()][-1:]
        made = client.post("/imports/new", {"upload": ids, "place": place, "source": "school-roster"})
        assert made.status_code == (302 if allowed else 422 if may else 403)
        assert Import.objects.count() == number + allowed
        record = imported(place)
        answer = client.post(f"/imports/{record.number}/mapping", {"do": "confirm"})
        assert answer.status_code == (302 if allowed else 403)
        answer = client.post(f"/imports/{record.number}/fixes", {"rule": "class_unknown"})
        assert answer.status_code == (302 if allowed else 403)


def test_an_upload_belongs_to_the_account_that_began_it(world: World) -> None:
    first, second = (testing.browser(world.accounts[role]) for role in ("operator", "county_admin"))
    begun_by_first = first.post("/imports/uploads", {"name": "甲.csv", "size": "10", "fingerprint": "f"}).json()["id"]
    url = f"/imports/uploads/{begun_by_first}"
    sent = second.post(url, b"12345", content_type="application/octet-stream", headers={"Upload-Offset": "0"})
    assert sent.status_code == 404
    assert second.post(f"{url}/cancel").status_code == 404
    assert PartialUpload.objects.get().received == 0
