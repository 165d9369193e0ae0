"""The demo's shelf is made by the services, once."""

from __future__ import annotations

import pytest

from lingqu.config.demo.applications import VENDOR_LOGIN, set_up_applications
from lingqu.config.demo.numbers import CITY_REGION
from lingqu.foundation.applications.models import Application
from lingqu.foundation.identity import testing
from lingqu.foundation.registry import api as registry


@pytest.mark.django_db
def test_four_applications_stand_on_the_shelf_and_one_is_a_draft() -> None:
    city = registry.ensure_root(name="云汀市教育局（演示）", code=CITY_REGION)
    testing.duty_account("vendor", city, login=VENDOR_LOGIN)
    assert set_up_applications() == 4
    assert set_up_applications() == 0
    states = list(Application.objects.order_by("state").values_list("state", flat=True))
    assert states == ["draft", "live", "live", "live", "live"]
    reviewed = Application.objects.filter(state="live", vendor__isnull=False)
    assert [row.reviews.count() for row in reviewed] == [3, 3, 3]
    pupil = testing.make_person("周禾", organisation=city)
    testing.seat(pupil, testing.make_class(testing.make_school(parent=city)))
    page = testing.signed_in(testing.account_for(pupil)).get("/apps").content.decode()
    assert all(name in page for name in ("口语小教练（演示）", "体育打卡（演示）", "校车通（演示）"))
    assert "作文批改" not in page
