"""A region of accounts: the hourly count, the alert rules and other jobs of sign-in, and pupils who leave.

    python bench/accounts.py [--people 1000000] [--schools 1000] [--attempts 5000000] [--only jobs|leaving]

Its own database, gone afterwards. People, accounts, sign-ins of the last 30 days (a morning's rush in the last quarter of an
hour, a network that tries passwords), codes issued and running sessions in an application are made by SQL. Then each job runs
twice: seconds and blocks of 8 kB touched. Pupils leave by the real way: the school year turns, the events reach their handlers.
Bars: a job within 60 s, what runs every five minutes within 5 s; the last event handled within 300 s for 100,000 who leave.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
JOB, FREQUENT, LEAVING = 60.0, 5.0, 300.0
ACCOUNTS = """
INSERT INTO identity_account (id, person_id, login, name, password, state, epoch, verified_email, last_role, opened_at,
  activated_at, last_login, verified_phone_blind)
SELECT uuidv7(), id, number, '', '', CASE WHEN n %% 10 < 8 THEN 'active' ELSE 'new' END, 0, '', '', now() - interval '300 days',
  CASE WHEN n %% 10 < 8 THEN now() - interval '200 days' END,
  CASE WHEN n %% 10 < 7 THEN now() - random() * interval '60 days' WHEN n %% 10 < 8 THEN now() - interval '190 days' END,
  CASE WHEN n %% 3 = 0 THEN uuidv4() END
FROM (SELECT id, number, row_number() OVER () AS n FROM registry_person) p
"""
ATTEMPTS = """
CREATE TEMP TABLE who AS SELECT id, row_number() OVER () AS n FROM identity_account WHERE state = 'active';
INSERT INTO identity_signinattempt (at, account_id, login_blind, address_blind, outcome)
SELECT now() - interval '30 days' * (1 - i / %(attempts)s::float), w.id, md5(w.n::text)::uuid, md5('school' || w.n / 1000)::uuid,
  CASE WHEN i %% 12 = 0 THEN 'bad_password' ELSE 'ok' END
FROM generate_series(1, %(attempts)s) i JOIN who w ON w.n = 1 + (i * 7919::bigint) %% (SELECT count(*) FROM who);
INSERT INTO identity_signinattempt (at, account_id, login_blind, address_blind, outcome)
SELECT now() - random() * interval '15 minutes', w.id, md5(w.n::text)::uuid, md5('school' || w.n / 1000)::uuid, 'ok'
FROM who w WHERE w.n <= 40000;
INSERT INTO identity_signinattempt (at, login_blind, address_blind, outcome)
SELECT now() - random() * interval '15 minutes', uuidv4(), md5('stranger' || i %% 40)::uuid, 'unknown' FROM generate_series(1, 8000) i;
INSERT INTO kernel_audit (actor_kind, account_id, actor_name, role, action, subject_kind, subject_id, purpose, request_id, data)
SELECT 'account', md5('teacher' || i %% 3000)::uuid, '', '', 'identity.code.issued', 'account', i::text, '', '',
  '{"purpose": "reset"}' FROM generate_series(1, 300000) i;
DROP TABLE who
"""
SESSIONS = """
INSERT INTO identity_ssosession (id, account_id, kind, amr, auth_time, agent, began_at, seen_at, expires_at, ended_because)
SELECT uuidv7(), a.id, 'browser', '{pwd}', now(), '', now(), now(), now() + interval '12 hours', ''
FROM identity_account a JOIN registry_enrolment e ON e.person_id = a.person_id AND e.valid_to IS NULL
WHERE a.state = 'active' AND (e.grade = 'G09' OR a.login LIKE '%%7');
INSERT INTO applications_participation (session_id, application_id, protocol, key, data)
SELECT id, %(application)s, 'oidc', '', '{"sub": "x"}' FROM identity_ssosession;
INSERT INTO identity_roleassignment (account_id, role, organisation_id, granted_by, ended_by)
SELECT a.id, 'school_admin', e.school_id, '', '' FROM identity_account a
JOIN registry_enrolment e ON e.person_id = a.person_id AND e.valid_to IS NULL WHERE e.grade = 'G09' AND a.login LIKE '%%77'
"""


def run_sql(text: str, **values: object) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in text.split(";\n"):
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")


def blocks() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def timed(name: str, call: Callable[[], object], bar: float) -> bool:
    worst = 0.0
    for at in ("first", "again"):
        before, begun = blocks(), time.perf_counter()
        found = call()
        seconds = time.perf_counter() - begun
        worst = max(worst, seconds)
        print(f"{name:24} {at:6} {seconds:8.2f} s {blocks() - before:10d} blocks   {found}", flush=True)
    return worst <= bar


def jobs() -> bool:
    from lingqu.foundation.identity.services import alerts, figures, retention, sso

    kinds: tuple[tuple[str, Callable[[], object], float], ...] = (
        ("hourly figures", figures.count_sign_ins, JOB),
        ("alert rules", alerts.watch, FREQUENT),
        ("telling alerts", alerts.tell, FREQUENT),
        ("ending due sessions", sso.end_due, FREQUENT),
        ("learning networks", alerts.learn_networks, JOB),
        ("purging attempts", retention.purge_attempts, JOB),
    )
    held = [timed(name, call, bar) for name, call, bar in kinds]
    return all(held)


def leaving(people: int) -> bool:
    """The year turns; then every event goes through its handlers, as the worker's outbox does it."""
    import rollover

    from lingqu.foundation.applications.models import LogoutNotice
    from lingqu.foundation.identity.models import RoleAssignment, SsoSession
    from lingqu.kernel.testing import deliver_events

    rollover.timed("preview", people)
    rollover.timed("apply", people)
    begun, before = time.perf_counter(), rollover.spent()
    calls = deliver_events()
    seconds, spent = time.perf_counter() - begun, rollover.spent() - before
    ended = SsoSession.objects.filter(ended_because="left").count()
    notices, roles = LogoutNotice.objects.count(), RoleAssignment.objects.exclude(ended_at=None).count()
    print(
        f"{ended} sessions and {roles} roles ended, {notices} notices, {calls} calls: {seconds:.1f} s ({spent:.1f} s of processors)"
    )
    return ended > 0 and seconds <= LEAVING * max(1.0, ended / 100_000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--schools", type=int, default=1000)
    parser.add_argument("--attempts", type=int, default=5_000_000)
    parser.add_argument("--only", choices=["jobs", "leaving"])
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
    from databases import platform

    good = True
    with platform():
        import rollover

        from lingqu.foundation.applications import testing
        from lingqu.kernel import home

        home.set_up(kind="demo", node_code="001", version="bench")
        people = rollover.fill(chosen.people, chosen.schools)
        run_sql(ACCOUNTS)
        print(f"{people} accounts", flush=True)
        if chosen.only != "leaving":
            run_sql(ATTEMPTS, attempts=chosen.attempts)
            good = jobs()
        if chosen.only != "jobs":
            run_sql(SESSIONS, application=testing.make_application().id)
            good = leaving(people) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
