"""Who teaches what in one school: lessons are dealt to as many posts as the ratio of the stage allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

from .subjects import subjects_of_class
from .types import KINDERGARTEN, POINT, ClassPlan, SchoolPlan, stage_of

PUPILS_PER_TEACHER = {"preschool": 13.0, "primary": 16.2, "junior": 13.0, "senior": 12.66}
"""``reference_stats_2023.csv`` for primary (108M / 6.66M) and senior; junior and preschool from the staff norms."""
MAIN_SUBJECTS = ("语文", "数学", "英语")
STUDIES = (
    (0.03, "硕士研究生毕业", "硕士"), (0.78, "大学本科毕业", "学士"), (0.86, "大学本科毕业", "无学位"),
    (0.98, "大学专科毕业", "无学位"), (1.0, "中等专科毕业", "无学位"),
)  # fmt: skip
"""Cumulative shares of 学历 and 学位 among teachers of compulsory grades."""
AHEAD = {"senior": 0.14, "preschool": -0.35}
"""Senior schools draw from the better half, kindergartens from the other one."""
UNREGISTERED_EVERY = 97
"""About one teacher in so many has no 学历 in the file: the tables show 未登记."""
OTHER_STAFF_SHARE = 0.08
LEAST_LOAD, MOST_LOAD = 8, 18
"""Weekly periods of one teacher."""
GAP_EVERY = 211
"""About one lesson group in so many has no teacher: the matrix shows it red."""
Lesson = tuple[int, str, int]
"""Place of the class in the school, subject, weekly periods."""


@dataclass(slots=True)
class Post:
    """One member of staff to be: what they teach, which class they head, which duties they have."""

    stage: str
    subject: str = ""
    lessons: list[Lesson] = field(default_factory=list)
    head_of: int = -1
    duties: list[str] = field(default_factory=list)
    teaches: bool = True
    name: str = ""
    sex: str = ""
    staff_number: str = ""

    @property
    def periods(self) -> int:
        return sum(periods for _place, _subject, periods in self.lessons)


def studied(stage: str, key: str, *, teaches: bool) -> tuple[str, str]:
    """学历 and 学位 of a member of staff, always the same for the same key."""
    drawn = crc32(key.encode())
    if drawn % UNREGISTERED_EVERY == 0:
        return "", ""
    chance = min(0.999, max(0.0, drawn / 2**32 - AHEAD.get(stage, 0.0 if teaches else -0.2)))
    _most, education, degree = next(entry for entry in STUDIES if chance < entry[0])
    return education, degree


def staff_school(school: SchoolPlan) -> list[Post]:
    """The same school gives the same posts. Every school but a village point has a principal and its two officers."""
    posts = _kindergarten(school) if school.type == KINDERGARTEN else _deal_lessons(school)
    if school.type != KINDERGARTEN:
        _appoint_heads(school, posts)
    if school.type != POINT:
        _add_duties(school, posts)
    others = round(len(posts) * OTHER_STAFF_SHARE) if len(posts) > 4 else 0
    posts += [Post(stage="", teaches=False) for _ in range(others)]
    return posts


def _kindergarten(school: SchoolPlan) -> list[Post]:
    """Two teachers a class (两教); the first is the head."""
    posts = []
    for place in range(len(school.classes)):
        posts += [Post(stage="preschool", head_of=place), Post(stage="preschool")]
    return posts


def _deal_lessons(school: SchoolPlan) -> list[Post]:
    posts: list[Post] = []
    by_stage: dict[str, list[tuple[int, ClassPlan]]] = {}
    for place, group in enumerate(school.classes):
        by_stage.setdefault(stage_of(group.grade, school.schooling), []).append((place, group))
    for stage, groups in by_stage.items():
        posts += _deal_stage(school, stage, groups)
    return posts


def _deal_stage(school: SchoolPlan, stage: str, groups: list[tuple[int, ClassPlan]]) -> list[Post]:
    lessons: dict[str, list[Lesson]] = {}
    for place, group in groups:
        for subject, periods in subjects_of_class(group.grades):
            lessons.setdefault(subject, []).append((place, subject, periods))
    total = sum(periods for found in lessons.values() for _place, _subject, periods in found)
    wanted = sum(group.size for _place, group in groups) / PUPILS_PER_TEACHER[stage]
    load = max(LEAST_LOAD, min(MOST_LOAD, total / max(1.0, wanted)))
    posts: list[Post] = []
    rest: list[Lesson] = []
    for found in lessons.values():
        if sum(periods for _place, _subject, periods in found) < load * 0.7:
            rest += found
        else:
            posts += _fill(stage, found, load)
    posts += _fill(stage, rest, load)
    for number, post in enumerate(posts):
        if len(post.lessons) > 1 and (school.number * 7 + number * 13) % GAP_EVERY < len(post.lessons):
            post.lessons.pop()
    return posts


def _fill(stage: str, lessons: list[Lesson], load: float) -> list[Post]:
    """Deal lessons in class order to posts of about ``load`` periods."""
    posts: list[Post] = []
    for lesson in lessons:
        if not posts or posts[-1].periods + lesson[2] > load * 1.15:
            posts.append(Post(stage=stage, subject=lesson[1]))
        posts[-1].lessons.append(lesson)
    return posts


def _appoint_heads(school: SchoolPlan, posts: list[Post]) -> None:
    """Each class is headed by one of its teachers of a main subject, else by any of its teachers; some stay without."""
    by_class: dict[int, list[Post]] = {}
    for post in sorted(posts, key=lambda post: post.subject not in MAIN_SUBJECTS):
        for place, _subject, _periods in post.lessons:
            if post not in by_class.setdefault(place, []):
                by_class[place].append(post)
    for place in range(len(school.classes)):
        free = next((post for post in by_class.get(place, ()) if post.head_of < 0), None)
        if free is not None:
            free.head_of = place


def _add_duties(school: SchoolPlan, posts: list[Post]) -> None:
    free = [post for post in posts if post.head_of < 0] or posts
    free[0].duties.append("校长")
    office = free[1 % len(free)]
    office.duties.append("学校管理员")
    register = free[2 % len(free)]
    register.duties.append("学籍管理员")
    if len(posts) < 12:
        return
    for number, duty in enumerate(("副校长", "教务主任", "德育主任", "总务主任"), start=3):
        free[number % len(free)].duties.append(duty)
    seen: set[str] = set()
    for post in posts:
        grade = school.classes[post.head_of].grade if post.head_of >= 0 else ""
        if grade and grade not in seen and not post.duties:
            seen.add(grade)
            post.duties.append("年级组长")
    led: dict[str, int] = {}
    for post in posts:
        led[post.subject] = led.get(post.subject, 0) + 1
        if post.subject and led[post.subject] == 2 and not post.duties:
            post.duties.append("教研组长")
