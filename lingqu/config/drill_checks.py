"""What a drill asks of the restored database. Run as ``python -m lingqu.config.drill_checks account|check``."""

from __future__ import annotations

import argparse
import json
import secrets
from dataclasses import asdict
from typing import Any

import django

from lingqu.config.env import use_settings


def open_account() -> dict[str, str]:
    """A duty account that exists in the restored copy only."""
    from django.db import transaction

    from lingqu.foundation.identity import api as identity
    from lingqu.foundation.registry import api as registry
    from lingqu.kernel.actor import Actor

    login, password = f"drill.{secrets.token_hex(6)}", secrets.token_urlsafe(18)
    actor = Actor.system("lingqu drill")
    with transaction.atomic():
        account = identity.open_duty_account(
            actor=actor, name="drill", login=login, role="auditor", organisation=registry.ensure_root()
        )
        identity.set_password([account.id], password, actor=actor)
    return {"login": login, "password": password}


def check() -> dict[str, Any]:
    """The audit chain."""
    from lingqu.kernel import sealing

    return {"audit": asdict(sealing.verify())}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["account", "check"])
    options = parser.parse_args()
    use_settings()
    django.setup()
    print(json.dumps(open_account() if options.work == "account" else check(), default=str))


if __name__ == "__main__":
    main()
