"""Resources of a class and time: up with the class into the next year and back, and when pupils may open them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lingqu.foundation.applications.testing import adopt
from lingqu.foundation.identity import testing
from lingqu.foundation.lti.models import LineItem, ResourceLink, Score, Tool
from lingqu.foundation.lti.services import years
from lingqu.foundation.lti.testing import KEY, make_tool, put_link
from lingqu.foundation.lti.types.words import CLAIM, DL, MEMBERS
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import ClassGroup
from lingqu.kernel import clock, outgoing
from lingqu.kernel.models import AuditEntry
from lingqu.kernel.testing import deliver_events
from tests.yearly.conftest import in_august  # noqa: F401
from tests.yearly.worlds import TO, everything, five_four_nine_year, run

from .conftest import School
from .making import ask, asserted, begun, chosen, launched, signed, token_answer

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 8, 20, 2, 0, tzinfo=UTC)


def rise() -> None:
    run("preview")
    assert run("apply", include_missing=True) == {"applied": 1}


def in_classes() -> Any:
    return ResourceLink.objects.filter(class_group__isnull=False)


def become(group: Any) -> ClassGroup:
    """The class of the next year."""
    return ClassGroup.objects.get(school=group.school, school_year_id=TO, grades=["G03"])


@pytest.fixture
def second(in_august: None) -> Any:  # noqa: F811
    five_four_nine_year()
    return ClassGroup.objects.get(grades=["G02"])


def test_resources_go_up_with_their_class_and_know_what_they_were(second: Any) -> None:
    _app, tool = make_tool()
    link = put_link(tool, second, custom={"a": "b"}, url="https://tool.example.cn/x")
    over, gone = (
        put_link(tool, second, "上周作业", ends_at=clock.now() - timedelta(days=400)),
        put_link(tool, second, "已移出"),
    )
    ResourceLink.objects.filter(id=gone.id).update(removed_at=NOON)
    item = LineItem.objects.create(
        tool=tool, class_group=second, link=link, label="小测", maximum=100, tag="t", starts_at=NOON
    )
    rise()
    deliver_events()
    there = become(second)
    [moved] = ResourceLink.objects.filter(class_group=there)
    assert (moved.title, moved.custom, moved.url) == (link.title, link.custom, link.url)
    assert (moved.former_links, moved.former_classes) == ([link.id], [second.id])
    [copy] = LineItem.objects.filter(class_group=there)
    assert (copy.link_id, copy.label, copy.maximum, copy.tag, copy.starts_at) == (moved.id, "小测", 100, "t", None)
    assert LineItem.objects.get(id=item.id).link_id == link.id
    assert {one.id for one in ResourceLink.objects.filter(class_group=second)} == {link.id, over.id, gone.id}
    entry = AuditEntry.objects.get(action="lti.links_carried")
    assert entry.data == {"to_year": TO, "links": 1, "items": 1}
    pairs = [(second.id, there.id)]
    assert years.carry_over(school_id=second.school_id, to_year=TO, classes=pairs) == 0, "told twice, done once"


def test_undo_takes_them_back_and_the_class_goes(second: Any) -> None:
    _app, tool = make_tool()
    link = put_link(tool, second)
    LineItem.objects.create(tool=tool, class_group=second, link=link, label="小测", maximum=100)
    registry.recount()
    before = everything()
    rise()
    deliver_events()
    assert in_classes().count() == 2
    run("undo")
    deliver_events()
    assert [one.id for one in in_classes()] == [link.id]
    assert LineItem.objects.count() == 1
    assert not ClassGroup.objects.filter(school_year_id=TO).exists()
    registry.recount()
    assert everything() == before
    rise()
    deliver_events()
    assert ResourceLink.objects.filter(class_group=become(second)).count() == 1


def test_what_is_told_after_the_step_was_taken_back_does_nothing(second: Any) -> None:
    _app, tool = make_tool()
    put_link(tool, second)
    rise()
    run("undo")
    deliver_events()
    assert in_classes().count() == 1


def test_a_score_in_the_new_class_keeps_its_resource(second: Any) -> None:
    _app, tool = make_tool()
    link = put_link(tool, second)
    LineItem.objects.create(tool=tool, class_group=second, link=link, label="小测", maximum=100)
    rise()
    deliver_events()
    item = LineItem.objects.get(class_group=become(second))
    account = testing.account_for(testing.make_person("江一帆", organisation=second.school))
    Score.objects.create(
        item=item, account=account, person=account.person, subject="s", activity="Completed", grading="FullyGraded",
        scored_at=NOON,
    )  # fmt: skip
    run("undo")
    assert ResourceLink.objects.filter(class_group__school_year_id=TO).count() == 1 and Score.objects.count() == 1


def test_a_resource_put_into_the_new_class_keeps_it(second: Any) -> None:
    rise()
    _app, tool = make_tool()
    there = become(second)
    put_link(tool, there)
    run("undo")
    assert ClassGroup.objects.filter(id=there.id, size=0).exists()
    assert ClassGroup.objects.filter(school_year_id=TO).count() == 1


def test_a_tool_learns_the_history_by_its_variables(school: School) -> None:
    names = ("ResourceLink.id.history", "Context.id.history", "ResourceLink.available.startDateTime")
    custom = "\n".join(f"v{at}=${name}" for at, name in enumerate(names))
    app, tool = make_tool({"custom": custom})
    adopt(app, school.organisation)
    old, older = school.other_group.id, school.group.id
    link = put_link(tool, school.group, former_links=[older, old], former_classes=[old, older])
    told = launched(testing.signed_in(school.pupils[0]), f"/lti/links/{link.id}")[f"{CLAIM}custom"]
    assert told == {"v0": f"{old},{older}", "v1": f"{older},{old}", "v2": ""}


# ---- availability --------------------


def test_pupils_open_a_resource_within_its_time_and_teachers_always(school: School) -> None:
    app, tool = make_tool()
    adopt(app, school.organisation)
    link = put_link(tool, school.group)
    teacher, pupil = testing.signed_in(school.teacher), testing.signed_in(school.pupils[0])
    at = clock.now()
    soon, late = (f"{(at + timedelta(days=days)).astimezone(clock.ZONE):%Y-%m-%dT%H:%M}" for days in (1, 2))
    times = f"/lti/links/{link.id}/times"
    assert teacher.get(times).status_code == 200
    assert teacher.post(times, {"starts_at": soon, "ends_at": late})["Location"] == f"/classes/{school.group.id}/lti"
    link.refresh_from_db()
    assert link.starts_at is not None and link.ends_at is not None and link.starts_at > at
    page = pupil.get(f"/classes/{school.group.id}/lti").content.decode()
    assert "还没开放" in page and f'/lti/links/{link.id}"' not in page
    refused = pupil.get(f"/lti/links/{link.id}")
    assert refused.status_code == 409 and "起可以打开" in refused.content.decode()
    begun(teacher, f"/lti/links/{link.id}")
    ResourceLink.objects.update(starts_at=at - timedelta(days=2), ends_at=at + timedelta(hours=1))
    told = begun(pupil, f"/lti/links/{link.id}")
    ResourceLink.objects.update(ends_at=at - timedelta(days=1))
    assert ask(pupil, told).status_code == 409, "the end is asked again at the token"
    assert "已于" in pupil.get(f"/lti/links/{link.id}").content.decode()
    assert "已结束" in pupil.get(f"/classes/{school.group.id}/lti").content.decode()


@pytest.mark.parametrize(
    "given", [{"starts_at": "2027-01-02T08:00", "ends_at": "2027-01-01T08:00"}, {"ends_at": "明天"}]
)
def test_times_that_make_no_sense_are_refused(school: School, given: dict[str, str]) -> None:
    app, tool = make_tool()
    adopt(app, school.organisation)
    link = put_link(tool, school.group)
    answer = testing.signed_in(school.teacher).post(f"/lti/links/{link.id}/times", given)
    link.refresh_from_db()
    assert answer.status_code == 422 and (link.starts_at, link.ends_at) == (None, None)
    assert testing.signed_in(school.pupils[0]).post(f"/lti/links/{link.id}/times", given).status_code == 403


def test_deep_linking_brings_the_times_along(school: School) -> None:
    app, tool = make_tool()
    adopt(app, school.organisation)
    browser = testing.signed_in(school.teacher)
    data = launched(browser, f"/classes/{school.group.id}/lti/choose/{app.client_id}")[f"{DL}deep_linking_settings"][
        "data"
    ]
    item = {"type": "ltiResourceLink", "title": "周测"}
    turned = {"startDateTime": "2027-03-08T08:00:00+08:00", "endDateTime": "2027-03-01T08:00:00+08:00"}
    refused = browser.post(
        "/lti/deep-links",
        {"JWT": signed(chosen(app, tool, data, **{f"{DL}content_items": [{**item, "available": turned}]}))},
    )
    assert refused.status_code == 422 and not ResourceLink.objects.filter(title="周测").exists()
    good = {"startDateTime": "2027-03-01T08:00:00+08:00"}
    taken = browser.post(
        "/lti/deep-links",
        {"JWT": signed(chosen(app, tool, data, **{f"{DL}content_items": [{**item, "available": good}]}))},
    )
    assert taken.status_code == 302
    link = ResourceLink.objects.get(title="周测")
    assert (link.starts_at, link.ends_at) == (datetime(2027, 3, 1, tzinfo=UTC), None)


def test_keys_of_a_tool_that_cannot_be_read_count_for_a_day(school: School, monkeypatch: Any) -> None:
    def silent(*_args: Any, **_more: Any) -> Any:
        raise outgoing.OutgoingFailed("down")

    app, _tool = make_tool()
    monkeypatch.setattr(outgoing, "get", silent)
    keys = {"keys": [KEY.as_dict(private=False)]}
    at = clock.now()

    def answer(hours: int) -> Any:
        old = at - timedelta(hours=hours)
        Tool.objects.update(
            jwks=None, jwks_url="https://tool.example.cn/jwks", fetched=keys, fetched_at=old, read_at=old
        )
        return token_answer(signed(asserted(app)), MEMBERS)

    assert answer(23).status_code == 200
    refused = answer(25)
    assert refused.status_code == 401 and "24 hours" in refused.json()["error_description"]
