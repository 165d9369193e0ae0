"""Names that cmi5 fixes: verbs, extensions, categories, documents (sections 9 to 11)."""

from __future__ import annotations

_ADL = "http://adlnet.gov/expapi/verbs/"
_W3ID = "https://w3id.org/xapi/adl/verbs/"
INITIALIZED = f"{_ADL}initialized"
COMPLETED = f"{_ADL}completed"
PASSED = f"{_ADL}passed"
FAILED = f"{_ADL}failed"
TERMINATED = f"{_ADL}terminated"
LAUNCHED = f"{_ADL}launched"
VOIDED = f"{_ADL}voided"
ABANDONED = f"{_W3ID}abandoned"
WAIVED = f"{_W3ID}waived"
SATISFIED = f"{_W3ID}satisfied"
UNIT_VERBS = (INITIALIZED, COMPLETED, PASSED, FAILED, TERMINATED)

_EXTENSIONS = "https://w3id.org/xapi/cmi5/context/extensions/"
SESSION_ID = f"{_EXTENSIONS}sessionid"
MASTERY_SCORE = f"{_EXTENSIONS}masteryscore"
LAUNCH_MODE = f"{_EXTENSIONS}launchmode"
LAUNCH_URL = f"{_EXTENSIONS}launchurl"
MOVE_ON = f"{_EXTENSIONS}moveon"
LAUNCH_PARAMETERS = f"{_EXTENSIONS}launchparameters"
REASON = "https://w3id.org/xapi/cmi5/result/extensions/reason"

CMI5_CATEGORY = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVE_ON_CATEGORY = "https://w3id.org/xapi/cmi5/context/categories/moveon"
BLOCK_TYPE = "https://w3id.org/xapi/cmi5/activitytype/block"
COURSE_TYPE = "https://w3id.org/xapi/cmi5/activitytype/course"

LAUNCH_DATA = "LMS.LaunchData"
PREFERENCES = "cmi5LearnerPreferences"

NORMAL, BROWSE, REVIEW = "Normal", "Browse", "Review"
WAIVE_REASONS = ("Tested Out", "Equivalent AU", "Equivalent Outside Activity", "Administrative")
