"""How long a table of 1,100 schools × 200 cells takes: publishing, the board, adding up; beside copying workbooks together.

    python bench/collection.py [--schools 1100] [--cells 200] [--rival 60]

Its own database, gone afterwards. Timed are publishing (answers, prefilled sheets, to-dos), the board page with its statements
and buffers, adding up to the finished XLSX in the original layout, and the flat table. The rival is what a clerk's macro does:
open every school's workbook with openpyxl and add its cells; ``--rival`` workbooks are opened and the time is extrapolated.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
MERGE_LIMIT, STATEMENTS, BUFFERS = 10.0, 12, 2000
SIGN_SQL = """WITH made AS (INSERT INTO collection_report (id, answer_id, version, values, note, digest, filled_by, signed_by, signed_at)
  SELECT gen_random_uuid(), a.id, 1, %s::jsonb || s.values, '', repeat('0', 64), '', '', now()
  FROM collection_answer a JOIN collection_sheet s ON s.answer_id = a.id RETURNING answer_id)
UPDATE collection_answer a SET state = 'signed', version = 1, reported_at = now() FROM made WHERE made.answer_id = a.id"""


@contextmanager
def timed(name: str) -> Iterator[list[float]]:
    held, begun = [0.0], time.perf_counter()
    yield held
    held[0] = time.perf_counter() - begun
    print(f"{name:34} {held[0]:8.2f} s", flush=True)


def workbook(cells: int) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Border, Side

    side = Side(style="thin")
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"] = "统计表"
    for at in range(cells // 10):
        sheet.cell(row=at + 3, column=1, value=f"项目{at}")
        for column in range(2, 12):
            sheet.cell(row=at + 3, column=column).border = Border(left=side, right=side, top=side, bottom=side)
        sheet.cell(row=at + 3, column=12, value=f"=SUM(B{at + 3}:K{at + 3})")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def prepared(schools: int, content: bytes) -> tuple[Any, Any]:
    from register_rows import make_tree

    from lingqu.foundation.collection import testing
    from lingqu.foundation.collection.models import Collection
    from lingqu.foundation.collection.services import defining
    from lingqu.foundation.registry import api as registry

    make_tree(schools)
    root = registry.root_organisation()
    made = defining.create_collection(
        actor=testing.SYSTEM, office_id=root.id, title="统计表", name="统计表.xlsx", content=content
    )
    testing.set_terms(made, root)
    return root, Collection.objects.get(id=made)


def measure(schools: int, cells: int, rival: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from lingqu.foundation.collection import testing
    from lingqu.foundation.collection.exchanging import filled_file
    from lingqu.foundation.collection.models import Collection
    from lingqu.foundation.collection.selectors import boards, merging
    from lingqu.foundation.collection.services import publishing
    from lingqu.foundation.collection.tables import table_of

    content = workbook(cells)
    root, draft = prepared(schools, content)
    with timed("publish"):
        publishing.publish(actor=testing.SYSTEM, collection_id=draft.id)
    collection = Collection.objects.select_related("organisation").get(id=draft.id)
    table = table_of(collection)
    values = {key: str(at % 97 + 1) for at, key in enumerate(table.marks.cells)}
    with connection.cursor() as cursor:
        cursor.execute(SIGN_SQL, [json.dumps(values)])
        cursor.execute("VACUUM ANALYZE collection_answer, collection_report, collection_sheet")
    reach = (str(root.path),)
    with CaptureQueriesContext(connection) as queries, timed("board"):
        boards.get_board(testing.SYSTEM, collection, reach)
        boards.get_curve(collection, reach, collection.deadline)
        boards.list_lines(collection, reach, boards.Wanted(state="reported"))
    told = sum(_buffers(one["sql"]) for one in queries if one["sql"].lstrip().upper().startswith(("SELECT", "WITH")))
    with timed("add up, as XLSX") as merged:
        found = merging.merge(collection, table, reach, "市")
        filled_file(table, content, found.values)
    with timed("flat table"):
        lines = sum(1 for _line in merging.flat_lines(collection, table, reach))
    expected = {
        key: str(int(value) * found.schools) for key, value in values.items() if table.marks.cells[key].is_summed
    }
    right = all(found.values[key] == total for key, total in expected.items())
    print(
        f"{found.schools} schools x {len(table.marks.cells)} cells, {lines - 1} lines; sums {'right' if right else 'WRONG'}"
    )
    print(f"board: {len(queries)} statements, {told} buffers")
    other = copy_together(table, content, values, rival) * schools / rival
    print(f"{'openpyxl, ' + str(rival) + ' files, extrapolated':34} {other:8.2f} s, ratio {other / merged[0]:.1f}")
    good = right and merged[0] <= MERGE_LIMIT and len(queries) <= STATEMENTS and told <= BUFFERS
    print("OK" if good else "TOO SLOW")


def _buffers(sql: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Shared Hit Blocks"]) + int(plan[0]["Plan"]["Shared Read Blocks"])


def copy_together(table: Any, content: bytes, values: dict[str, str], files: int) -> float:
    """Open the workbooks one by one and add the cells, as a macro does."""
    from openpyxl import load_workbook

    from lingqu.foundation.collection.exchanging import filled_file

    made = [filled_file(table, content, values) for _one in range(files)]
    sums: dict[str, float] = dict.fromkeys(values, 0.0)
    begun = time.perf_counter()
    for one in made:
        sheet: Any = load_workbook(io.BytesIO(one)).worksheets[0]
        for key in sums:
            value = sheet[key.partition("!")[2]].value
            sums[key] += float(value) if isinstance(value, int | float) else 0.0
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=1100)
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--rival", type=int, default=60)
    options = parser.parse_args()
    from databases import platform

    with platform():
        measure(options.schools, options.cells, options.rival)


if __name__ == "__main__":
    main()
