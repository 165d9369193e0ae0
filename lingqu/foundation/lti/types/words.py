"""Names of LTI 1.3 Core, Deep Linking 2.0, Names and Role Provisioning 2.0, Assignment and Grade Services 2.0."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

PROTOCOL = "lti"
VERSION = "1.3.0"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
RESOURCE_REQUEST, DEEP_REQUEST, DEEP_RESPONSE = (
    "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiDeepLinkingResponse",
)  # fmt: skip
SECTION = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ITEMS, ITEMS_READ, RESULTS, SCORES = (
    f"{_AGS}lineitem", f"{_AGS}lineitem.readonly", f"{_AGS}result.readonly", f"{_AGS}score",
)  # fmt: skip

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


class Service(models.TextChoices):
    """What a tool may ask for by itself, without a person. The bureau allows each."""

    MEMBERS = "members", _("读取用到它的班级的名单")
    GRADES = "grades", _("建立计分项，送回分数，读取自己送回的成绩")


SCOPES_OF: dict[str, tuple[str, ...]] = {
    Service.MEMBERS: (MEMBERS,), Service.GRADES: (ITEMS, ITEMS_READ, RESULTS, SCORES),
}  # fmt: skip


class Message(models.TextChoices):
    RESOURCE = "resource", RESOURCE_REQUEST
    DEEP = "deep", DEEP_REQUEST


class Activity(models.TextChoices):
    """How far somebody is (AGS 3.4.7)."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class Grading(models.TextChoices):
    """How far the grading is (AGS 3.4.8). Only a fully graded score counts as a result."""

    FULLY = "FullyGraded"
    PENDING = "Pending"
    BY_HAND = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER, INSTRUCTOR, ADMINISTRATOR = (
    f"{_MEMBERSHIP}Learner", f"{_MEMBERSHIP}Instructor", f"{_MEMBERSHIP}Administrator",
)  # fmt: skip
INSTITUTION_ROLES = {
    "student": f"{_INSTITUTION}Student", "guardian": f"{_INSTITUTION}Observer", "teacher": f"{_INSTITUTION}Faculty",
    "class_teacher": f"{_INSTITUTION}Faculty", "academic_director": f"{_INSTITUTION}Faculty",
    "moral_director": f"{_INSTITUTION}Faculty", "principal": f"{_INSTITUTION}Administrator",
    "deputy_principal": f"{_INSTITUTION}Administrator", "school_admin": f"{_INSTITUTION}Administrator",
    "county_admin": f"{_INSTITUTION}Administrator",
}  # fmt: skip
"""Role here → role at the institution (LTI Core A.2.2); everybody else is staff."""
OTHER_ROLE = f"{_INSTITUTION}Staff"
CONTEXT_ROLES = {"student": LEARNER, "teacher": INSTRUCTOR, "class_teacher": INSTRUCTOR}
"""Role here → role in the class (LTI Core A.2.3); who else has to do with a class administers it."""


def institution_role(role: str) -> str:
    return INSTITUTION_ROLES.get(role, OTHER_ROLE)


def context_role(role: str) -> str:
    return CONTEXT_ROLES.get(role, ADMINISTRATOR)
