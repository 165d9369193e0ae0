"""Services of the demo city: the shipped definitions, and a window for 转学 that is open today, so that a case can be tried."""

from __future__ import annotations

from datetime import timedelta

from lingqu.campus.office import api as office
from lingqu.foundation.registry import api as registry
from lingqu.governance.service_hall import api as service_hall
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

ACTOR = Actor.system("demo")
SOURCE = "云汀市义务教育学校转学实施细则（演示）第六条：演示期间常年办理。"


def set_up_services() -> int:
    """How many definitions are new. Repeating it changes nothing."""
    root = registry.root_organisation()
    if root is None:
        return 0
    values = service_hall.shipped_values("transfer")
    first, last = today() - timedelta(days=60), today() + timedelta(days=120)
    window = {"start": f"{first:%m-%d}", "end": f"{last:%m-%d}", "term": "2"}
    if not service_hall.has_rule(root.id, "transfer"):
        service_hall.set_rule(
            actor=ACTOR, organisation_code=root.code or "", kind="transfer", values={**values, "windows": [window]},
            source=SOURCE, valid_from=today(),
        )  # fmt: skip
    if not office.online_at(str(root.path)).place:
        office.offer(actor=ACTOR, organisation=root, reason="演示城市全市启用；学校可以在“假别与天数”里停用")
    return service_hall.install_services()
