"""The door of processes: all that other modules may use."""

from .definition.design import Condition, Design, DesignStep, Paper, Sign, Together
from .forms.schema import read as read_form
from .selectors.cases import get_case, get_file, get_task, list_cases, list_own, list_stuck
from .selectors.doors import Way, list_ways
from .selectors.figures import count_running, process_figures
from .selectors.plans import find_version
from .selectors.prefill import known_fields
from .selectors.tasks import list_done
from .selectors.worklist import list_open
from .services.acting import claim, comment, complete, return_back, take_back
from .services.designing import install
from .services.passing import countersign, delegate, escalate, hand_on, reassign
from .services.starting import start
from .services.steering import cancel, migrate, pass_on, resume, retry, suspend
from .services.timing import correlate
from .types import rights
from .types.events import CaseEnded, CaseStarted, CaseStuck
from .types.graph import Graph
from .types.handlers import Ask, CaseFact, register
from .types.participants import Place, Rule, RuleKind
from .types.starts import begins_at
from .types.views import CaseLine, CaseView, NodeFigures, ProcessFigures, TaskLine, TaskView
from .types.words import Audience

__all__ = [
    "Ask",
    "Audience",
    "CaseEnded",
    "CaseFact",
    "CaseLine",
    "CaseStarted",
    "CaseStuck",
    "CaseView",
    "Condition",
    "Design",
    "DesignStep",
    "Graph",
    "NodeFigures",
    "Paper",
    "Place",
    "ProcessFigures",
    "Rule",
    "RuleKind",
    "Sign",
    "TaskLine",
    "TaskView",
    "Together",
    "Way",
    "begins_at",
    "cancel",
    "claim",
    "comment",
    "complete",
    "correlate",
    "count_running",
    "countersign",
    "delegate",
    "escalate",
    "find_version",
    "get_case",
    "get_file",
    "get_task",
    "hand_on",
    "install",
    "known_fields",
    "list_cases",
    "list_done",
    "list_open",
    "list_own",
    "list_stuck",
    "list_ways",
    "migrate",
    "pass_on",
    "process_figures",
    "read_form",
    "reassign",
    "register",
    "resume",
    "retry",
    "return_back",
    "rights",
    "start",
    "suspend",
    "take_back",
]
