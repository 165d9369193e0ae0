"""What the pages of today's lessons cost over a whole city of timetables: statements and shared buffers, worst and mean.

    python bench/timetable.py [--people 10000 1000000] [--schools 1000] [--visited 1000]

For each size an own database, gone afterwards: rows of ``bench/register_rows.py``, a published timetable for each of the
first schools (nine classes, seven subjects three times a week, a room of one's own and one shared laboratory), bell times, a
term and a holiday. Every school's pages (or those of fewer, evenly chosen) are opened once, as views with their rights and templates:
a teacher's home and week, a class's week, the school's week by class, by teacher and by room. The process has shown another
school before: it knows what is the same everywhere, and nothing of this one. Bars: 12 statements, 2,000
buffers, the mean of the largest size at most 1.5 times that of the smallest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
AT_ONCE = 100
LABORATORY = "理化生实验室"


def set_year() -> Any:
    """This term, a week of holidays, and lessons today even on a weekend; returns the term's id."""
    from lingqu.foundation.registry import api as registry
    from lingqu.foundation.timetable import api as timetable
    from lingqu.kernel import clock
    from lingqu.kernel.actor import Actor

    actor, root, today = Actor.system("bench"), registry.root_organisation(), clock.today()
    holiday = [timetable.Day(day=today + timedelta(days=30 + n), kind="holiday", name="假日") for n in range(7)]
    if today.weekday() > 4:
        monday = today - timedelta(days=today.weekday())
        holiday.append(timetable.Day(day=today, kind="workday", name="调休", follows_day=monday))
    timetable.set_days(actor=actor, organisation_id=root.id, days=holiday, notice="测量")
    return timetable.set_term(
        actor=actor, organisation_id=root.id, school_year=registry.current_school_year(), code="1", name="本学期",
        start_on=today - timedelta(days=60), end_on=today + timedelta(days=60),
    )  # fmt: skip


def lessons_of(context: Any) -> Iterable[Any]:
    """A subject's three lessons follow each other; classes begin six apart, so that no teacher has two at once."""
    from lingqu.foundation.timetable import api as timetable

    classes = sorted(context.groups)
    for (class_id, subject), taught in sorted(context.taught.items(), key=lambda item: (item[0][0], item[0][1])):
        first = sorted(one for owner, one in context.taught if owner == class_id).index(subject) * 3
        for n in range(3):
            place = (first + n + classes.index(class_id) * 3) % 35
            yield timetable.NewLesson(
                class_id=class_id, weekday=place % 5 + 1, slot=str(place // 5 + 1), subject=subject,
                room=LABORATORY if subject in ("24", "25") else "", teachers=(taught[0].teacher.id,),
            )  # fmt: skip


def load(schools: list[Any]) -> int:
    from lingqu.foundation.registry import api as registry
    from lingqu.foundation.timetable import api as timetable
    from lingqu.kernel.actor import Actor

    actor, term_id, since, lessons = Actor.system("bench"), set_year(), date(2026, 9, 1), 0
    for start in range(0, len(schools), AT_ONCE):
        contexts = timetable.contexts_of(schools[start : start + AT_ONCE], registry.current_school_year())
        timetable.load_bells(
            actor=actor,
            schedules=[
                timetable.NewBells(school_id=one, name="作息", periods=timetable.STANDARD, valid_from=since)
                for one in contexts
            ],
        )
        tables = [
            timetable.NewTimetable(
                school_id=one.school.id, term_id=term_id, effective_from=since, lessons=tuple(lessons_of(one))
            )
            for one in contexts.values()
        ]
        lessons += timetable.load_timetables(actor=actor, timetables=tables)
    return lessons


def visits(school: Any) -> Iterable[tuple[str, Any, str]]:
    """Name of the page, who opens it, where."""
    from lingqu.foundation.registry.models import ClassGroup, TeachingAssignment
    from lingqu.foundation.registry.types import rights
    from lingqu.foundation.timetable.types import rights as own
    from lingqu.kernel.testing import actor_with

    group = ClassGroup.objects.filter(school=school).order_by("name", "id")[0]
    teacher = TeachingAssignment.objects.filter(class_group=group).order_by("id")[0].person_id
    everything = (*rights.ALL, *own.ALL)
    as_teacher = actor_with(*everything, path=str(school.path), role="teacher", person_id=teacher)
    office = actor_with(*everything, path=str(school.path), role="academic_director")
    yield "teacher, home", as_teacher, "/"
    yield "teacher, week", as_teacher, "/timetable"
    yield "class, week", as_teacher, f"/classes/{group.id}/week"
    yield "school by class", office, f"/timetables/{school.code}?by=class&which={group.id}"
    yield "school by teacher", office, f"/timetables/{school.code}?by=teacher&which={teacher}"
    yield "school by room", office, f"/timetables/{school.code}?by=room&which={LABORATORY}"


def cost(actor: Any, url: str, elsewhere: tuple[Any, str]) -> tuple[int, int]:
    """Statements and buffers of opening a page in a process that knows another school only."""
    from django.core.cache import cache
    from django.db import connection, reset_queries
    from pages import blocks, visit

    cache.clear()
    visit(*elsewhere)
    reset_queries()
    answer = visit(actor, url)
    if answer.status_code != 200:
        sys.exit(f"{url} answered {answer.status_code}")
    asked = [query["sql"] for query in connection.queries if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    return len(asked), sum(map(blocks, asked))


def one_size(people: int, most: int, visited: int) -> None:
    from databases import platform

    with platform():
        import register_rows
        from django.conf import settings
        from django.db import connection

        from lingqu.foundation.registry.models import Organisation

        register_rows.fill(people)
        other, *schools = Organisation.objects.filter(kind="school").order_by("code")[: most + 1]
        lessons = load([other, *schools])
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
        found: dict[str, list[tuple[int, int]]] = {}
        before = {name: (actor, url) for name, actor, url in visits(other)}
        chosen = schools[:: max(1, len(schools) // visited)]
        for school in chosen:
            for name, actor, url in visits(school):
                found.setdefault(name, []).append(cost(actor, url, before[name]))
        told = {"people": people, "schools": len(schools), "visited": len(chosen), "lessons": lessons}
        print(json.dumps({**told, "pages": found}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--schools", type=int, default=1000)
    parser.add_argument("--visited", type=int, default=1000)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one_size(options.one, options.schools, options.visited)
        return 0
    from pages import BARS

    made, good = [], True
    for people in options.people:
        command = [sys.executable, __file__, "--one", str(people), "--schools", str(options.schools)]
        command += ["--visited", str(options.visited)]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True, check=True)
        made.append(json.loads(done.stdout.splitlines()[-1]))
    for size in made:
        print(
            f"{size['people']:,} people, timetables of {size['schools']:,} schools, {size['lessons']:,} lessons; {size['visited']} visited"
        )
        for name, costs in size["pages"].items():
            line = f"  {name:20}"
            for what, place in (("statements", 0), ("buffers", 1)):
                values = [one[place] for one in costs]
                mean, first = sum(values) / len(values), made[0]["pages"][name]
                ratio = mean / max(1.0, sum(one[place] for one in first) / len(first))
                good = good and max(values) <= BARS[what] and ratio <= BARS["ratio"]
                line += f"{what} worst {max(values):5}, mean {mean:7.1f}, ratio {ratio:4.2f}   "
            print(line)
    print("within the bars" if good else "above a bar")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
