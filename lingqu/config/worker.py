"""The job process: runs queued and periodic tasks of every module until it is told to stop."""

from __future__ import annotations

import asyncio
import sys

import django

from lingqu.config.env import use_settings

CONCURRENCY = 4
HEARTBEAT_SECONDS, STALLED_SECONDS = 5.0, 30.0
FINISH_SECONDS = 10.0


async def work() -> None:
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        async with working.open_async():
            await working.run_worker_async(
                concurrency=CONCURRENCY,
                listen_notify=True,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=FINISH_SECONDS,
                delete_jobs="never",
            )


def main() -> int:
    use_settings()
    django.setup()
    asyncio.run(work())
    return 0


if __name__ == "__main__":
    sys.exit(main())
