from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from lingqu.kernel import audit, cli, feeds, home, lags, retention, sealing
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.models import AuditEntry, AuditSeal, HomeState

SYSTEM = Actor.system("test")


def run_sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def write(count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        audit.record(SYSTEM, "test.done", subject_kind="thing", subject_id=number, path="1.2", data={"n": number})


def verify_by_command() -> tuple[dict, int]:
    parser = ArgumentParser()
    cli.add_verbs(parser.add_subparsers())
    options = parser.parse_args(["audit", "verify"])
    return options.run(options)


@pytest.fixture
def sealed(settle) -> Callable[[], None]:
    """Three batches of four rows, then two unsealed rows."""
    for batch in range(3):
        write(4, batch * 4)
        settle()
        assert sealing.seal_settled() == 4
    write(2, 12)


def test_an_empty_trail_is_sound(db):
    assert verify_by_command() == (
        {"ok": True, "batches": 0, "rows": 0, "unsealed": 0, "first_bad": None, "head": ""},
        0,
    )


def test_a_sound_trail_tells_what_it_checked(sealed):
    told, exit_code = verify_by_command()
    head = bytes(AuditSeal.objects.latest("number").digest).hex()
    assert told == {"ok": True, "batches": 3, "rows": 12, "unsealed": 2, "first_bad": None, "head": head}
    assert exit_code == 0
    assert lags.sealer_lag().waiting == 2


def test_transaction_ids_are_ordered_as_numbers(settle):
    """999 and 1000 in one batch, as text the other way round; the batch after it begins behind both."""
    write(4)
    run_sql("UPDATE kernel_audit SET xid = (997 + id - (SELECT min(id) FROM kernel_audit))::text::xid8")
    assert sealing.seal_settled(3) == 3
    last = AuditSeal.objects.get()
    assert (int(last.to_xid), last.to_id) == (999, AuditEntry.objects.order_by("id")[2].id)
    assert sealing.seal_settled() == 1
    assert sealing.seal_settled() == 0
    verdict = sealing.verify()
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 4, 0)


def test_rows_of_open_transactions_are_not_sealed(settle):
    with transaction.atomic():
        write(1)
        assert sealing.seal_settled() == 0
    settle()
    assert sealing.seal_settled() == 1
    assert sealing.seal_settled() == 0


@pytest.mark.parametrize(
    "assignment",
    [
        "actor_name = 'somebody else'", "action = 'test.undone'", "subject_id = '99'", "path = '1.3'", "path = NULL",
        "at = at + interval '1 microsecond'", "account_id = '00000000-0000-7000-8000-000000000001'", "purpose = 'x'",
        """data = '{"n": 6}'""", "role = 'x'", "request_id = 'x'", "actor_kind = 'x'", "subject_kind = 'x'",
        "person_id = '00000000-0000-7000-8000-000000000001'",
    ],
)  # fmt: skip
def test_a_changed_row_is_found(sealed, assignment):
    run_sql(f"UPDATE kernel_audit SET {assignment} WHERE subject_id = '5'")
    told, exit_code = verify_by_command()
    assert (told["ok"], told["batches"], exit_code) == (False, 1, 1)
    assert (told["first_bad"]["batch"], told["first_bad"]["reason"]) == (2, "content")


def test_a_removed_row_is_found(sealed):
    run_sql("DELETE FROM kernel_audit WHERE subject_id = '9'")
    damage = sealing.verify().first_bad
    assert (damage.batch, damage.reason, damage.expected_rows, damage.found_rows) == (3, "count", 4, 3)


def test_an_inserted_row_is_found(sealed):
    run_sql(
        "INSERT INTO kernel_audit (id, xid, at, actor_kind, actor_name, role, action, subject_kind, subject_id,"
        " purpose,"
        " request_id, data) SELECT -7, xid, at, actor_kind, actor_name, role, action, subject_kind, '77', purpose,"
        " request_id, data FROM kernel_audit WHERE subject_id = '5'"
    )
    run_sql("UPDATE kernel_audit SET id = (SELECT id FROM kernel_audit WHERE subject_id = '5') + 1000000 WHERE id = -7")
    damage = sealing.verify().first_bad
    assert (damage.batch, damage.reason, damage.expected_rows, damage.found_rows) == (2, "count", 4, 5)


@pytest.mark.parametrize("row_id", [-5, 0])
def test_a_row_slipped_in_below_the_first_id_is_found(sealed, row_id):
    run_sql("UPDATE kernel_audit SET id = %s WHERE subject_id = '13'", row_id)
    run_sql("UPDATE kernel_audit SET xid = (SELECT xid FROM kernel_audit WHERE subject_id = '5') WHERE id = %s", row_id)
    assert sealing.verify().first_bad.reason == "count"


