"""Founding, editing, moving, closing and relating organisations."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lingqu.foundation.registry import policies, testing
from lingqu.foundation.registry.loading.paths import TABLES
from lingqu.foundation.registry.models import (
    Organisation,
    OrganisationParent,
    OrganisationRelation,
)
from lingqu.foundation.registry.services import organisations as services
from lingqu.foundation.registry.services.expiring import end_expired
from lingqu.foundation.registry.services.relations import add_relation, end_relation
from lingqu.foundation.registry.types import rights
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.models import OutboxEvent
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db


def keeper(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), role="county_admin")


def test_a_school_is_founded_below_a_county_and_nowhere_else() -> None:
    county = testing.make_organisation(kind="region")
    made = services.create_organisation(
        actor=keeper(county.path), parent_id=county.id, kind="school",
        values={"name": "云汀市第九中学（演示）", "code": "9900000909", "schooling": "six_three", "school_type": "311"},
    )  # fmt: skip
    assert str(made.path) == f"{county.path}.{made.label}"
    assert OrganisationParent.objects.get(organisation=made).parent_id == county.id
    assert made.name_initials.startswith("yt")
    with pytest.raises(Invalid) as refusal:
        services.create_organisation(
            actor=keeper(county.path), parent_id=made.id, kind="school", values={"name": "校中校"}
        )
    assert refusal.value.code == "wrong_place"
    with pytest.raises(Invalid) as taken:
        services.create_organisation(
            actor=keeper(county.path), parent_id=county.id, kind="school", values={"name": "同码", "code": "9900000909"}
        )
    assert taken.value.code == "code_taken"
    with pytest.raises(Forbidden):
        services.create_organisation(
            actor=keeper(testing.make_organisation().path), parent_id=county.id, kind="school", values={"name": "外县"}
        )


def test_local_fields_change_and_national_ones_do_not() -> None:
    school = testing.make_school()
    actor = keeper(school.path)
    assert services.edit_organisation(actor=actor, organisation_id=school.id, values={"name": "新校名", "phone": "1"})
    assert not services.edit_organisation(actor=actor, organisation_id=school.id, values={"name": "新校名"})
    school.refresh_from_db()
    assert (school.name, school.name_initials) == ("新校名", "xxm")
    for field in ("code", "school_type"):
        with pytest.raises(Forbidden) as refusal:
            services.edit_organisation(actor=actor, organisation_id=school.id, values={field: "x"})
        assert refusal.value.code == "nationally_owned"


FOLLOWING = {
    "lingqu.foundation.identity.handlers": "PATHS", "lingqu.foundation.inbox.handlers": "PATHS",
    "lingqu.foundation.intake.services.following": "TABLES", "lingqu.foundation.quality.handlers": "PATHS",
    "lingqu.foundation.reconciliation.services.following": "COLUMNS", "lingqu.foundation.statistics.handlers": "PATHS",
    "lingqu.foundation.yearly.handlers": "PATHS", "lingqu.foundation.collection.handlers": "PATHS",
    "lingqu.foundation.workflow.handlers": "PATHS", "lingqu.campus.office.handlers": "PATHS",
    "lingqu.governance.service_hall.handlers": "PATHS",
}  # fmt: skip


def stored_paths() -> set[tuple[str, str]]:
    return {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, LtreeField)
    }


def test_every_stored_path_is_followed_by_somebody() -> None:
    """The register's own in one transaction, those of other modules by their handlers; the sealed trail and frozen
    snapshots keep what was."""
    own = {(table, column) for table, columns in TABLES.items() for column in columns}
    followed = {
        (table, column)
        for module, name in FOLLOWING.items()
        for table, columns in getattr(import_module(module), name).items()
        for column in columns
    }
    kept = {
        ("kernel_audit", "path"), ("statistics_snapshot", "path"), ("statistics_snapshotschool", "path"),
        ("statistics_snapshotschool", "territory_path"),
    }  # fmt: skip
    assert stored_paths() == own | followed | kept


def test_a_move_takes_everything_below_along() -> None:
    left, right = testing.make_organisation(kind="region"), testing.make_organisation(kind="region")
    school = testing.make_school(left)
    point = testing.make_organisation(school, "teaching_point", territory_path=left.path)
    pupil = testing.make_pupil(testing.make_class(point))
    testing.make_head(testing.make_class(school))
    root = testing.make_root()
    before, day = str(school.path), today()
    number = services.move_organisation(
        actor=keeper(root.path), organisation_id=school.id, parent_id=right.id, on=day, reason="区划调整"
    )
    school.refresh_from_db()
    point.refresh_from_db()
    pupil.refresh_from_db()
    assert str(school.path) == f"{right.path}.{school.label}"
    assert str(point.path).startswith(f"{right.path}.")
    assert str(pupil.path) == str(point.path)
    assert number >= 8
    with connection.cursor() as cursor:
        for table, column in stored_paths() - {("kernel_audit", "path")}:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} <@ %s::ltree", [before])
            assert cursor.fetchone()[0] == 0, table
    episodes = list(OrganisationParent.objects.filter(organisation=school).order_by("valid_from"))
    assert [(row.parent_id, row.valid_to) for row in episodes] == [(left.id, day), (right.id, None)]
    event = OutboxEvent.objects.get(kind="registry.OrganisationMoved")
    assert event.payload == {"organisation_id": str(school.id), "before": before, "after": str(school.path)}
    assert policies.held_among(keeper(left.path), [pupil.id], rights.PERSON_EDIT) == frozenset()
    assert policies.held_among(keeper(left.path), [pupil.id]) == {pupil.id}  # 属地 goes on reading
    assert policies.held_among(keeper(right.path), [pupil.id]) == {pupil.id}


@pytest.mark.parametrize("where", ["own", "left", "right"])
def test_a_move_needs_both_superiors(where: str) -> None:
    left, right = testing.make_organisation(kind="region"), testing.make_organisation(kind="region")
    school = testing.make_school(left)
    path = {"own": school.path, "left": left.path, "right": right.path}[where]
    with pytest.raises(Forbidden):
        services.move_organisation(
            actor=keeper(path), organisation_id=school.id, parent_id=right.id, on=today(), reason="区划调整"
        )
    school.refresh_from_db()
    assert school.parent_id == left.id


def test_a_place_never_comes_below_itself() -> None:
    root = testing.make_root()
    county = testing.make_organisation(kind="region")
    part = testing.make_organisation(county, "region")
    with pytest.raises(Invalid) as refusal:
        services.move_organisation(
            actor=keeper(root.path), organisation_id=county.id, parent_id=part.id, on=today(), reason="试"
        )
    assert refusal.value.code == "ring"


def test_closing_says_who_is_still_there_and_reopening_takes_it_back() -> None:
    county = testing.make_organisation(kind="region")
    school = testing.make_school(county)
    group = testing.make_class(school)
    testing.make_pupil(group)
    testing.make_pupil(group, "贺宁")
    testing.make_teacher(school)
    actor = keeper(county.path)
    with pytest.raises(Conflict) as refusal:
        services.close_organisation(actor=actor, organisation_id=school.id, on=today(), reason="撤并")
    assert refusal.value.details == {"students": 2, "staff": 1, "organisations": 0}
    with pytest.raises(Forbidden):
        services.close_organisation(actor=keeper(school.path), organisation_id=school.id, on=today(), reason="自己撤")
    empty = testing.make_school(county)
    services.close_organisation(actor=actor, organisation_id=empty.id, on=today(), reason="撤并")
    empty.refresh_from_db()
    assert empty.closed_on == today()
    services.reopen_organisation(actor=actor, organisation_id=empty.id, reason="误操作")
    empty.refresh_from_db()
    assert empty.closed_on is None
    actions = [row.action for row in audit.list_for_subject("organisation", empty.id)]
    assert actions == ["registry.organisation.reopened", "registry.organisation.closed"]


def test_relations_begin_end_and_expire() -> None:
    root = testing.make_root()
    head, member = testing.make_school(), testing.make_school()
    actor = keeper(root.path)
    with pytest.raises(Forbidden):
        add_relation(actor=keeper(head.path), kind="group", head_id=head.id, member_id=member.id, valid_from=today())
    first = add_relation(
        actor=actor, kind="group", head_id=head.id, member_id=member.id, valid_from=today(), role="read"
    )
    with pytest.raises(Conflict):
        add_relation(actor=actor, kind="group", head_id=head.id, member_id=member.id, valid_from=today())
    with pytest.raises(Forbidden):
        end_relation(actor=keeper(member.path), relation_id=first, on=today())
    end_relation(actor=actor, relation_id=first, on=today())
    assert not OrganisationRelation.objects.filter(id=first).exists()  # began and ended on one day
    long = add_relation(
        actor=actor, kind="trusteeship", head_id=head.id, member_id=member.id, valid_from=testing.START,
        until=today() + timedelta(days=1),
    )  # fmt: skip
    assert end_expired() == 0
    OrganisationRelation.objects.filter(id=long).update(until=today())
    assert end_expired() == 1
    assert OrganisationRelation.objects.get(id=long).valid_to == today()


def test_a_second_territory_ends_the_first() -> None:
    root, first, second = (
        testing.make_root(),
        testing.make_organisation(kind="region"),
        testing.make_organisation(kind="region"),
    )
    school = testing.make_school()
    for region in (first, second):
        add_relation(
            actor=keeper(root.path), kind="territory", head_id=region.id, member_id=school.id, valid_from=testing.START
        )
    school.refresh_from_db()
    assert str(school.territory_path) == str(second.path)
    assert OrganisationRelation.objects.filter(member=school, valid_to=None).count() == 1


class Tree(TestCase):
    """Whatever is moved where: a path is the chain of its ancestors' labels, and rights reach exactly what is below."""

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=12))
    def test_paths_are_ancestors_after_any_moves(self, moves: list[tuple[int, int]]) -> None:
        from lingqu.foundation.registry import api as registry

        registry.prepare()
        root = testing.make_root()
        places: list[Any] = [testing.make_organisation(root, "region") for _one in range(4)]
        places += [testing.make_organisation(place, "region") for place in places]
        people = {place.id: testing.make_person(place) for place in places}
        actor = keeper(root.path)
        for one, other in moves:
            try:
                services.move_organisation(
                    actor=actor, organisation_id=places[one].id, parent_id=places[other].id, on=today(), reason="随机"
                )
            except DomainError as refusal:
                assert refusal.code in {"ring", "already_there", "forbidden"}
        found = {place.id: place for place in Organisation.objects.all()}
        for place in found.values():
            chain, at = [place.label], place
            while at.parent_id is not None:
                at = found[at.parent_id]
                chain.append(at.label)
            assert str(place.path) == ".".join(reversed(chain))
        for place in places:
            below = {
                other.id for other in places
                if policies.covers(str(found[place.id].path), str(found[other.id].path))
            }  # fmt: skip
            held = policies.held_among(keeper(found[place.id].path), [person.id for person in people.values()])
            assert held == {people[other].id for other in below}
