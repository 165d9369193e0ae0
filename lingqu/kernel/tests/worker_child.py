"""A worker process for ``test_worker``: the real loops, with a job and a handler that leave files behind.

Arguments: a folder. ``slow`` waits until ``go`` stands there; each run adds one line to ``slow.txt``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from lingqu.kernel import events, worker
    from lingqu.kernel.jobs import job
    from lingqu.kernel.tests.things import ThingLost

    folder = Path(sys.argv[1])
    worker.STALLED_SECONDS = 2.0

    def note(name: str, text: str) -> None:
        with (folder / name).open("a") as target:
            target.write(text + "\n")

    @job()
    def slow(*, number: int) -> None:
        note("slow.txt", str(number))
        while not (folder / "go").exists():
            time.sleep(0.05)
        note("done.txt", str(number))

    @events.on(ThingLost)
    def heard(event: ThingLost) -> None:
        note("heard.txt", str(event.thing_id))

    worker.run_worker(concurrency=2)


if __name__ == "__main__":
    main()
