"""Graphs drawn in a few words, and cases to try them with. For tests and benches."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, Right

from .models import DefinitionVersion
from .selectors.plans import stored
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
        published_at=clock.now(), **fields,
    )  # fmt: skip


def acting(person: Any, *codes: str, at: str = "", role: str = "") -> Actor:
    """Somebody signed in, with rights at a place."""
    return Actor(
        kind="account", name=person.name, account_id=person.id, person_id=person.id, role=role, path=at,
        rights=tuple(Right(code, at or str(person.path)) for code in codes),
    )  # fmt: skip
