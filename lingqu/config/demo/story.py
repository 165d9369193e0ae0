"""The one story the pictures tell: 周禾 of 八（3）班, her family, her teachers, and a village point of eleven."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .core_schools import STORY_POINT, STORY_SCHOOL
from .names import read_data
from .staffing import Lesson, Post
from .subjects import subjects_of_class
from .types import GRADE_INDEX, SchoolPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPupil:
    name: str
    sex: str
    boarding: str
    state: str
    guardian: str
    relation: str
    household: str
    """Children of one household share their guardians and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStaff:
    name: str
    sex: str
    staff_number: str
    duties: tuple[str, ...]
    head_of: str


SECOND_GUARDIANS = {"周": ("周启明", "1", "父亲"), "林": ("林晚", "2", "母亲")}
WITHOUT_PHONE = {"陆"}
TEACHER_MOTHER = "方圆"
"""A teacher of the story school who is also the mother of a pupil in the story primary school."""


@cache
def story_pupils(school: str, class_key: str) -> dict[int, StoryPupil]:
    """Pupils by their number in the class; ``class_key`` as :func:`class_key` writes it."""
    return {
        int(row["number"]): StoryPupil(
            name=row["name"],
            sex=row["sex"],
            boarding=row["boarding"],
            state=row["state"],
            guardian=row["guardian"],
            relation=row["relation"],
            household=row["household"],
        )
        for row in read_data("story_pupils.csv")
        if row["school"] == school and row["class"] == class_key
    }


@cache
def story_staff(place: str) -> tuple[StoryStaff, ...]:
    return tuple(
        StoryStaff(
            name=row["name"],
            sex=row["sex"],
            staff_number=row["staff_number"],
            duties=tuple(part for part in row["duties"].split("、") if part),
            head_of=row["head_of"],
        )
        for row in read_data("story_staff.csv")
        if row["place"] == place
    )


def class_key(school: SchoolPlan, place: int) -> str:
    """``8.3`` for the third class of grade 8; the single class of the village point is ``1``."""
    group = school.classes[place]
    return "1" if school.story == STORY_POINT else f"{GRADE_INDEX[group.grade]}.{group.serial}"


def put_story_in(school: SchoolPlan, posts: list[Post]) -> list[Post]:
    """Replace the generic teachers of the story's classes by the named ones of the pictures."""
    if school.story == STORY_POINT:
        named = story_staff(STORY_POINT)[0]
        posts[0].name, posts[0].sex, posts[0].staff_number = named.name, named.sex, named.staff_number
        return posts
    if school.story != STORY_SCHOOL:
        return posts
    named_posts = _named_posts(school)
    taken = {(place, subject) for post in named_posts for place, subject, _periods in post.lessons}
    grade_8 = {place for place, group in enumerate(school.classes) if group.grade == "G08"}
    kept = []
    for post in posts:
        had = len(post.lessons)
        post.lessons = [
            lesson for lesson in post.lessons if lesson[0] not in grade_8 and (lesson[0], lesson[1]) not in taken
        ]
        post.duties = []
        if post.head_of in grade_8:
            post.head_of = -1
        if post.lessons or post.head_of >= 0 or had == 0:
            kept.append(post)
    return named_posts + kept


def _named_posts(school: SchoolPlan) -> list[Post]:
    places = {class_key(school, place): place for place in range(len(school.classes))}
    posts: dict[str, Post] = {}
    for row in read_data("story_teaching.csv"):
        lessons = _lessons(school, places, row["lesson"], row["classes"])
        if lessons:
            post = posts.setdefault(row["teacher"], Post(stage="junior", subject=row["subject"]))
            post.name, post.sex = row["teacher"], row["sex"]
            post.lessons += lessons
    for person in story_staff(STORY_SCHOOL):
        if person.name not in posts and not person.duties:
            continue
        post = posts.setdefault(person.name, Post(stage="junior", subject=""))
        post.name, post.sex, post.staff_number = person.name, person.sex, person.staff_number
        post.duties = list(person.duties)
        post.head_of = places.get(person.head_of, -1)
    return list(posts.values())


def _lessons(school: SchoolPlan, places: dict[str, int], subject: str, keys: str) -> list[Lesson]:
    found = []
    for key in keys.split("|"):
        if key in places:
            periods = dict(subjects_of_class(school.classes[places[key]].grades))[subject]
            found.append((places[key], subject, periods))
    return found
