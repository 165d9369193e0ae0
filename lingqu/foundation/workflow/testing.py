"""Graphs drawn in a few words, and cases to try them with. For tests and benches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right

from .definition.design import Design, DesignStep
from .forms.schema import read as read_form
from .models import CaseFile, DefinitionVersion, Task
from .selectors.plans import stored
from .services import designing, starting
from .types.graph import AGREE, Flow, Graph, Multi, Node, NodeKind, Table, Wait, Work
from .types.participants import Rule, RuleKind
from .types.words import VersionState

STARTER = (Rule(kind=RuleKind.STARTER),)


class Drawing:
    """Nodes and flows by id: ``drawing.user("a"); drawing.line("start", "a", "end")``."""

    def __init__(self, key: str = "drawn") -> None:
        self.key = key
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.tables: list[Table] = []
        self.node("start", NodeKind.START)
        self.node("end", NodeKind.END)

    def node(self, node_id: str, kind: NodeKind, **more: Any) -> str:
        self.nodes[node_id] = Node(id=node_id, kind=kind, name=node_id, **more)
        return node_id

    def user(self, node_id: str, *, multi: Multi | None = None, scope: str = "", **work: Any) -> str:
        work = {"participants": STARTER, "outcomes": AGREE, **work}
        return self.node(node_id, NodeKind.USER, work=Work(**work), multi=multi, scope=scope)

    def timer(self, node_id: str, host: str, *, interrupts: bool = True, scope: str = "", **wait: Any) -> str:
        return self.node(
            node_id, NodeKind.BOUNDARY_TIMER, attached_to=host, interrupts=interrupts, scope=scope,
            wait=Wait(**(wait or {"days": 1})),
        )  # fmt: skip

    def flow(self, source: str, target: str, condition: str = "", *, is_default: bool = False) -> str:
        made = Flow(
            id=f"f{len(self.flows)}", source=source, target=target, condition=condition, is_default=is_default
        )  # fmt: skip
        self.flows.append(made)
        return made.id

    def line(self, *ids: str) -> None:
        for source, target in pairwise(ids):
            self.flow(source, target)

    def graph(self, **more: Any) -> Graph:
        return Graph(
            key=self.key, name=self.key, nodes=tuple(self.nodes.values()), flows=tuple(self.flows),
            tables=tuple(self.tables), **more,
        )  # fmt: skip


def make_version(organisation: Any, drawing: Drawing | Graph, **fields: Any) -> DefinitionVersion:
    """A published version of what was drawn; one that stood before is withdrawn. Without a form any field may be given."""
    graph = drawing.graph() if isinstance(drawing, Drawing) else drawing
    rows = DefinitionVersion.objects.filter(organisation=organisation, key=graph.key)
    rows.filter(state=VersionState.PUBLISHED).update(state=VersionState.WITHDRAWN)
    return DefinitionVersion.objects.create(
        organisation=organisation, path=organisation.path, key=graph.key, name=fields.pop("name", graph.name),
        number=rows.count() + 1, state=VersionState.PUBLISHED, graph=stored(graph), digest="0" * 64, author="test",
        published_at=clock.now(), audience=list(graph.audience), **fields,
    )  # fmt: skip


def acting(person: Any, *codes: str, at: str = "", role: str = "") -> Actor:
    """Somebody signed in, with rights at a place."""
    return Actor(
        kind="account", name=person.name, account_id=person.id, person_id=person.id, role=role, path=at,
        rights=tuple(Right(code, at or str(person.path)) for code in codes),
    )  # fmt: skip


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A draft and a case with an open step of each school, and a file beside the case."""
    made = [_at(node) for node in (world.own, world.other)]

    def pair(name: str, place: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return {name: made[0][place]}, {name: made[1][place]}

    by_argument = {
        "version_id": (0, DRAFT_ROUTES),
        "case_id": (1, CASE_ROUTES),
        "task_id": (2, TASK_ROUTES),
        "file_id": (3, ("file",)),
    }
    found = {
        f"workflow:{route}": pair(name, place) for name, (place, names) in by_argument.items() for route in names
    }  # fmt: skip
    for route, name, value in (("process_step", "step_id", "step1"), ("process_field", "name", "f1")):
        found[f"workflow:{route}"] = ({"version_id": made[0][0], name: value}, {"version_id": made[1][0], name: value})
    return found | {f"workflow:{route}": ({"key": "leave"}, {"key": "leave"}) for route in ("apply", "counter")}


DRAFT_ROUTES = (
    "process", "process_whole", "process_paper", "process_arrange", "process_preview", "process_publish",
    "process_withdraw", "process_discard", "process_take", "process_replace", "process_bpmn", "process_diagram",
)  # fmt: skip
CASE_ROUTES = ("case", "comment", "cancel", "steer", "paper", "bundle")
TASK_ROUTES = ("task", "claim", "send_back", "pass_on", "take_back")


def leave_design() -> Design:
    """A form of one field, one step."""
    form = read_form({"id": "form", "components": [{"type": "textfield", "key": "f1", "label": "事由"}]})
    step = DesignStep(id="step1", name="审批", who=STARTER)
    return Design(key="leave", name="请假", form=form, steps=(step,))


def _at(node: Any) -> tuple[Any, Any, Any, Any]:
    system = Actor.system("test")
    designing.install(actor=system, organisation=node.school, design=leave_design())
    draft = designing.create_draft(actor=system, organisation=node.school, name="草稿")
    designing.change(actor=system, version_id=draft, how=lambda _now: replace(leave_design(), key=_now.key))
    case = starting.start(
        actor=system, key="leave", organisation_id=node.school.id, subject_id=node.pupil.id, fields={"f1": "看病"}
    )  # fmt: skip
    file = CaseFile.objects.create(
        case=case, digest="0" * 64, name="a.pdf", size=1, media_type="application/pdf", added_by="test"
    )
    task = Task.objects.filter(case=case).first()
    return draft, case.id, task.id if task else case.id, file.id
