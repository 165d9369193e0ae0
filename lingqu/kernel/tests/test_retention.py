from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from lingqu.kernel import changes, events, lags, maintenance, retention
from lingqu.kernel.clock import now
from lingqu.kernel.jobs import JOBS
from lingqu.kernel.models import Change, Message, OutboxCursor, OutboxEvent, OutboxRetry, WorkerBeat
from lingqu.kernel.testing import run_jobs
from lingqu.kernel.tests.things import ThingLost

OLD = timedelta(days=400)


def ignore(event: ThingLost) -> None:
    """A handler."""


def ignore_too(event: ThingLost) -> None:
    """Another."""


def test_every_table_of_the_kernel_has_a_rule_and_its_job_exists():
    tables = {model._meta.db_table for model in apps.get_app_config("kernel").get_models()}
    tables |= {model._meta.db_table for model in apps.get_app_config("procrastinate").get_models()}
    assert tables - set(retention.RULES) == set()
    assert {rule.by for rule in retention.RULES.values() if rule.by.startswith("kernel.")} <= set(JOBS)


def test_delivered_events_go_and_waiting_or_dead_ones_stay(db, monkeypatch):
    monkeypatch.setattr(events, "HANDLERS", {"kernel.ThingLost": [ignore]})
    for thing in range(4):
        events.publish(ThingLost(thing_id=thing))
    first, second, third, _fourth = OutboxEvent.objects.order_by("id")
    OutboxEvent.objects.exclude(pk=second.pk).update(at=now() - OLD)
    OutboxRetry.objects.create(event=first, handler="x", attempts=1, next_at=now(), error="")
    assert retention.purge_outbox() == 0  # the handler has no cursor yet: it has seen nothing
    OutboxCursor.objects.create(handler=events.name_of("kernel.ThingLost", ignore), xid=third.xid, event_id=third.pk)
    assert retention.purge_outbox() == 1
    assert [event.payload["thing_id"] for event in OutboxEvent.objects.order_by("id")] == [0, 1, 3]


def test_old_rows_of_the_tools_go(db):
    changes.log("test.thing", range(3))
    Change.objects.filter(entity_id="1").update(at=now() - OLD)
    assert retention.purge_changes() == 1
    for state in ("sent", "queued"):
        Message.objects.create(channel="sms", kind="t", state=state, expires_at=now())
    Message.objects.update(created_at=now() - OLD)
    assert retention.purge_messages() == 1
    WorkerBeat.objects.create(name="worker-a", pid=1, host="h", started_at=now(), beat_at=now() - OLD)
    assert retention.purge_beats() == 1


def test_days_are_a_setting(settings):
    settings.LINGQU_RETENTION = {"changes": 7}
    assert (retention.days_of("changes"), retention.days_of("outbox")) == (7, 14)


@pytest.mark.parametrize(("status", "days", "stays"), [("succeeded", 15, False), ("succeeded", 13, True),
                                                       ("failed", 15, True), ("failed", 61, False), ("todo", 400,
                                                       True)])  # fmt: skip
def test_finished_jobs_go_failed_ones_later_and_waiting_ones_never(db, status, days, stays):
    JOBS["kernel.purge_limits"].defer()
    with connection.cursor() as cursor:
        if status != "todo":
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
            cursor.execute("UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", [status])
        cursor.execute("UPDATE procrastinate_events SET at = now() - %s * interval '1 day'", [days])
    assert retention.purge_jobs() == (0 if stays else 1)


def test_the_scheduled_jobs_run(db, settings, tmp_path):
    settings.LINGQU_HOME = tmp_path
    for job in (
        maintenance.purge_limits,
        maintenance.purge_trail,
        maintenance.purge_tools,
        maintenance.collect_orphan_files,
    ):
        job.defer()
    assert len(run_jobs()) == 4


def test_lags_are_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        lags.lags()


def test_lags_are_whole_and_json_ready(db, monkeypatch):
    monkeypatch.setattr(events, "HANDLERS", {"kernel.ThingLost": [ignore, ignore_too]})
    events.publish(ThingLost(thing_id=1))
    JOBS["kernel.purge_limits"].defer()
    JOBS["kernel.purge_limits"].defer(_in_seconds=600)
    told = lags.lags()
    assert told["outbox"]["waiting"] == 2
    assert told["jobs"]["waiting"] == 1
    assert {name: told[name] for name in ("dead_letters", "retrying", "failed_jobs", "failed_messages",
    "worker_seconds")} == {
        "dead_letters": 0, "retrying": 0, "failed_jobs": 0, "failed_messages": 0, "worker_seconds": None
    }  # fmt: skip
    assert set(told["sealer"]) == set(told["messages"]) == {"waiting", "seconds"}
    assert lags.is_worker_alive() is False
    WorkerBeat.objects.create(name="worker-a", pid=1, host="h", started_at=now(), beat_at=now())
    assert lags.is_worker_alive() is True
