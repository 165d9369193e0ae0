"""A change of keys over real rows: everything is found and read as before, and the old keys can go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.identity.models import ActivationCode
from lingqu.foundation.identity.services import codes
from lingqu.foundation.identity.types.words import CodePurpose
from lingqu.foundation.reconciliation.models import Case, FileEntry, Run
from lingqu.foundation.reconciliation.services import running
from lingqu.foundation.reconciliation.testing import make_case, make_ticket
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import Person, RegisterEntry, Source, SourceLink
from lingqu.foundation.registry.testing import make_class, make_person, make_pupil, make_school
from lingqu.kernel import crypto, files, rotation, veil
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Unavailable
from lingqu.kernel.models import AuditEntry, KeyState, KeyStep, Message
from tests.reconciliation.worlds import World, load, row

NEW = {"seal.2": b"\x11" * 32, "index.2": b"\x12" * 32, "secret.2": b"\x13" * 32}
SYSTEM = Actor.system("test")


@pytest.fixture(autouse=True)
def quiet(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_count_others", lambda: 0)
    rotation.advance_index()  # as the first start of a home does


def turn_keys(settings: Any, **more: bytes) -> None:
    """What ``lingqu keys rotate`` and the restart after it leave: both keys in the file, the new secret signs."""
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, **NEW, **more}
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = NEW["secret.2"].hex()


def only_new(settings: Any) -> None:
    """What ``lingqu keys retire`` leaves."""
    keys = settings.LINGQU_KEYS
    settings.LINGQU_KEYS = {name: key for name, key in keys.items() if name not in {"seal", "index", "secret"}}
    settings.SECRET_KEY_FALLBACKS = []


def people(number: int = 5) -> list[Person]:
    school = make_school()
    return [
        make_person(school, f"周禾{at}", id_number=f"33010220130409{at:03d}X", phone=f"1390000{at:04d}", address="渠边 1 号")
        for at in range(number)
    ]  # fmt: skip


def found_by(id_number: str) -> list[UUID]:
    return list(Person.objects.filter(id_blind=crypto.blind("id", id_number)).values_list("id", flat=True))


def test_everybody_is_found_and_read_after_the_old_keys_are_gone(settings: Any) -> None:
    made, group = people(), make_class()
    pupil = make_pupil(group)
    RegisterEntry.objects.filter(person=pupil).update(
        number_blind=crypto.blind("register", "G330102201304090011"),
        sealed=crypto.seal_fields({"register_number": "G330102201304090011"}),
    )
    before = Person.objects.get(id=made[0].id)
    turn_keys(settings)
    assert found_by("33010220130409000X") == [made[0].id]  # until the step, the old index is used
    assert rotation.advance_index() >= 10
    assert rotation.reseal_all() >= 6
    assert rotation.list_left() == []
    only_new(settings)
    after = Person.objects.get(id=made[0].id)
    assert (bytes(before.sealed) == bytes(after.sealed), before.id_blind == after.id_blind) == (False, False)
    assert bytes(after.sealed)[:2] == b"\x01\x02"
    for at, person in enumerate(made):
        assert found_by(f"33010220130409{at:03d}X") == [person.id]
        held = Person.objects.get(phone_blind=crypto.blind("phone", f"1390000{at:04d}"))
        assert crypto.unseal_fields(held.sealed)["address"] == "渠边 1 号"
    assert registry.search_people(SYSTEM, "33010220130409000X").rows[0].id == made[0].id
    entry = RegisterEntry.objects.get(number_blind=crypto.blind("register", "G330102201304090011"))
    assert crypto.unseal_fields(entry.sealed) == {"register_number": "G330102201304090011"}
    data = AuditEntry.objects.get(action="kernel.index_key_changed").data
    assert data["to"] == veil.fingerprint(NEW["index.2"])


def test_an_old_key_alone_explains_nothing_in_the_new_index(settings: Any) -> None:
    person = people(1)[0]
    old = dict(settings.LINGQU_KEYS)
    turn_keys(settings)
    rotation.advance_index()
    settings.LINGQU_KEYS = old
    person.refresh_from_db()
    assert person.id_blind != crypto.blind("id", "33010220130409000X")
    assert person.id_blind.bytes != crypto.imprint("id", "33010220130409000X")


def test_a_killed_change_goes_on_where_it_stopped(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = people(7)
    turn_keys(settings)
    monkeypatch.setattr(rotation, "INDEX_ROWS", 2)
    real, calls = rotation._advance_some, []

    def dies(*arguments: Any) -> tuple[int, bool]:
        calls.append(arguments[0].place)
        if calls.count("registry_person.id_blind+phone_blind") == 3:
            raise RuntimeError("killed")
        return real(*arguments)

    monkeypatch.setattr(rotation, "_advance_some", dies)
    with pytest.raises(RuntimeError):
        rotation.advance_index()
    step = KeyStep.objects.get(place="registry_person.id_blind+phone_blind")
    assert (step.changed, step.done, KeyState.objects.get().target) == (8, False, veil.wanted().fingerprint)
    veil.forget()
    with pytest.raises(Unavailable):  # between two keys nothing may use the index
        crypto.blind("id", "x")
    monkeypatch.setattr(rotation, "_advance_some", real)
    assert rotation.advance_index() >= 6
    assert [found_by(f"33010220130409{at:03d}X") for at in range(7)] == [[person.id] for person in made]
    assert rotation.advance_index() == 0


def test_a_killed_resealing_goes_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = people(7)
    turn_keys(settings)
    rotation.advance_index()
    monkeypatch.setattr(rotation, "SEALED_ROWS", 2)
    monkeypatch.setattr(rotation.jobs, "checkpoint", stop_at(2))
    with pytest.raises(InterruptedError):
        rotation.reseal_all()
    assert rotation.has_to_reseal()
    assert [(left.name, left.place) for left in rotation.list_left()] == [("seal", "registry_person.sealed")]
    monkeypatch.setattr(rotation.jobs, "checkpoint", lambda: None)
    rotation.reseal_all()
    assert (rotation.list_left(), rotation.has_to_reseal()) == ([], False)
    assert all(crypto.is_current(one.sealed) for one in Person.objects.filter(id__in=[p.id for p in made]))
    assert rotation.reseal_all() == 0


def test_no_row_is_missed_whatever_its_number(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are counted as numbers: 9 comes before 10, and 999 before 1000."""
    monkeypatch.setattr(rotation, "INDEX_ROWS", 3)
    monkeypatch.setattr(rotation, "SEALED_ROWS", 3)
    source = Source.objects.create(code="m", name="m", kind="local")
    numbers = [*range(2, 25), *range(95, 105), *range(995, 1005)]
    SourceLink.objects.bulk_create(
        SourceLink(
            id=number, source=source, kind="students", key_hash=crypto.blind("key:students", str(number)),
            row_hash=UUID(int=0) if number % 2 else crypto.blind("x", str(number)),
        )
        for number in numbers
    )  # fmt: skip
    pupil = make_pupil()
    sealed = crypto.seal_fields({"register_number": "G1"})
    RegisterEntry.objects.bulk_create(
        RegisterEntry(
            id=100_000 * number, person=pupil, school=pupil.organisation, path=pupil.path, sealed=sealed, source="x",
            as_of="2026-09-01", valid_from="2026-09-01", valid_to="2026-09-02",
        )
        for number in numbers
    )  # fmt: skip
    turn_keys(settings)
    assert rotation.advance_index() == 2 * len(numbers)
    rows = {link.id: link for link in SourceLink.objects.all()}
    for number in numbers:
        assert rows[number].key_hash == crypto.blind("key:students", str(number))
        assert rows[number].row_hash == (UUID(int=0) if number % 2 else crypto.blind("x", str(number)))
    rotation.reseal_all()
    assert all(crypto.is_current(one.sealed) for one in RegisterEntry.objects.exclude(sealed=None))


