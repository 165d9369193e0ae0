"""A notice to a whole city, matched by keys, beside the plain way: a row a person by INSERT … SELECT.

    python bench/notices.py [--people 1000000]

Its own database, gone afterwards; rows of ``bench/register_rows.py``, a 校办 in every school. One notice goes to everybody who
is a parent, works at a school, or sits in it from G04 on, and to the posts; smaller ones stand beside it. The rival writes one
row for each reader and receipt, with the primary key it needs to be confirmed and the index its inbox needs. Printed are
seconds, rows and bytes of both and their ratios; unread counts of sampled readers, found by both; what an inbox, a bell and
the pages of receipts cost with a third of the receipts given; what the kept sums cost once; and reminding the posts, beside
queueing as many messages one by one. Bars: 60 s for publishing, a million people; counts equal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
BAR, SAMPLE, POSTS, SMALL = 60.0, 300, 1100, 24
RIVAL = """
CREATE TABLE rival (notice_id uuid NOT NULL, kind text NOT NULL, subject uuid NOT NULL, reader_id uuid NOT NULL,
  read_at timestamptz, confirmed_at timestamptz, PRIMARY KEY (notice_id, kind, subject, reader_id));
CREATE INDEX rival_inbox ON rival (reader_id, notice_id)
"""
SIZES = (
    "SELECT COALESCE(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r' AND relname LIKE %s"
)


def one(sql: str, values: Any = None) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else cursor.rowcount


def add_posts() -> Any:
    """A 校办 in each school with somebody who works there, from before today; the city's own desk, which sends."""
    from lingqu.foundation.registry.models import Organisation, Post

    one(
        """INSERT INTO registry_post (id, organisation_id, kind, phone, created_at)
           SELECT uuidv7(), id, 'school_office', '0530-5550123', now() - interval '9 days' FROM registry_organisation
           WHERE kind = 'school' ORDER BY code LIMIT %s""",
        [POSTS],
    )
    one(
        """INSERT INTO registry_postholder (post_id, person_id, place, valid_from)
           SELECT p.id, (SELECT a.person_id FROM registry_appointment a WHERE a.organisation_id = p.organisation_id
             ORDER BY a.id LIMIT 1), 'a', date '2026-09-01' FROM registry_post p"""
    )
    root = Organisation.objects.get(parent=None)
    return root, Post.objects.create(organisation=root, kind="bureau_office")


def publish(desk: Any, addresses: list[Any], title: str) -> Any:
    from lingqu.foundation.inbox.services import drafting, publishing
    from lingqu.kernel.actor import Actor

    actor = Actor.system("bench")
    made = drafting.create_draft(
        actor=actor, words=drafting.Words(title=title, text="请确认。"), addresses=addresses, post_id=desk.id
    )
    publishing.publish(actor=actor, notice_id=made)
    return made


def to_everybody(root: Any) -> list[Any]:
    from lingqu.foundation.inbox import testing as making

    return [making.to_families(root), making.to_staff(root), making.to_pupils(root), making.to_posts(root)]


def write_rival(notice: Any) -> int:
    """Every reader of every receipt, by the module's own statements of who that is."""
    from lingqu.foundation.inbox.selectors.expected import EXPECTED, values_of
    from lingqu.foundation.registry import api as registry

    sql = f"""INSERT INTO rival WITH {EXPECTED}, missing AS (SELECT kind, subject FROM expected), {registry.READERS_SQL}
      SELECT %(notice)s, kind, subject, id FROM reader"""
    return int(one(sql, values_of([notice]) | {"notice": notice}))


