"""What a page costs: statements, shared buffers and processor time, beside a bare view of the same rows.

    python bench/pages.py postgresql://…/ten_thousand postgresql://…/a_million

Databases are filled by ``bench/register_rows.py``. For each page and size one line; then the ratio between the sizes. The
bare view fetches the same number of person rows by key and answers them as JSON: what nobody can undercut. A search that
fills its page at one size only (王伟) costs more there by the rows it shows; 王 fills it at both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

BARS = {"statements": 12, "buffers": 2000, "ratio": 1.5}
REPEATS = 5


def blocks(sql: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql)
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def visit(actor: Any, url: str, data: dict[str, str] | None = None) -> Any:
    from django.contrib.messages.storage.fallback import FallbackStorage
    from django.contrib.sessions.backends.signed_cookies import SessionStore
    from django.test import RequestFactory
    from django.urls import resolve

    request = RequestFactory().get(url) if data is None else RequestFactory().post(url, data)
    request.actor, request.session, request.request_id = actor, SessionStore(), "bench"  # type: ignore[attr-defined]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    found = resolve(request.path)
    return found.func(request, *found.args, **found.kwargs)


def measure(run: Any) -> dict[str, float]:
    from django.db import connection, reset_queries

    run()
    reset_queries()
    run()
    asked = [query["sql"] for query in connection.queries if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    seconds = []
    for _turn in range(REPEATS):
        began = time.process_time()
        run()
        seconds.append(time.process_time() - began)
    return {
        "statements": len(asked),
        "buffers": sum(map(blocks, asked)),
        "milliseconds": round(sorted(seconds)[REPEATS // 2] * 1000, 1),
    }


def bare(rows: int) -> dict[str, float]:
    from lingqu.foundation.registry.models import Person

    ids = list(Person.objects.order_by("id").values_list("id", flat=True)[:rows])

    def run() -> bytes:
        return json.dumps(list(Person.objects.filter(id__in=ids).values("number", "name", "sex"))).encode()

    return measure(run)


def pages() -> dict[str, tuple[Any, str, int]]:
    """Name → actor, address, rows shown."""
    from lingqu.foundation.registry.models import Appointment, ClassGroup, Enrolment, Organisation
    from lingqu.foundation.registry.types import rights
    from lingqu.kernel.testing import actor_with

    school = Organisation.objects.get(code="9900000003")
    district = Organisation.objects.get(code="990003")
    group = ClassGroup.objects.filter(school=school).order_by("name").first()
    pupil = Enrolment.objects.filter(school=school).order_by("id").first()
    teacher = Appointment.objects.filter(organisation=school).order_by("id").first()
    root = Organisation.objects.get(parent=None)
    city, own = (actor_with(*rights.ALL, path=str(one.path), role="register_officer") for one in (root, school))
    county = actor_with(*rights.ALL, path=str(district.path), role="county_admin")

    def found(actor: Any, text: str) -> str:
        return str(visit(actor, "/people", {"q": text})["Location"])

    return {
        "tree, city": (city, "/organisations/990000", 14),
        "school": (own, f"/organisations/{school.code}", 9),
        "school, pupils": (own, f"/organisations/{school.code}?part=students", 30),
        "teaching matrix": (own, f"/schools/{school.code}/teaching", 21),
        "class": (own, f"/classes/{group.id}", 42),
        "pupil": (own, f"/people/{pupil.person.number}", 1),
        "teacher": (own, f"/people/{teacher.person.number}", 1),
        "pupils, city": (city, "/people", 30),
        "pupils, district": (county, "/people", 30),
        "search 王伟, city": (city, found(city, "王伟"), 30),
        "search 王伟, district": (county, found(county, "王伟"), 30),
        "search 王, city": (city, found(city, "王"), 30),
        "search 王, district": (county, found(county, "王"), 30),
        "search 王, school": (own, found(own, "王"), 9),
        "search wx, city": (city, found(city, "wx"), 30),
        "search wx, school": (own, found(own, "wx"), 9),
        "search number, city": (city, found(city, pupil.person.number), 1),
    }


def one_size() -> None:
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    made = {}
    for name, (actor, url, rows) in pages().items():
        made[name] = {
            **measure(lambda actor=actor, url=url: visit(actor, url)),  # type: ignore[misc]
            "bare": bare(rows),
        }
    print(json.dumps(made))


def main(urls: list[str]) -> int:
    results = []
    for url in urls:
        environment = {**os.environ, "DATABASE_URL": url, "BENCH_ONE_SIZE": "1"}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
        done = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    print(f"{'page':24}" + f"{'stmts':>7}{'buffers':>9}{'ms':>7}{'bare ms':>9}" * len(results) + f"{'ratio':>7}")
    good = True
    for name in results[0]:
        line = f"{name:24}"
        for result in results:
            found = result[name]
            line += f"{found['statements']:>7}{found['buffers']:>9}{found['milliseconds']:>7}{found['bare']['milliseconds']:>9}"
            good = good and found["statements"] <= BARS["statements"] and found["buffers"] <= BARS["buffers"]
        ratio = results[-1][name]["milliseconds"] / max(results[0][name]["milliseconds"], 0.1)
        print(line + f"{ratio:>7.2f}")
    print("within the bars" if good else "above a bar")
    return 0 if good else 1


if __name__ == "__main__":
    if os.environ.get("BENCH_ONE_SIZE"):
        one_size()
    else:
        sys.exit(main(sys.argv[1:]))