def stop_at(number: int) -> Any:
    calls: list[int] = []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) == number:
            raise InterruptedError

    return checkpoint


def test_what_is_written_late_under_an_old_key_is_counted_and_found_again(settings: Any) -> None:
    old = crypto.seal_fields({"to": "13900000000"})
    turn_keys(settings)
    rotation.advance_index()
    rotation.reseal_all()
    Message.objects.create(channel="sms", kind="t", sealed=old, expires_at="2030-01-01T00:00Z")
    assert [(one.name, one.place, one.count) for one in rotation.list_left()] == [("seal", "kernel_message.sealed", 1)]
    assert not rotation.has_to_reseal()
    rotation.look_again()
    assert rotation.reseal_all() == 1
    assert rotation.list_left() == []


def test_sealed_files_hold_the_old_key_until_they_are_gone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = files.put(crypto.seal(b"a list", b"context"))
    monkeypatch.setitem(rotation.FILES, "registry_listexport", lambda: [stored.digest])
    turn_keys(settings)
    rotation.advance_index()
    rotation.reseal_all()
    assert [(one.place, one.count) for one in rotation.list_left()] == [("registry_listexport", 1)]
    files.StoredFile.objects.all().delete()
    assert rotation.list_left() == []


def test_switching_to_sm_is_a_rotation_and_back(settings: Any) -> None:
    people(2)
    settings.LINGQU_CRYPTO = "sm"
    turn_keys(settings, **{"index.2.sm": b"\x22" * 32})
    settings.LINGQU_KEYS = {name: key for name, key in settings.LINGQU_KEYS.items() if name != "index.2"}
    rotation.advance_index()
    rotation.reseal_all()
    only_new(settings)
    person = Person.objects.get(id=found_by("33010220130409001X")[0])
    assert bytes(person.sealed)[:2] == b"\x02\x02"
    assert crypto.unseal_fields(person.sealed)["phone"] == "13900000001"
    settings.LINGQU_CRYPTO = "default"
    assert crypto.unseal_fields(person.sealed)["phone"] == "13900000001"
    assert rotation.has_to_reseal()
    rotation.reseal_all()
    person.refresh_from_db()
    assert bytes(person.sealed)[:2] == b"\x01\x02"


