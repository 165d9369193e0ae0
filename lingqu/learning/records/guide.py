"""How a developer sends and reads records: the page of the developer centre, with examples that a test runs."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel.actor import Actor

PROTOCOL = "xapi"
STATEMENT = """{"actor": {"account": {"homePage": "%(base)s", "name": "P0001"}},
 "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"zh-CN": "完成"}},
 "object": {"id": "https://app.example/lessons/1",
            "definition": {"name": {"zh-CN": "分数的意义"}, "type": "urn:lingqu:xapi:type:lesson"}},
 "result": {"completion": true, "duration": "PT12M"}}"""
_HEADERS = '-H "X-Experience-API-Version: 2.0.0"'


def guide(_app: applications.App | None) -> applications.Guide:
    """Addresses and commands of this platform; ``$KEY`` and ``$SECRET`` are those of a credential."""
    base = settings.LINGQU_PUBLIC_URL
    ask = f'curl -u "$KEY:$SECRET" {_HEADERS}'
    statement = STATEMENT % {"base": base}
    state = f"{base}/xapi/activities/state?activityId=https%3A%2F%2Fapp.example%2Flessons%2F1&stateId=place&agent="
    agent = "%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Fapp.example%22%2C%22name%22%3A%22u1%22%7D%7D"
    return applications.Guide(
        protocol=PROTOCOL, title=_("学习记录（xAPI）"),
        summary=_("把学习过程写成 xAPI 语句，1.0.3 和 2.0 都可以。凭证在应用的“学习记录接口”页上新建。"),
        addresses=(
            (_("接口"), f"{base}/xapi"), (_("语句"), f"{base}/xapi/statements"), (_("平台的动词和活动类型"), f"{base}/xapi/profile"),
        ),
        examples=(
            applications.Example(
                title=_("写一条语句"),
                told=_("actor 用账号：平台人员编号配平台地址，或者您自己的用户编号配您的地址；对上的人能看到自己的记录。"),
                text=f"{ask} -H 'Content-Type: application/json' {base}/xapi/statements -d '{statement}'",
            ),
            applications.Example(
                title=_("取最近的语句"), told=_("结果里有 more 时，接着请求它就是下一页。"),
                text=f"{ask} '{base}/xapi/statements?limit=10'",
            ),
            applications.Example(
                title=_("保存学到哪里"), told=_("第二次写入要带 If-Match，防止覆盖别处的修改。"),
                text=f"{ask} -X PUT -H 'Content-Type: application/json' '{state}{agent}' -d '{{\"page\": 3}}'",
            ),
            applications.Example(
                title=_("取回学到哪里"), text=f"{ask} '{state}{agent}'",
            ),
        ),
    )  # fmt: skip


def card(_actor: Actor, app: applications.App) -> applications.SettingsCard:
    """On the application's page: where it sends to, and the way to its keys."""
    return applications.SettingsCard(
        protocol=PROTOCOL, title=_("学习记录（xAPI）"), is_ready=None, url=reverse("records:credentials", args=[app.client_id]),
        lines=((_("接口"), f"{settings.LINGQU_PUBLIC_URL}/xapi"),),
    )  # fmt: skip
