"""``make baseline``: writes ``lingqu/config/baseline.sql``, the schema that all migrations give, for empty databases.

Run it after adding or changing a migration; it takes a minute, because it migrates an empty database step by step. With
``--check`` it only says whether the file is as it would be written.
"""

from __future__ import annotations

import re
import subprocess
import sys

import django

from lingqu.config import baseline
from lingqu.config.env import env, set_variable, use_settings
from lingqu.config.postgres import find_programs
from lingqu.config.throwaway import start_throwaway

TITLE = re.compile(r"^--\n-- Name: .*\n--\n+", re.MULTILINE)
END = "--\n-- PostgreSQL database dump complete"
NEEDED = "SET LOCAL check_function_bodies = false;\n\n"


def main() -> int:
    url = start_throwaway()
    set_variable("DATABASE_URL", url)
    use_settings()
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, no_baseline=True)
    text = baseline.written(baseline.digests(connection), dumped(url))
    if "--check" not in sys.argv:
        baseline.FILE.write_text(text)
    elif text != baseline.FILE.read_text():
        print(f"{baseline.FILE.name} is not what the migrations give; run: make baseline")
        return 1
    print(f"{baseline.FILE.name}: {len(text) // 1024} KiB")
    return 0


def dumped(url: str) -> str:
    """The schema of a database as statements, without what only this server and this moment say."""
    program = find_programs(env().pg_bin, None)["pg_dump"]
    command = [program, "--schema-only", "--no-owner", "--no-privileges", "--no-comments", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    body = TITLE.sub("", text[text.index("CREATE EXTENSION") :])
    return NEEDED + body.partition(END)[0].rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