def test_codes_on_paper_and_sessions_live_through_a_rotation(settings: Any) -> None:
    account = accounts.duty_account("operator")
    inside = accounts.browser(account)
    person = make_person(name="李禾")
    wanted = codes.Wanted(purpose=CodePurpose.PUPIL, account_id=accounts.account_for(person, "").id)
    code = codes.issue(actor=SYSTEM, wanted=[wanted])[0]
    turn_keys(settings)
    rotation.advance_index()
    assert ActivationCode.objects.filter(code_hash=codes.digest_of(code)).exists()
    assert [(one.name, one.place, one.count) for one in rotation.list_left() if one.name == "secret"] == [
        ("secret", "django_session", 1)
    ]
    assert inside.get("/me").status_code == 200
    Client().post("/sign-in", {"login": account.login, "password": accounts.PASSWORD})
    Session.objects.all().delete()
    assert [one for one in rotation.list_left() if one.name == "secret"] == []


def test_imports_and_cases_go_on_as_if_nothing_had_happened(settings: Any) -> None:
    """Source keys, row digests, open cases of children whom only their number (or nothing) identifies."""
    registry.ensure_root()
    world = World()
    world.child(1, "周禾一")
    unread = {"身份证号": "", "出生日期": "2013-05-01"}
    rows = [row(1, "周禾一"), row(2, "周禾二"), row(3, "周禾三", **unread)]
    load("2026-11-01", rows)
    before = {case.name: case.id for case in Case.objects.exclude(state="closed")}
    links = set(SourceLink.objects.values_list("key_hash", flat=True))
    turn_keys(settings)
    rotation.advance_index()
    assert links and not links & set(SourceLink.objects.values_list("key_hash", flat=True))
    load("2026-11-08", rows)
    assert before and {case.name: case.id for case in Case.objects.exclude(state="closed")} == before
    assert SourceLink.objects.count() == len(links)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_comparison_half_done_begins_again_and_finds_the_same(settings: Any, steps: int) -> None:
    """Killed after gathering or between slices, then the index changes: working tables hold digests and slices of the old key."""
    registry.ensure_root()
    world = World()
    world.child(1, "周禾一")
    rows = [row(1, "周禾一"), row(2, "周禾二"), row(3, "周禾三", 身份证号="", 出生日期="2013-05-01")]
    run = load("2026-11-01", rows)
    wanted = sorted(Case.objects.values_list("name", "bucket", "cause", "state"))
    Run.objects.filter(id=run.id).update(state="waiting")
    for _n in range(steps):
        running._next_step(run.id)
    turn_keys(settings)
    rotation.advance_index()
    with connection.cursor() as cursor:
        for table in rotation.WORKING:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
    running.perform(run.id)
    assert sorted(Case.objects.values_list("name", "bucket", "cause", "state")) == wanted
    assert Run.objects.get(id=run.id).state == "done"


