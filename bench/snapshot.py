"""How long a snapshot of a whole region takes: ``python bench/snapshot.py postgresql://…/a_million``.

The database was filled by ``bench/register_rows.py``. Prints seconds and rows; ends with 1 beyond three minutes.
"""

from __future__ import annotations

import os
import sys
import time

LIMIT = 180.0


def main(address: str) -> int:
    os.environ["DATABASE_URL"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
    import django

    django.setup()
    from lingqu.foundation.registry import api as registry
    from lingqu.foundation.statistics.models import Snapshot, SnapshotPupil, SnapshotStaff
    from lingqu.foundation.statistics.selectors.figures import Scope, list_tables
    from lingqu.foundation.statistics.services import snapshots
    from lingqu.kernel.actor import Actor
    from lingqu.kernel.clock import today

    root = registry.root_organisation()
    before = Snapshot.objects.filter(organisation=root, taken_on=today()).exists()
    made = snapshots.request_snapshot(
        actor=Actor.system("bench"),
        organisation_code=root.code or "",
        taken_on=today(),
        reason="bench" if before else "",
    )
    begun = time.perf_counter()
    made = snapshots.perform(made.id)
    seconds = time.perf_counter() - begun
    pupils, staff = (model.objects.filter(snapshot=made).count() for model in (SnapshotPupil, SnapshotStaff))
    print(f"snapshot: {seconds:.1f} s, {made.schools} schools, {pupils} pupils, {staff} staff (limit {LIMIT:.0f} s)")
    snapshots.analyse()
    begun = time.perf_counter()
    list_tables(Scope(snapshot=made, path=str(made.path)))
    print(f"tables of the region, uncached: {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    wrong = snapshots.find_differences(made.id)
    print(f"verified: {time.perf_counter() - begun:.1f} s, {len(wrong)} differences")
    return int(seconds > LIMIT or bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("python bench/snapshot.py DATABASE_URL")
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
