"""A home's first content: the root organisation of a real node, or the demo city.

Run as ``python -m lingqu.config.first_content``. Repeating it is safe: an interrupted first start is finished later.
"""

from __future__ import annotations

import argparse
import sys

import django

from lingqu.config.env import use_settings
from lingqu.config.home import DEMO, REAL


def make_root() -> None:
    """Every imported top organisation becomes a child of this one."""
    from lingqu.foundation.registry import api as registry

    registry.ensure_root()


def make_demo(people: int) -> int:
    from lingqu.config.cli import main as command

    return command(["demo", "create", "--people", str(people), "--json"])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=[DEMO, REAL], required=True)
    parser.add_argument("--people", type=int, default=0)
    options = parser.parse_args()
    use_settings()
    django.setup()
    if options.kind == DEMO:
        return make_demo(options.people)
    make_root()
    return 0


if __name__ == "__main__":
    sys.exit(main())