def test_keys_of_cases_follow_their_digests_and_no_person_s(settings: Any) -> None:
    school = make_school()
    ticket = make_ticket(make_person(school), school)
    of_person, of_entry = make_case(school), make_case(school, name="李木", key=crypto.blind("id", "x"))
    FileEntry.objects.create(
        file=of_entry.last_run.file,
        place="1",
        path=school.path,
        name="李木",
        id_blind=of_entry.key,
        group_key=of_entry.key,
    )
    turn_keys(settings)
    rotation.advance_index()
    ticket.refresh_from_db()
    entry = FileEntry.objects.get()
    assert ticket.wanted_digest == crypto.blind("ticket:name", "新名")
    assert {entry.id_blind, entry.group_key, Case.objects.get(id=of_entry.id).key} == {crypto.blind("id", "x")}
    assert Case.objects.get(id=of_person.id).key == of_person.key


def test_a_key_file_without_the_database_s_key_is_refused(settings: Any) -> None:
    people(1)
    settings.LINGQU_KEYS = {**settings.LINGQU_KEYS, "index": b"\x77" * 32}
    with pytest.raises(Conflict, match="没有数据库所用的索引密钥"):
        rotation.advance_index()


def test_others_at_work_keep_the_old_index(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person = people(1)[0]
    turn_keys(settings)
    monkeypatch.setattr(rotation, "QUIET_SECONDS", 0)
    monkeypatch.setattr(rotation, "_count_others", lambda: 1)
    with pytest.raises(Conflict) as refused:
        rotation.advance_index()
    assert (refused.value.code, rotation.has_begun()) == ("keys_in_use", False)
    veil.forget()
    assert found_by("33010220130409000X") == [person.id]


def test_every_sealed_or_digest_column_is_declared() -> None:
    sealed = {(table, column) for table, column in rotation.SEALED}
    indexed = {(one.table, column) for one in rotation.INDEXES for column in one.columns}
    fleeting = set(rotation.FLEETING)
    for model in apps.get_models():
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            if isinstance(field, models.BinaryField) and "sealed" in field.name:
                assert (table, field.column) in sealed, f"{table}.{field.column} is not declared as sealed"
            ending = field.name.rpartition("_")[2]
            if isinstance(field, models.UUIDField) and ending in {"blind", "hash", "digest"} and table not in fleeting:
                assert (table, field.column) in indexed, f"{table}.{field.column} is not declared as index"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name FROM information_schema.columns c JOIN pg_class t ON t.relname = c.table_name"
            " WHERE c.table_schema = 'public' AND t.relkind = 'r' AND c.data_type = 'uuid' AND c.column_name ~ '_(blind|hash|digest)$'"
        )
        with_digests = {table for (table,) in cursor.fetchall()}
    assert with_digests <= {table for table, _column in indexed} | fleeting | set(rotation.WORKING)
