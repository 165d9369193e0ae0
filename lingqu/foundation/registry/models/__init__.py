"""Tables of the register. Episodes carry ``valid_from``/``valid_to`` (half-open days, open end = None)."""

from .advances import SchoolAdvance
from .attributes import PupilAttribute
from .classes import CLASS_IN_USE, ClassGroup, ClassMembership, Course, SchoolYear, TeachingAssignment, Term
from .exports import ListExport, ListLayout
from .organisations import Organisation, OrganisationCount, OrganisationParent, OrganisationRelation
from .people import (
    Appointment,
    Duty,
    Enrolment,
    ExternalIdentifier,
    Guardianship,
    Person,
    PersonHistory,
    RegisterEntry,
)
from .posts import Post, PostHolder
from .reference import CodeTable, CodeValue, FieldDefinition
from .sources import LoadedChunk, Source, SourceLink
from .suspects import SuspectPair

__all__ = [
    "CLASS_IN_USE",
    "Appointment",
    "ClassGroup",
    "ClassMembership",
    "CodeTable",
    "CodeValue",
    "Course",
    "Duty",
    "Enrolment",
    "ExternalIdentifier",
    "FieldDefinition",
    "Guardianship",
    "ListExport",
    "ListLayout",
    "LoadedChunk",
    "Organisation",
    "OrganisationCount",
    "OrganisationParent",
    "OrganisationRelation",
    "Person",
    "PersonHistory",
    "Post",
    "PostHolder",
    "PupilAttribute",
    "RegisterEntry",
    "SchoolAdvance",
    "SchoolYear",
    "Source",
    "SourceLink",
    "SuspectPair",
    "TeachingAssignment",
    "Term",
]
