"""The demo city has a few mismatches of each kind, from a national file that came in by an ordinary import."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lingqu.config.demo.creating import _reconcile
from lingqu.config.demo.files import CSV_NAMES, export_city
from lingqu.foundation.intake import api as intake
from lingqu.foundation.reconciliation.models import Case, Run
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

pytestmark = pytest.mark.django_db


def test_a_few_honest_mismatches(tmp_path: Path) -> None:
    actor = Actor.system("demo")
    root = registry.ensure_root(name="云汀市教育局（演示）", code="990100")
    export_city(6_000, tmp_path)
    paths = [tmp_path / name for name in CSV_NAMES.values()]
    record = intake.create_import(actor=actor, scope=str(root.path), paths=paths, source="demo", into_demo=True)
    intake.run_import(
        actor=actor, import_id=record.id, files=[intake.ReadFile(name=path.name, path=path) for path in paths]
    )
    _reconcile(str(root.path), tmp_path)
    run = Run.objects.get()
    found = Counter(Case.objects.values_list("bucket", flat=True))
    assert {"no_person", "no_entry", "several", "identity", "in_transit"} <= set(found)
    assert sum(found.values()) * 10 < run.rows, "small against the whole"