def test_two_exchanged_rows_are_found(sealed):
    run_sql(
        "UPDATE kernel_audit SET subject_id = CASE subject_id WHEN '4' THEN '5' ELSE '4' END"
        " WHERE subject_id IN ('4', '5')"
    )
    assert sealing.verify().first_bad.reason == "content"


@pytest.mark.parametrize(
    ("statement", "batch", "reason"),
    [
        ("DELETE FROM kernel_audit_seal WHERE number = 2", 3, "gap"),
        ("DELETE FROM kernel_audit_seal WHERE number = 1", 2, "gap"),
        ("UPDATE kernel_audit_seal SET content = sha256('x') WHERE number = 2", 2, "chain"),
        ("UPDATE kernel_audit_seal SET count = 5 WHERE number = 2", 2, "chain"),
        ("UPDATE kernel_audit_seal SET at = at - interval '1 year' WHERE number = 2", 2, "chain"),
        ("UPDATE kernel_audit_seal SET mark = sha256('x') WHERE number = 2", 2, "mark"),
        ("UPDATE kernel_audit_seal SET purged_at = now() WHERE number = 1", 1, "purged"),
    ],
)  # fmt: skip
def test_damage_to_the_chain_itself_is_found(sealed, statement, batch, reason):
    run_sql(statement)
    damage = sealing.verify().first_bad
    assert (damage.batch, damage.reason) == (batch, reason)


def test_whoever_rewrites_rows_and_chain_still_lacks_the_key(sealed, settings):
    AuditSeal.objects.all().delete()
    run_sql("UPDATE kernel_audit SET actor_name = 'x' WHERE subject_id = '5'")
    right_keys = settings.LINGQU_KEYS
    settings.LINGQU_KEYS = {**right_keys, "row": b"\x66" * 32}
    sealing.close_era(0)
    settings.LINGQU_KEYS = right_keys
    damage = sealing.verify().first_bad
    assert (damage.batch, damage.reason) == (1, "mark")


def test_old_batches_are_emptied_and_the_chain_still_holds(sealed):
    old = now() - timedelta(days=1200)
    first, second = AuditSeal.objects.order_by("number")[:2]
    AuditSeal.objects.all().delete()
    last = None
    for held in (first, second):
        held.at, held.previous = old, bytes(last.digest) if last else sealing.ORIGIN
        held.digest = sealing._digest(held)
        held.mark = sealing.crypto.mark("audit", [held.digest])
        held.save(force_insert=True)
        last = held
    assert retention.purge_audit() == 2
    assert AuditEntry.objects.filter(subject_kind="thing").count() == 6
    assert AuditEntry.objects.latest("id").data == {"from_batch": 1, "to_batch": 2}
    verdict = sealing.verify()
    assert (verdict.ok, verdict.batches, verdict.unsealed) == (True, 2, 7)
    run_sql("UPDATE kernel_audit SET xid = '3'::xid8, id = 0 WHERE subject_id = '12'")
    assert sealing.verify().first_bad.reason == "purged"


def test_half_a_year_is_the_least(db):
    with pytest.raises(ValueError, match="6 months"):
        sealing.purge_before(now() - timedelta(days=100))


def test_a_move_to_another_cluster_begins_an_era_and_loses_no_row(sealed, settle):
    home.set_up(kind="real", node_code="001", version="1")
    run_sql("UPDATE kernel_audit SET xid = '9000000000000000000'::xid8 WHERE subject_id IN ('12', '13')")
    HomeState.objects.update(cluster="another")
    feeds.adopt_cluster()
    verdict = sealing.verify()
    assert (verdict.ok, verdict.batches, verdict.rows, verdict.unsealed) == (True, 5, 14, 0)
    write(3, 20)
    settle()
    assert sealing.seal_settled() == 3
    verdict = sealing.verify()
    assert (verdict.ok, verdict.batches, verdict.rows, verdict.unsealed) == (True, 6, 17, 0)
    run_sql("UPDATE kernel_audit SET xid = '9000000000000000001'::xid8 WHERE subject_id = '3'")
    assert sealing.verify().first_bad.batch == 1


def test_many_sealers_at_once_make_one_chain(settle):
    import threading

    write(30)
    settle()

    def seal() -> None:
        for _round in range(20):
            sealing.seal_settled(limit=3)
        connection.close()

    threads = [threading.Thread(target=seal) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while sealing.seal_settled(limit=3):
        pass
    verdict = sealing.verify()
    assert (verdict.ok, verdict.batches, verdict.rows) == (True, 10, 30)
