"""The job process: jobs and events of every module, and the audit sealer, until it is told to stop."""

from __future__ import annotations

import sys

import django

from lingqu.config.env import use_settings

CONCURRENCY = 4


def main() -> int:
    use_settings()
    django.setup()

    from lingqu.kernel.worker import run_worker

    run_worker(concurrency=CONCURRENCY)
    return 0


if __name__ == "__main__":
    sys.exit(main())
