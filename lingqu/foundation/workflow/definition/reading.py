"""Reads the parts of one element: who, how long, which message. What is missing becomes a problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from ..types.graph import Multi, Wait
from . import extensions as own
from .document import LQ, tag
from .durations import is_moment, wait_of_cycle, wait_of_duration
from .expressions import fault_of
from .known import Known
from .outline import Flow, Step, text_of
from .problems import Problem, problem


@dataclass(slots=True, kw_only=True)
class Reading:
    """``targets`` has every element of the file by id; ``names`` what expressions may use, None for anything."""

    step: Step
    targets: dict[str, etree._Element]
    names: frozenset[str] | None
    known: Known
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, sentence: str, **values: object) -> None:
        self.problems.append(problem(code, self.step, sentence, **values))

    def say_of(self, flow: Flow, code: str, sentence: str, **values: object) -> None:
        self.problems.append(problem(code, flow, sentence, **values))

    def work(self) -> dict[str, Any]:
        made, faults = own.work_of(self.step.xml, self.known)
        for fault in faults:
            self.say("bad_work", _("%(what)s：%(fault)s"), fault=fault)
        if not made.participants:
            self.say("no_participant", _("%(what)s没有写由谁办。"))
        fields = own.field_keys_of(_process_of(self.step.xml))
        unknown = [key for key in (*made.reads, *made.writes) if key != "*" and key not in fields]
        if unknown and fields:
            self.say("unknown_field", _("%(what)s写了表单里没有的项目 %(key)s。"), key=unknown[0])
        return {"work": made}

    def multi(self) -> dict[str, Any]:
        xml = self.step.child("multiInstanceLoopCharacteristics")
        if xml is None:
            return {}
        made = Multi(
            is_sequential=xml.get("isSequential") in ("true", "1"), collection=own.text_at(xml, "collection"),
            count=text_of(xml.find(tag("loopCardinality"))), item=own.item_of(self.step.xml) or "item",
            completion=text_of(xml.find(tag("completionCondition"))),
        )  # fmt: skip
        if self.step.kind not in ("userTask", "manualTask") and not made.collection and not made.count:
            self.say("no_collection", _("%(what)s要办多次，却没有写对哪些对象办（集合或次数）。"))
        for text in (made.collection, made.count, made.completion):
            self._check(text, "bad_multi", _("%(what)s的多次办理“%(text)s”%(fault)s。"))
        return {"multi": made}

    def handler(self) -> dict[str, Any]:
        name = self.step.own("handler")
        if not name:
            self.say("no_handler", _("%(what)s没有写由哪个系统动作办（lq:handler）。"))
        elif self.known.handlers is not None and name not in self.known.handlers:
            self.say("unknown_handler", _("%(what)s的系统动作 %(name)s 不存在。"), name=name)
        return {"handler": name, "result": self.step.own("result"), "inputs": self._given("input")}

    def table(self) -> dict[str, Any]:
        name = self.step.own("table")
        tables = {one.key for one in own.tables_of(_process_of(self.step.xml))}
        if not name:
            self.say("no_table", _("%(what)s没有写用哪张规则表（lq:table）。"))
        elif name not in tables:
            self.say("unknown_table", _("%(what)s的规则表 %(name)s 不在文件里。"), name=name)
        return {"table": name, "result": self.step.own("result"), "inputs": self._given("input")}

    def call(self) -> dict[str, Any]:
        key = self.step.own("called") or self.step.xml.get("calledElement", "")
        if not key:
            self.say("no_called", _("%(what)s没有写调用哪个流程。"))
        elif self.known.definitions is not None and key not in self.known.definitions:
            self.say("unknown_called", _("%(what)s调用的流程 %(name)s 还没有发布。"), name=key)
        return {"called": key, "inputs": self._given("input"), "outputs": self._given("output")}

    def message(self) -> dict[str, Any]:
        holder = self.step.definition("message")
        name = self._name_of((holder if holder is not None else self.step.xml).get("messageRef", ""))
        if not name:
            self.say("no_message", _("%(what)s没有写是哪个消息。"))
        correlation = self.step.own("correlation")
        self._check(correlation, "bad_correlation", _("%(what)s的对应关系“%(text)s”%(fault)s。"))
        return {"message": name, "correlation": correlation, "inputs": self._given("input")}

    def signal(self) -> dict[str, Any]:
        holder = self.step.definition("signal")
        name = self._name_of(holder.get("signalRef", "") if holder is not None else "")
        if not name:
            self.say("no_signal", _("%(what)s没有写是哪个信号。"))
        return {"signal": name}

    def error(self) -> dict[str, Any]:
        holder = self.step.definition("error")
        target = self.targets.get(_local(holder.get("errorRef", ""))) if holder is not None else None
        code = (target.get("errorCode") or target.get("name") or target.get("id", "")) if target is not None else ""
        if not code and self.step.kind == "endEvent":
            self.say("no_error", _("%(what)s没有写是哪种错误。"))
        return {"error": code}

    def timer(self) -> dict[str, Any]:
        return {"wait": self._wait()}

    def timer_at(self) -> dict[str, Any]:
        return {**self._attached(), "wait": self._wait()}

    def message_at(self) -> dict[str, Any]:
        return {**self._attached(), **self.message()}

    def signal_at(self) -> dict[str, Any]:
        return {**self._attached(), **self.signal()}

    def error_at(self) -> dict[str, Any]:
        return {**self._attached(), **self.error(), "interrupts": True}

    def _attached(self) -> dict[str, Any]:
        return {"attached_to": self.step.attached, "interrupts": self.step.is_interrupting()}

    def _wait(self) -> Wait | None:
        holder = self.step.definition("timer")
        if holder is None:
            return None
        is_working = (holder.get(tag("calendar", LQ)) or self.step.own("calendar")) == "work"
        duration, moment, cycle = (
            text_of(holder.find(tag(name))) for name in ("timeDuration", "timeDate", "timeCycle")
        )
        made: Wait | None = None
        if duration:
            made = wait_of_duration(duration, is_working=is_working)
        elif moment:
            made = Wait(until=f'"{moment}"' if is_moment(moment) else moment)
            if not is_moment(moment):
                self._check(moment, "bad_moment", _("%(what)s的时刻“%(text)s”%(fault)s。"))
        elif cycle and self.step.kind == "boundaryEvent" and not self.step.is_interrupting():
            made = wait_of_cycle(cycle, is_working=is_working)
        elif cycle:
            self.say("cycle", _("%(what)s写的是循环时间；只有不打断环节的边界事件可以重复。"))
            return None
        else:
            self.say("no_duration", _("%(what)s没有写等多久。"))
            return None
        if made is None:
            self.say("bad_duration", _("%(what)s的时长“%(text)s”不能用，请写成 P3D（3 天）或 PT12H（12 小时）这样。"),
                     text=duration or cycle)  # fmt: skip
        return made

    def _given(self, name: str) -> tuple[Any, ...]:
        found = own.given_values(self.step.xml, name)
        for one in found:
            if name == "input":
                self._check(one.value, "bad_input", _("%(what)s的传入值“%(text)s”%(fault)s。"))
        return found

    def _check(self, text: str, code: str, sentence: str) -> None:
        if text and (fault := fault_of(text, self.names)):
            self.say(code, sentence, text=text if len(text) <= 40 else text[:39] + "…", fault=fault)

    def _name_of(self, reference: str) -> str:
        target = self.targets.get(_local(reference))
        return "" if target is None else target.get("name") or target.get("id", "")


def _local(reference: str) -> str:
    """References are QNames in some tools: ``tns:Message_1``."""
    return reference.rpartition(":")[2]


def _process_of(xml: etree._Element) -> etree._Element:
    return next(one for one in xml.iterancestors(tag("process")))
