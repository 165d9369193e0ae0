"""How long a list of numbers of other platforms takes, beside many people.

    python bench/outside_numbers.py [--people 1000000] [--rows 100000]

Its own database, gone afterwards; rows of ``bench/register_rows.py``. A CSV of two columns (人员编号, 省统一身份号) is imported
four times: all new, the same file again, a tenth changed, and neighbours changing numbers with each other. Prints seconds,
processor seconds and what was done.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]


def take(folder: Path, pairs: list[tuple[str, str]], name: str) -> None:
    from reconciliation import Meter

    from lingqu.foundation.intake.api import create_import, run_import
    from lingqu.foundation.intake.types import ReadFile
    from lingqu.foundation.registry import api as registry
    from lingqu.kernel.actor import Actor

    path = folder / "号码.csv"
    path.write_text(
        "人员编号,省统一身份号\n" + "".join(f"{whom},{number}\n" for whom, number in pairs), encoding="utf-8"
    )
    actor, scope = Actor.system("bench"), str(registry.root_organisation().path)
    record = create_import(actor=actor, scope=scope, paths=[path])
    with Meter() as meter:
        result = run_import(actor=actor, import_id=record.id, files=[ReadFile(path.name, path)])
    counts = {what: getattr(result, what)["numbers"] for what in ("created", "updated", "unchanged")}
    print(f"{name:10} {meter} {counts} rejected {result.rejected}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    from databases import platform

    with platform(), tempfile.TemporaryDirectory() as folder:
        import register_rows
        from django.db import connection

        register_rows.fill(options.people)
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM registry_person ORDER BY id LIMIT %s", [options.rows])
            people = [row[0] for row in cursor.fetchall()]
        place = Path(folder)
        pairs = [(whom, f"P{at:09}") for at, whom in enumerate(people)]
        take(place, pairs, "new")
        take(place, pairs, "again")
        pairs = [(whom, number if at % 10 else f"Q{at:09}") for at, (whom, number) in enumerate(pairs)]
        take(place, pairs, "changed")
        take(place, [(whom, pairs[at ^ 1][1]) for at, (whom, _number) in enumerate(pairs)], "swapped")


if __name__ == "__main__":
    main()
