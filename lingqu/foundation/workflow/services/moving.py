"""A case under way inside one transaction: locked, told what happened, and written back once.

The case's row is locked first, called cases after those that call them; everything that hangs on a case is only changed
under that lock. ``Moving.finish`` writes all rows of the step together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import changes, clock, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, DomainError
from lingqu.kernel.statements import Batch, json_of

from ..engine import state as told
from ..engine.ends import end_state, number_of
from ..engine.step import Endless, step
from ..models import Call, Case, CaseLog, Subscription, Task, Timer
from ..selectors import clocks, participants, recusal
from ..selectors.plans import header_of, plan_of
from ..types.events import CaseEnded, CaseStuck, MessageThrown
from ..types.graph import Node, NodeKind
from ..types.handlers import HANDLERS, Ask, CaseFact
from ..types.participants import Rule, RuleKind
from ..types.words import Act, CaseState, TaskKind, TaskState
from . import desks, writing
from .locking import lock_case

PAUSING = (CaseState.RETURNED, CaseState.SUSPENDED)


class Moving:
    """One case in one transaction. ``tell`` moves it, ``finish`` writes it."""

    def __init__(self, actor: Actor, case: Case, *, is_new: bool = False, near: recusal.Near | None = None) -> None:
        self.near = near
        self.actor, self.case, self.is_new = actor, case, is_new
        self.now: datetime = clock.now()
        self.plan = plan_of(case.version_id)
        self.state = msgspec.convert(case.engine, type=told.State)
        self.fields: dict[str, Any] = {} if is_new else dict(case.data.fields)
        self.has_new_fields = is_new
        self.tasks: list[Task] = []
        self.timers: list[Timer] = []
        self.subscriptions: list[Subscription] = []
        self.calls: list[Call] = []
        self.log: list[CaseLog] = []
        self.dropped: dict[int, told.Drop] = {}
        self.answered = 0
        self.asked: dict[tuple[Rule, ...], tuple[str, ...]] = {}
        self.batch = Batch()
        self.unhooked: set[int] = set()
        self.rehooked: dict[int, str] = {}
        self.said: list[MessageThrown | CaseStuck] = []
        self.before = case.state
        self.reason = ""
        self.ended: told.Ended | None = None

    # What is told

    def tell(self, event: told.Event) -> None:
        """Move the case, and do what follows until nobody has to be asked any more. Raises :class:`Conflict` for an event
        whose token is gone."""
        waiting: deque[told.Event] = deque([event])
        while waiting:
            try:
                answer = step(self.plan, self.state, waiting.popleft(), self.context())
            except told.NotHere as error:
                raise Conflict(_("办件已经走到别的环节，请刷新后再试。"), code="moved_on") from error
            except Endless as error:
                raise Conflict(_("流程在没有人办理的环节之间打转，没有推进。"), code="endless") from error
            waiting.extend(self.take(answer))

    def take(self, answer: told.Answer) -> list[told.Event]:
        """Do what follows from a step; what has to be told next."""
        self.state = answer.state
        follows = [_EFFECTS[type(effect)](self, effect) for effect in answer.effects]
        return [follow for follow in follows if follow is not None]

    def give(self, token: int, address: str) -> None:
        """A stuck step of people goes to one address."""
        self.state = told.unstuck(self.state, token)
        found = self.state.find(token)
        if found is not None:
            self.tasks.append(self.task(token, self.plan.nodes[found.node], TaskKind.STEP, (address,)))

    def context(self) -> dict[str, Any]:
        case = self.case
        return {
            **self.fields, "today": clocks.day_of(self.now).isoformat(), "case_number": case.number,
            "case_title": case.title,
        }  # fmt: skip

    def fact(self) -> CaseFact:
        case = self.case
        return CaseFact(
            id=case.id, number=case.number, key=header_of(case.version_id)[0], title=case.title,
            organisation_id=case.organisation_id, path=str(case.path), starter_id=case.starter_id,
            subject_id=case.subject_id, fields=self.fields,
        )  # fmt: skip

    def set_fields(self, given: Mapping[str, Any]) -> None:
        if given:
            self.fields.update(given)
            self.has_new_fields = True

    def note(self, act: Act, **more: Any) -> None:
        """A row of the history. ``actor`` acts unless ``name`` says who."""
        more.setdefault("name", self.actor.name)
        more.setdefault("person_id", self.actor.person_id)
        self.log.append(CaseLog(case=self.case, act=act, at=self.now, **more))

    # What follows

    def open_task(self, effect: told.OpenTask) -> told.Event | None:
        node = self.plan.nodes[effect.node]
        if effect.is_participant:
            addresses: tuple[str, ...] = (str(effect.item),)
        else:
            addresses = self.found(node)
        if not addresses:
            return told.Failed(effect.token, "no_participant", _("找不到办理人：没有相应的岗位或人员。"))
        self.tasks.append(self.task(effect.token, node, TaskKind.STEP, addresses))
        return None

    def found(self, node: Node) -> tuple[str, ...]:
        """Whom a step asks; rules that repeat within one move are asked once."""
        rules = node.work.participants if node.work else ()
        by_chance = any(rule.kind == RuleKind.EXPERTS for rule in rules)
        each = node.multi is not None
        if rules not in self.asked or by_chance or each:
            self.asked[rules] = participants.resolve(rules, self.fact(), seed=self.seed(node), each=each)
        return self.kept(node, self.asked[rules])

    def kept(self, node: Node, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses without those at which only people would decide whose own case it is."""
        if node.work is None or not addresses or not recusal.applies(self.plan.graph, node):
            return addresses
        free = recusal.kept(addresses, node.work.participants, self.fact(), self.near)
        if free != addresses:
            self.note(
                Act.RECUSED, node=node.id, name=_("系统"), person_id=None, data={"from": list(addresses), "to": list(free)}
            )  # fmt: skip
        return free

    def seed(self, node: Node) -> int:
        """Chance that can be drawn again: from the case and the step."""
        return int.from_bytes(self.case.id.bytes[8:], "big") ^ number_of(node.id) ^ self.state.last

    def task(self, token: int, node: Node, kind: TaskKind, addresses: tuple[str, ...], **more: Any) -> Task:
        due, yellow = None, None
        if kind == TaskKind.STEP and node.work is not None:
            due, yellow = clocks.deadlines(
                str(self.case.path), self.now, node.work.days, node.work.yellow, is_working=node.work.is_working
            )
        return Task(
            case=self.case, token=token, node=node.id, name=node.name or node.id, kind=kind, addresses=list(addresses),
            opened_at=self.now, due_at=due, yellow_at=yellow, **more,
        )  # fmt: skip

    def open_correction(self, effect: told.OpenCorrection) -> None:
        starter = (f"person:{self.case.starter_id}",) if self.case.starter_id else ()
        self.tasks.append(self.task(effect.token, self.plan.nodes[effect.node], TaskKind.CORRECTION, starter))

    def find_participants(self, effect: told.FindParticipants) -> told.Event | None:
        node = self.plan.nodes[effect.node]
        seed = self.seed(node)
        found = self.found(node)
        if not found:
            self.stuck(told.Stuck(effect.token, effect.node, _("找不到办理人：没有相应的岗位或人员。")))
            return None
        self.note(
            Act.HANDLED, node=node.id, name=_("系统"), person_id=None, data={"found": len(found), "seed": str(seed)}
        )
        return told.Resolved(effect.token, found)

    def call_handler(self, effect: told.CallHandler) -> told.Event:
        """The handler works in a savepoint: refusing, it leaves nothing behind. What refuses while a case begins, before
        anybody was asked, refuses the case: the applicant reads why, and there is no case."""
        node = self.plan.nodes[effect.node]
        handler = HANDLERS.get(node.handler)
        if handler is None:
            return told.Failed(
                effect.token, "no_handler", _("本平台没有名为 %(name)s 的处理。") % {"name": node.handler}
            )
        ask = Ask(case=self.fact(), node=node.id, inputs=effect.inputs)
        try:
            with transaction.atomic():
                answer = handler.run(self.actor, ask)
        except DomainError as error:
            tells = self.is_new or (handler.refuses and not self.actor.is_system)
            if tells and not self.catches(node):
                raise
            return told.Failed(effect.token, error.code, error.message or error.code)
        if node.result:
            self.set_fields({node.result: answer})
        self.calls.append(
            Call(case=self.case, token=effect.token, node=node.id, handler=node.handler, inputs=effect.inputs,
                 answer=answer, done_at=self.now)
        )  # fmt: skip
        self.note(Act.HANDLED, node=node.id, name=_("系统"), person_id=None, data={"handler": node.handler})
        return told.Done(effect.token)

    def catches(self, node: Node) -> bool:
        """Whether somebody drew what happens when the step fails."""
        return any(one.kind == NodeKind.BOUNDARY_ERROR and one.attached_to == node.id for one in self.plan.graph.nodes)

    def start_case(self, effect: told.StartCase) -> told.Event | None:
        from .calling import open_called  # it starts a case, which moves like this one

        try:
            child = open_called(self, effect)
        except DomainError as error:
            return told.Failed(effect.token, error.code, error.message or error.code)
        return ended_event(child, effect.token) if child.ended is not None else None

    def set_timer(self, effect: told.SetTimer) -> told.Event | None:
        try:
            due = self.due_of(effect)
        except ValueError:
            return told.Failed(effect.token, "no_moment", _("定时的时刻看不懂：%(text)s") % {"text": effect.until[:40]})
        self.timers.append(
            Timer(case=self.case, token=effect.token, node=effect.node, due_at=due, left=effect.left)
        )  # fmt: skip
        return None

    def due_of(self, effect: told.SetTimer) -> datetime:
        """Days end with the day; a moment is taken as it is written, a date as its beginning."""
        wait = effect.wait
        if effect.until:
            moment = datetime.fromisoformat(effect.until)
            return moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)
        if wait.is_working:
            day = clocks.after(str(self.case.path), clocks.day_of(self.now), wait.days, is_working=True)
            return clocks.end_of(day) + timedelta(seconds=wait.seconds)
        return self.now + timedelta(days=wait.days, seconds=wait.seconds)

    def subscribe(self, effect: told.Subscribe) -> None:
        key = effect.key or ("" if effect.is_signal else self.case.number)
        self.subscriptions.append(
            Subscription(
                case=self.case, token=effect.token, node=effect.node, name=effect.name, key=key,
                is_signal=effect.is_signal,
            )
        )  # fmt: skip

    def throw(self, effect: told.Throw) -> None:
        key = effect.key or ("" if effect.is_signal else self.case.number)
        self.said.append(
            MessageThrown(case_id=self.case.id, name=effect.name, key=key, is_signal=effect.is_signal)
        )  # fmt: skip

    def drop(self, effect: told.Drop) -> None:
        self.dropped[effect.token] = effect
        self.tasks = [row for row in self.tasks if row.token != effect.token]
        self.timers = [row for row in self.timers if row.token != effect.token]
        self.subscriptions = [row for row in self.subscriptions if row.token != effect.token]

    def unhook(self, effect: told.Unhook) -> None:
        self.unhooked.add(effect.token)

    def rehook(self, effect: told.Rehook) -> None:
        self.rehooked[effect.token] = effect.node

    def set_data(self, effect: told.SetData) -> None:
        self.set_fields({effect.name: effect.value})

    def stuck(self, effect: told.Stuck) -> None:
        self.reason = effect.reason
        self.note(Act.STUCK, node=effect.node, name=_("系统"), person_id=None, comment=effect.reason[:500])
        self.said.append(CaseStuck(case_id=self.case.id, key=header_of(self.case.version_id)[0], node=effect.node))

    def end(self, effect: told.Ended) -> None:
        self.ended = effect

    def finish(self) -> Case:
        """Write everything: rows that ended, new rows, history, the case itself. Then the case that called this one."""
        case = self.case
        case.engine, engine = msgspec.to_builtins(self.state), json_of(self.state)
        case.revision += 1
        self.set_state()
        if self.is_new:
            self.batch.add(writing.BEGIN_SQL, [
                case.id, case.version_id, case.number, case.title, case.organisation_id, str(case.path), case.starter_id,
                case.starter_name, case.subject_id, str(case.state), case.reason, case.decision, engine, case.revision,
                case.parent_id, case.parent_token, case.saved, case.started_at, case.due_at, case.yellow_at, case.paused_at,
                case.ended_at,
            ])  # fmt: skip
            self.batch.add(writing.NEW_DATA_SQL, [case.id, json_of(self.fields)])
            self.batch.add(changes.INSERT_SQL, ["workflow.case", [str(case.id)], "c"])
            case._state.adding, case._state.db = False, "default"
        else:
            row = [
                engine, case.revision, str(case.state), case.reason, case.decision, case.ended_at, case.paused_at, case.due_at,
                case.yellow_at, case.id,
            ]  # fmt: skip
            if self.has_new_fields:
                self.batch.add(writing.CASE_AND_DATA_SQL, [json_of(self.fields), case.id, *row])
            else:
                self.batch.add(writing.CASE_SQL, row)
        self.end_rows()
        self.add_rows()
        desks.put(case, self.tasks, self.batch)
        for event in self.said:
            events.publish(event, batch=self.batch)
        if self.ended is not None:
            key = header_of(case.version_id)[0]
            events.publish(CaseEnded(case_id=case.id, key=key, state=case.state), batch=self.batch)
        self.batch.send()
        if self.ended is not None:
            self.tell_caller()
        return case

    def set_state(self) -> None:
        """The state that the tokens tell; the clock stands while the starter corrects."""
        case = self.case
        if self.ended is not None:
            case.state = end_state(self.ended)
            case.reason = self.ended.error or case.reason if case.state != CaseState.DONE else ""
            case.ended_at = self.now
            case.decision = next(reversed(self.state.decisions.values()), "")
        elif case.state != CaseState.SUSPENDED:
            marks = {token.mark for token in self.state.tokens}
            if marks & {told.Mark.STUCK, told.Mark.HELD, told.Mark.SURVEYS}:
                case.state = CaseState.STUCK
                case.reason = (self.reason or case.reason)[:1000]
            else:
                case.state = CaseState.RETURNED if told.Mark.RETURNED in marks else CaseState.RUNNING
                case.reason = ""
        if case.state in PAUSING and case.paused_at is None:
            case.paused_at = self.now
        elif case.state not in PAUSING and case.paused_at is not None and self.before in PAUSING:
            self.resume_clock()

    def resume_clock(self) -> None:
        case, paused = self.case, self.case.paused_at
        if paused is None:
            return
        graph, path = self.plan.graph, str(case.path)
        case.due_at = clocks.moved(path, case.due_at, paused, self.now, is_working=graph.is_working)
        case.yellow_at = clocks.moved(path, case.yellow_at, paused, self.now, is_working=graph.is_working)
        case.paused_at = None
        if case.ended_at is None:
            desks.shift(case, paused, self.now)

    def end_rows(self) -> None:
        """Rows of tokens that are gone or stand elsewhere."""
        case = self.case
        if self.is_new:
            return
        loose = [one for one, drop in self.dropped.items() if self.plan.listens(drop.node)] + list(self.rehooked)
        if loose:
            self.batch.add(writing.UNHOOK_SQL, [case.id, loose, case.id, loose])
        if self.dropped and self.plan.has_calls:
            for child in Case.objects.filter(parent=case, parent_token__in=list(self.dropped), ended_at=None):
                cancel_called(self.actor, child.id)
        closed = [one for one in (*self.dropped, *self.unhooked) if one != self.answered]
        if closed:
            self.batch.send()  # a task that was done is no longer open
            desks.withdraw(case, closed, self.now)
        for token, node in self.rehooked.items():
            name = self.plan.nodes[node].name or node
            Task.objects.filter(case=case, token=token, state=TaskState.OPEN).update(node=node, name=name)

    def add_rows(self) -> None:
        for task in self.tasks:
            self.batch.add(writing.TASK_SQL, [
                task.id, task.case_id, task.token, task.node, task.name, str(task.kind), task.addresses, task.asked_by_id,
                task.opened_at, task.due_at, task.yellow_at,
            ])  # fmt: skip
        for timer in self.timers:
            self.batch.add(writing.TIMER_SQL, [timer.case_id, timer.token, timer.node, timer.due_at, timer.left])
        if self.subscriptions or self.calls:
            self.batch.send()  # a new case stands before what hangs on it
        Subscription.objects.bulk_create(self.subscriptions)
        Call.objects.bulk_create(self.calls)
        for row in self.log:
            self.batch.add(writing.LOG_SQL, [
                row.case_id, row.at, str(row.act), row.node, row.task, row.person_id, row.name, row.decision, row.comment,
                json_of(row.data),
            ])  # fmt: skip

    def tell_caller(self) -> None:
        """The case that called this one goes on; it is locked already."""
        case = self.case
        if case.parent_id is None or case.parent_token is None or self.is_new:
            return
        parent = lock_case(case.parent_id)
        moving = Moving(self.actor, parent)
        token = moving.state.find(case.parent_token)
        if token is None or parent.ended_at is not None:
            return
        outputs = moving.plan.nodes[token.node].outputs
        moving.set_fields({given.name: self.fields.get(given.value) for given in outputs})
        moving.tell(ended_event(self, token.number))
        moving.finish()


