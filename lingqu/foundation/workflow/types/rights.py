"""Right codes of processes."""

from __future__ import annotations

CASE_VIEW = "workflow.case.view"
"""To see where cases stand and how long steps take; not what stands in their forms."""
CASE_DATA = "workflow.case.data"
"""To read the forms and files of cases as well."""
CASE_MANAGE = "workflow.case.manage"
"""To suspend, cancel, retry, pass and hand on cases of others: the console of stuck cases."""
CASE_COUNTER = "workflow.case.counter"
"""To start a case for somebody at a counter."""
DEFINE = "workflow.definition.edit"
"""To draft processes of one's own organisation."""
PUBLISH = "workflow.definition.publish"
"""To publish and withdraw them, and to move running cases to another version."""
ALL = (CASE_VIEW, CASE_DATA, CASE_MANAGE, CASE_COUNTER, DEFINE, PUBLISH)