def readers() -> list[Any]:
    from lingqu.foundation.registry.models import Appointment, Guardianship, PostHolder
    from lingqu.kernel.actor import Actor

    found: list[Any] = []
    for rows, name in (
        (Guardianship, "guardian_id"), (Guardianship, "child_id"), (Appointment, "person_id"), (PostHolder, "person_id")
    ):  # fmt: skip
        ids = list(rows.objects.order_by("id").values_list(name, flat=True))  # type: ignore[attr-defined]
        found += ids[:: max(1, len(ids) // (SAMPLE // 4))][: SAMPLE // 4]
    return [Actor(kind="account", name="x", account_id=person, person_id=person) for person in found]


def compare_counts(actors: list[Any]) -> int:
    """Readers whose count of unread notices differs from the rival's; 0 is right."""
    from lingqu.foundation.inbox.selectors import reading

    wrong = 0
    for actor in actors:
        ours = reading.count(reading.list_hits(reading.get_reader(actor))).unread
        theirs = one(
            "SELECT count(DISTINCT notice_id) FROM rival WHERE reader_id = %s AND read_at IS NULL", [actor.person_id]
        )
        wrong += ours != theirs
    return wrong


def give_receipts(notice: Any, share: float) -> int:
    """Receipts of a third of those expected, as reading and confirming would leave them."""
    from lingqu.foundation.inbox.selectors.expected import EXPECTED, values_of

    return int(
        one(
            f"""INSERT INTO inbox_receipt (notice_id, kind, post_id, person_id, read_at, confirmed_at, way, by_name, heard_by, note)
            WITH {EXPECTED} SELECT notice_id, kind, CASE WHEN kind = 'post' THEN subject END, CASE WHEN kind <> 'post' THEN subject END,
              now(), now(), 'online', '某', '', '' FROM expected WHERE abs(hashtext(subject::text)) %% 1000 < %(share)s""",
            values_of([notice]) | {"share": int(share * 1000)},
        )
    )


def pages(notice: Any, actors: list[Any], root: Any) -> None:
    from django.conf import settings
    from pages import measure, visit

    from lingqu.foundation.inbox.types import rights
    from lingqu.foundation.registry.models import Organisation
    from lingqu.kernel.testing import actor_with

    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    office = actor_with(*rights.ALL, path=str(root.path), role="county_admin")
    mother, child, teacher, clerk = (actors[len(actors) // 4 * n] for n in range(4))
    school = Organisation.objects.filter(kind="school").order_by("code").first()
    district = Organisation.objects.filter(kind="bureau", parent=root).order_by("code").first()
    board = f"/notices/{notice}/receipts"
    shown = {
        "inbox, parent": (mother, "/inbox"), "inbox, pupil": (child, "/inbox"), "inbox, teacher": (teacher, "/inbox"),
        "inbox, post": (clerk, "/inbox"), "bell, parent": (mother, "/inbox/bell"),
        "notice, parent": (mother, f"/notices/{notice}"), "sent": (office, "/notices"),
        "receipts, city": (office, board), "receipts, posts": (office, f"{board}?kind=post"),
        "receipts, county": (office, f"{board}?org={district.code}"),
        "receipts, school": (office, f"{board}?org={school.code}"),
    }  # fmt: skip
    print(f"{'page':20}{'stmts':>7}{'buffers':>10}{'ms':>9}{'wall ms':>9}")
    for name, (actor, url) in shown.items():
        found = measure(lambda actor=actor, url=url: visit(actor, url))  # type: ignore[misc]
        began = time.perf_counter()
        visit(actor, url)
        wall = (time.perf_counter() - began) * 1000
        print(
            f"{name:20}{found['statements']:>7}{found['buffers']:>10}{found['milliseconds']:>9}{wall:>9.1f}", flush=True
        )
    settings.DEBUG = False


def sums(notice: Any) -> None:
    """Counted by a job when a notice goes out and once in five minutes while somebody looks; no page waits for it."""
    from reconciliation import Meter

    from lingqu.foundation.inbox.models import Sum
    from lingqu.foundation.inbox.services import summing
    from lingqu.kernel import clock

    with Meter() as spent:
        summing.count_all(notice)
    Sum.objects.update(counted_at=clock.now() + timedelta(hours=1))
    print(f"sums   {spent}", flush=True)


def queue_one_by_one(number: int) -> None:
    """The rival of reminding: a statement for each limit, message and job."""
    from django.db import transaction

    from lingqu.kernel import delivery
    from lingqu.kernel.ids import uuid7

    mails = [
        delivery.Mail(to=f"rival{n}@example.cn", subject="请确认", body="正文" * 80, subject_id=uuid7())
        for n in range(number)
    ]
    began = time.perf_counter()
    with transaction.atomic():
        for mail in mails:
            delivery.send(channel="email", to=mail.to, subject=mail.subject, body=mail.body, kind="bench.one",
                          subject_kind="person", subject_id=mail.subject_id)  # fmt: skip
    single = time.perf_counter() - began
    began = time.perf_counter()
    with transaction.atomic():
        delivery.send_mails(mails, kind="bench.all", subject_kind="person", valid_for=timedelta(hours=1))
    together = time.perf_counter() - began
    print(
        f"queueing {number} messages: one by one {single:.2f} s, together {together:.2f} s, ratio {single / together:.1f}"
    )


def remind(desk: Any, root: Any) -> None:
    """Every post of a notice, once: holders with an account and a proved address."""
    from lingqu.foundation.identity import testing as accounts
    from lingqu.foundation.identity.models import Account
    from lingqu.foundation.inbox import testing as making
    from lingqu.foundation.inbox.models import QuietHours, ReminderRound
    from lingqu.foundation.inbox.services import reaching, reminding
    from lingqu.foundation.registry.models import PostHolder
    from lingqu.kernel.actor import Actor

    QuietHours.objects.create(organisation=root, starts="00:00", ends="00:00", holidays=False, changed_by="x")
    for n, holder in enumerate(PostHolder.objects.select_related("person")):
        account = accounts.open_account_for(holder.person_id)
        Account.objects.filter(id=account.id).update(state="active", verified_email=f"office{n}@example.cn")
    notice = publish(desk, [making.to_posts(root)], "供暖安全")
    began = time.perf_counter()
    reminding.remind(actor=Actor.system("bench"), notice_id=notice)
    pressed = time.perf_counter() - began
    sent = reaching.send_due()
    total = time.perf_counter() - began
    round_ = ReminderRound.objects.get(notice=notice)
    print(
        f"reminding {round_.missing} posts: pressed {pressed:.2f} s, {sent} messages queued after {total:.1f} s, reached {round_.reached}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    people = parser.parse_args().people
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
    from databases import platform

    with platform():
        import register_rows
        from reconciliation import Meter

        register_rows.fill(people)
        root, desk = add_posts()
        one("ANALYZE registry_post"), one("ANALYZE registry_postholder")
        print(f"{people} people", flush=True)
        before = one(SIZES, ["inbox_%"])
        with Meter() as ours:
            notice = publish(desk, to_everybody(root), "寒潮期间上学时间调整")
        reach = one("SELECT reach::text FROM inbox_notice WHERE id = %s", [notice])
        rows, held = one("SELECT count(*) FROM inbox_noticetarget"), one(SIZES, ["inbox_%"]) - before
        print(f"ours   {ours}\n  {rows} rows, {held / 1e3:.0f} kB, reaches {reach}", flush=True)
        one(RIVAL)
        before = one(SIZES, ["rival"])
        with Meter() as theirs:
            written = write_rival(notice)
        spent = one(SIZES, ["rival"]) - before
        print(f"rival  {theirs}\n  {written} rows, {spent / 1e6:.0f} MB", flush=True)
        print(
            f"ratio  time {theirs.seconds / ours.seconds:.1f}, rows {written / rows:.0f}, disk {spent / max(held, 8192):.0f}"
        )
        schools = list(type(root).objects.filter(kind="school").order_by("code")[:SMALL])
        from lingqu.foundation.inbox import testing as making

        for n, school in enumerate(schools):
            write_rival(publish(desk, [making.to_families(school), making.to_staff(school)], f"第 {n} 份"))
        one("VACUUM ANALYZE")
        actors = readers()
        wrong = compare_counts(actors)
        print(f"unread counts of {len(actors)} readers: {wrong} differ", flush=True)
        print(f"{give_receipts(notice, 0.33)} receipts given")
        one("VACUUM ANALYZE inbox_receipt")
        sums(notice)
        pages(notice, actors, root)
        remind(desk, root)
        queue_one_by_one(POSTS)
        print("OK" if ours.seconds <= BAR * max(1.0, people / 1_000_000) and not wrong else "NOT OK")


if __name__ == "__main__":
    main()
