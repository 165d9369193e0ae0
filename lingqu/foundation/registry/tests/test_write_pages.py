"""Pages of the writes: they open at home within twelve statements, stay shut elsewhere, say what is wrong at the field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import (
    ClassGroup,
    ClassMembership,
    Guardianship,
    Organisation,
    OrganisationRelation,
    Person,
    SuspectPair,
)
from lingqu.foundation.registry.services import merging
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db
Visit = Callable[..., HttpResponse]


def officer(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), role="county_admin")


class Site:
    def __init__(self) -> None:
        self.county = testing.make_organisation(kind="region")
        self.school = testing.make_school(self.county)
        self.group, self.second = testing.make_class(self.school), testing.make_class(self.school, serial=2)
        self.pupil, self.double = testing.make_pupil(self.group), testing.make_pupil(self.group)
        self.teacher = testing.make_teacher(self.school)
        testing.make_guardian(self.pupil)
        self.link = Guardianship.objects.get(child=self.pupil)
        head = testing.make_school(self.county)
        self.relation = OrganisationRelation.objects.create(
            kind="group", head=head, member=self.school, valid_from=testing.START, role="read"
        )
        merging.point_out(actor=officer(self.county.path), first_id=self.pupil.id, second_id=self.double.id)
        self.pair = SuspectPair.objects.get(first=self.pupil)
        self.merged = testing.make_person(self.school, canonical=self.pupil)

    def fill(self, page: str) -> str:
        return page.format(
            code=self.school.code, group=self.group.id, number=self.pupil.number, link=self.link.id,
            relation=self.relation.id, pair=self.pair.id, merged=self.merged.number,
        )  # fmt: skip


@pytest.fixture
def site(db: None) -> Site:
    return Site()


PAGES = [
    "/organisations/{code}", "/organisations/{code}/new", "/organisations/{code}/edit", "/organisations/{code}/move",
    "/organisations/{code}/close", "/organisations/{code}/relations/new", "/organisations/{code}/relations/{relation}/end",
    "/schools/{code}/classes/new", "/schools/{code}/class-names", "/schools/{code}/class-names?rule=cohort_serial",
    "/classes/{group}/edit", "/classes/{group}/head", "/classes/{group}/close", "/people/{number}/class",
    "/people/{number}/leave", "/people/{number}/return", "/people/{number}/guardians/new",
    "/people/{number}/guardians/{link}/end", "/people/{number}/deceased", "/people/{number}/same-as", "/people/{number}",
    "/people/{number}/merged/{merged}/undo", "/suspects/{pair}",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_forms_open_at_home_and_stay_shut_elsewhere(page: str, visit: Visit, site: Site) -> None:
    url = site.fill(page)
    visit(officer(site.county.path), url)
    with CaptureQueriesContext(connection) as queries:
        assert visit(officer(site.county.path), url).status_code == 200
    assert len(queries) <= 12, "\n".join(query["sql"][:150] for query in queries)
    with pytest.raises(Forbidden):
        visit(officer(testing.make_organisation(kind="region").path), url)


def test_the_list_of_suspects_is_bounded(visit: Visit, site: Site) -> None:
    visit(officer(site.county.path), "/suspects")
    with CaptureQueriesContext(connection) as queries:
        answer = visit(officer(site.county.path), "/suspects").content.decode()
    assert len(queries) <= 9
    assert "周禾" in answer
    assert "周禾" not in visit(officer(testing.make_organisation(kind="region").path), "/suspects").content.decode()


def test_forms_write_and_lead_back(visit: Visit, site: Site) -> None:
    actor, day = officer(site.county.path), today().isoformat()
    other = testing.make_organisation(kind="region", code="9911")
    root = officer(testing.make_root().path)
    told = [
        visit(actor, site.fill("/organisations/{code}/edit"), {"name": "改名中学"}),
        visit(actor, f"/organisations/{site.county.code}/new", {"kind": "school", "name": "新建小学", "code": "9912"}),
        visit(
            actor, site.fill("/schools/{code}/classes/new"), {"kind": "administrative", "grades": "G08", "serial": "9"}
        ),
        visit(
            actor, site.fill("/people/{number}/class"), {"class_id": str(site.second.id), "on": day, "reason": "申请"}
        ),
        visit(actor, site.fill("/people/{number}/guardians/{link}/end"), {"on": day, "reason": "判决书 12 号"}),
        visit(root, site.fill("/organisations/{code}/move"), {"place": "9911", "on": day, "reason": "区划调整"}),
    ]
    assert [answer.status_code for answer in told] == [302] * 6
    site.school.refresh_from_db()
    assert (site.school.name, site.school.parent_id) == ("改名中学", other.id)
    assert Organisation.objects.get(code="9912").parent_id == site.county.id
    assert ClassGroup.objects.filter(school=site.school, serial=9).exists()
    assert ClassMembership.objects.get(person=site.pupil, valid_to=None).class_group_id == site.second.id
    assert Guardianship.objects.get(id=site.link.id).valid_to == today()


def test_refusals_stand_at_their_field(visit: Visit, site: Site) -> None:
    actor = officer(site.county.path)
    answer = visit(actor, site.fill("/organisations/{code}/close"), {"on": today().isoformat(), "reason": "撤"})
    assert answer.status_code == 422
    assert "还有 2 名学生、1 名教职工、0 个下属机构" in answer.content.decode()
    wrong = visit(
        actor, site.fill("/people/{number}/deceased"),
        {"on": today().isoformat(), "proof": "证明", "confirm": "周木"},
    )  # fmt: skip
    assert wrong.status_code == 422
    assert Person.objects.get(id=site.pupil.id).deceased_on is None
    nowhere = visit(root := officer(testing.make_root().path), site.fill("/organisations/{code}/move"),
                    {"place": "没有这个", "on": today().isoformat(), "reason": "改"})  # fmt: skip
    assert (nowhere.status_code, root.role) == (422, "county_admin")


def test_a_decision_is_made_on_the_page(visit: Visit, site: Site) -> None:
    actor = officer(site.county.path)
    Person.objects.filter(id=site.merged.id).update(canonical=None)
    assert visit(actor, site.fill("/suspects/{pair}"), {"decision": "first", "reason": ""}).status_code == 422
    assert visit(actor, site.fill("/suspects/{pair}"), {"decision": "first", "reason": "同一人"}).status_code == 302
    assert Person.objects.get(id=site.double.id).canonical_id == site.pupil.id
    answer = visit(actor, f"/people/{site.pupil.number}/merged/{site.double.number}/undo", {"reason": "误"})
    assert answer.status_code == 302
    assert Person.objects.get(id=site.double.id).canonical_id is None


def test_a_recorded_death_takes_two_steps_and_may_be_corrected(visit: Visit, site: Site) -> None:
    actor = officer(site.county.path)
    url = site.fill("/people/{number}/deceased")
    done = visit(actor, url, {"on": today().isoformat(), "proof": "死亡医学证明 3", "confirm": "周禾"})
    assert done.status_code == 302
    assert Person.objects.get(id=site.pupil.id).deceased_on == today()
    assert "更正去世登记" in visit(actor, url).content.decode()
    visit(actor, url, {"reason": "登记有误"})
    assert Person.objects.get(id=site.pupil.id).deceased_on is None
