"""Names of BPMN's elements in the reader's language, and which of them run here."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KINDS = {
    "startEvent": gettext_lazy("开始事件"), "endEvent": gettext_lazy("结束事件"),
    "intermediateCatchEvent": gettext_lazy("等待事件"), "intermediateThrowEvent": gettext_lazy("发出事件"),
    "boundaryEvent": gettext_lazy("边界事件"), "task": gettext_lazy("任务"), "userTask": gettext_lazy("人工任务"),
    "manualTask": gettext_lazy("手工任务"), "serviceTask": gettext_lazy("系统任务"), "sendTask": gettext_lazy("发送任务"),
    "receiveTask": gettext_lazy("接收任务"), "businessRuleTask": gettext_lazy("规则任务"),
    "scriptTask": gettext_lazy("脚本任务"), "callActivity": gettext_lazy("调用流程"), "subProcess": gettext_lazy("子流程"),
    "transaction": gettext_lazy("事务子流程"), "adHocSubProcess": gettext_lazy("即席子流程"),
    "exclusiveGateway": gettext_lazy("排他网关"), "parallelGateway": gettext_lazy("并行网关"),
    "inclusiveGateway": gettext_lazy("包容网关"), "eventBasedGateway": gettext_lazy("事件网关"),
    "complexGateway": gettext_lazy("复杂网关"), "sequenceFlow": gettext_lazy("连线"), "process": gettext_lazy("流程"),
    "definitions": gettext_lazy("文件"),
}  # fmt: skip
EVENTS = {
    "message": gettext_lazy("消息"), "timer": gettext_lazy("定时"), "signal": gettext_lazy("信号"),
    "error": gettext_lazy("错误"), "escalation": gettext_lazy("升级"), "compensate": gettext_lazy("补偿"),
    "cancel": gettext_lazy("取消"), "conditional": gettext_lazy("条件"), "link": gettext_lazy("链接"),
    "terminate": gettext_lazy("终止"),
}  # fmt: skip
TASKS = frozenset({
    "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity",
    "subProcess",
})  # fmt: skip
SCOPES_REFUSED = frozenset({"transaction", "adHocSubProcess"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
DECIDING = frozenset({"exclusiveGateway", "inclusiveGateway"})
RUNNING_EVENTS = {
    "startEvent": frozenset({"", "message"}),
    "endEvent": frozenset({"", "terminate", "error", "message", "signal"}),
    "intermediateCatchEvent": frozenset({"timer", "message", "signal"}),
    "intermediateThrowEvent": frozenset({"", "message", "signal"}),
    "boundaryEvent": frozenset({"timer", "message", "signal", "error"}),
}  # fmt: skip
"""Which events run, by the kind of node; everything else is refused by name."""


def name_of_kind(kind: str, event: str = "") -> str:
    """``定时边界事件``, ``人工任务``; the word of BPMN for what has no name here."""
    name = str(KINDS.get(kind, kind))
    if not event:
        return name
    return _("%(event)s%(kind)s") % {"event": EVENTS.get(event, event), "kind": name}
