from __future__ import annotations

import pytest

from lingqu.kernel import feeds, home
from lingqu.kernel.errors import Conflict
from lingqu.kernel.models import HomeState


def test_before_the_first_start_there_is_no_home(db):
    assert home.find_home() is None
    assert home.is_demo() is False
    assert feeds.adopt_cluster() is False


def test_starting_again_changes_only_the_version(db):
    first = home.set_up(kind="demo", node_code="001", version="0.1.0")
    again = home.set_up(kind="demo", node_code="001", version="0.2.0")
    assert (first.kind, first.is_demo, first.node_code, first.version) == ("demo", True, "001", "0.1.0")
    assert (again.version, again.created_at) == ("0.2.0", first.created_at)
    assert home.find_home() == again
    assert home.is_demo() is True
    assert HomeState.objects.get().feed_era == 0


@pytest.mark.parametrize(("change", "code"), [({"kind": "demo"}, "home_kind"), ({"node_code": "002"}, "home_node")])
def test_a_home_stays_what_it_is(db, change, code):
    settled = {"kind": "real", "node_code": "001", "version": "0.1.0"}
    home.set_up(**settled)
    with pytest.raises(Conflict) as refusal:
        home.set_up(**{**settled, **change})
    assert refusal.value.code == code