def ended_event(called: Moving, token: int) -> told.Event:
    """What a called case that is over means to its caller."""
    case = called.case
    if case.state == CaseState.DONE:
        return told.Done(token, case.decision)
    code = called.ended.error if called.ended else ""
    return told.Failed(token, code or str(case.state), _("所调用的流程没有办成。"))


def cancel_called(actor: Actor, case_id: UUID) -> None:
    """A case that another one called is not needed any more."""
    moving = Moving(actor, lock_case(case_id))
    moving.note(Act.CANCELLED, name=_("系统"), person_id=None)
    moving.tell(told.Cancel())
    moving.finish()


_EFFECTS: dict[type, Callable[[Moving, Any], told.Event | None]] = {
    told.OpenTask: Moving.open_task, told.OpenCorrection: Moving.open_correction,
    told.FindParticipants: Moving.find_participants, told.CallHandler: Moving.call_handler,
    told.StartCase: Moving.start_case, told.SetTimer: Moving.set_timer, told.Subscribe: Moving.subscribe,
    told.Throw: Moving.throw, told.Drop: Moving.drop, told.Unhook: Moving.unhook, told.Rehook: Moving.rehook,
    told.SetData: Moving.set_data, told.Stuck: Moving.stuck, told.Ended: Moving.end,
}  # fmt: skip
