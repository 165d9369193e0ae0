"""The demo city comes into being as a real one would: roster files are written, imported, and people get accounts."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.intake import api as intake
from lingqu.foundation.reconciliation import api as reconciliation
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict

from .accounts import ACTOR, require_demo_home, set_up_accounts
from .applications import set_up_applications
from .bureaus import BUREAU_NAME
from .cases import set_up_cases
from .collections import set_up_collections
from .confirming import set_up_statistics
from .files import CSV_NAMES, export_city
from .national import NATIONAL_FILE, write_national
from .notices import set_up_notices
from .numbers import CITY_REGION
from .posts import set_up_posts
from .records import set_up_records
from .services import set_up_services
from .timetables import set_up_timetables

SOURCE = "demo"
FILE_AGE = timedelta(days=5)
"""The national file of a fresh city is some days old, as files are; newer ones can be handed in."""


def create_city(*, people: int) -> dict[str, Any]:
    """Write the files to a temporary folder, import them, set up the demo accounts. Repeating it changes nothing.

    Only in a demo home. Rows that the import refused make it fail: a demo city has no errors.
    """
    require_demo_home()
    begun = time.monotonic()
    root = registry.ensure_root(name=BUREAU_NAME, code=CITY_REGION)
    with tempfile.TemporaryDirectory(prefix="lingqu-demo-") as folder:
        written = export_city(people, Path(folder))
        paths = [Path(folder) / name for name in CSV_NAMES.values()]
        record = intake.create_import(actor=ACTOR, scope=str(root.path), paths=paths, source=SOURCE, into_demo=True)
        files = [intake.ReadFile(name=path.name, path=path) for path in paths]
        result = intake.run_import(actor=ACTOR, import_id=record.id, files=files, progress=_show)
        _reconcile(str(root.path), Path(folder))
    if result.rejected or result.suspects:
        raise Conflict(
            _("演示名册有 %(rejected)d 行没有写入、%(suspects)d 行疑似重复，见导入 %(number)s 的报告。")
            % {"rejected": result.rejected, "suspects": result.suspects, "number": record.number},
            code="demo.not_clean",
        )
    accounts = set_up_accounts()
    posts = set_up_posts()
    plans = set_up_timetables()
    sheets = set_up_statistics()
    shelf = set_up_applications()
    notices = set_up_notices()
    tables = set_up_collections()
    services = set_up_services()
    statements = set_up_records()
    cases = set_up_cases()
    return {
        "people": people,
        "schools": written["schools"],
        **result.as_counts(),
        "demo_accounts": accounts,
        "posts": posts,
        **plans,
        "confirmation_sheets": sheets,
        "applications": shelf,
        "notices": notices,
        "collections": tables,
        "services": services,
        "learning_records": statements,
        "cases": cases,
        "seconds": round(time.monotonic() - begun, 2),
    }


def _reconcile(path: str, folder: Path) -> None:
    """The national file comes in as it would from a county, and is compared."""
    write_national(folder, (today() - FILE_AGE).isoformat())
    record = intake.create_import(
        actor=ACTOR, scope=path, paths=[folder / NATIONAL_FILE], source="national_pupil", source_kind="national_pupil",
        into_demo=True,
    )  # fmt: skip
    file = intake.ReadFile(name=NATIONAL_FILE, path=folder / NATIONAL_FILE)
    intake.run_import(actor=ACTOR, import_id=record.id, files=[file], progress=_show)
    reconciliation.perform(reconciliation.start_run(actor=ACTOR, import_id=record.id, queued=False).id)


def _show(state: str, done: int, of: int) -> None:
    print(state or _("演示城市：第 %(done)d 批，共 %(of)d 批") % {"done": done, "of": of}, file=sys.stderr, flush=True)
