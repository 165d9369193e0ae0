"""The platform's own words in statements: an xAPI profile (ADL profile specification 1.0) as JSON-LD.

Names are URNs, the same in every region: a statement that moves between platforms keeps its meaning. Where the ADL, cmi5 or
video profile has a word (completed, passed, answered, played), that one is used and stands under ``USED``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BASE = "urn:lingqu:xapi"
VERSION = f"{BASE}:v1"
MADE = "2026-11-29T00:00:00Z"
VERB, TYPE, CONTEXT, RESULT = "Verb", "ActivityType", "ContextExtension", "ResultExtension"
_SPACES = {VERB: "verb", TYPE: "type", CONTEXT: "context", RESULT: "result"}


@dataclass(frozen=True, slots=True)
class Concept:
    """A verb, an activity type or an extension; ``schema`` is the JSON type of an extension's value."""

    kind: str
    code: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    schema: str = ""

    @property
    def id(self) -> str:
        return f"{BASE}:{_SPACES[self.kind]}:{self.code}"


CONCEPTS = (
    Concept(VERB, "assigned", "布置", "assigned", "教师把作业或学习任务交给学生。", "A teacher gave work to learners."),
    Concept(VERB, "submitted", "提交", "submitted", "学生交出作业或作品。", "A learner handed in work."),
    Concept(VERB, "returned", "退回订正", "returned", "教师退回作业，请学生订正。", "A teacher gave work back to be corrected."),
    Concept(VERB, "marked", "批改", "marked", "教师或程序给出结果或评语。", "A teacher or a program gave a result or a remark."),
    Concept(VERB, "practised", "练习", "practised", "学生做了不计成绩的练习。", "A learner exercised without being graded."),
    Concept(VERB, "read", "阅读", "read", "学习者读了教材、文章或书。", "A learner read a textbook, a text or a book."),
    Concept(VERB, "spoke", "发言", "spoke", "学生在课堂上发言或回答。", "A learner spoke in class."),
    Concept(VERB, "attended", "到课", "attended", "学习者上了一节课或参加了一次活动。", "A learner was at a lesson or an event."),
    Concept(VERB, "missed", "缺课", "missed", "学习者没有上这节课。", "A learner was not at a lesson."),
    Concept(VERB, "recommended", "推荐", "recommended", "教师或程序推荐了资源。", "A teacher or a program recommended a resource."),
    Concept(TYPE, "lesson", "课时", "lesson", "课表上的一节课。", "One lesson of a timetable."),
    Concept(TYPE, "assignment", "作业", "assignment", "布置给学生、要交的任务。", "Work given to learners and handed in."),
    Concept(TYPE, "question", "题目", "question", "一道题；交互类型见 cmi.interaction。", "One question; see cmi.interaction for its kinds."),
    Concept(TYPE, "paper", "试卷", "paper", "若干题目组成的测验或考试。", "A test or examination made of questions."),
    Concept(TYPE, "section", "教材章节", "textbook section", "教材目录里的一节。", "A section of a textbook's table of contents."),
    Concept(TYPE, "resource", "教学资源", "resource", "课件、微课、动画等可以单独使用的材料。", "Material that can be used by itself."),
    Concept(TYPE, "course", "课程", "course", "一门课程或专题。", "A course or a series about one subject."),
    Concept(CONTEXT, "organisation", "机构代码", "organisation code", "学习发生在哪个机构。", "The organisation where it happened.", "string"),
    Concept(CONTEXT, "class", "班级编号", "class number", "学习发生在哪个班级。", "The class where it happened.", "string"),
    Concept(CONTEXT, "term", "学期", "term", "学年和学期，如 2026-2027-1。", "School year and term, such as 2026-2027-1.", "string"),
    Concept(CONTEXT, "subject", "学科代码", "subject code", "国家学科代码。", "The national code of the subject.", "string"),
    Concept(CONTEXT, "standard", "课标条目", "curriculum standards", "涉及的课程标准条目。", "Items of curriculum standards it is about.", "array"),
    Concept(CONTEXT, "device", "终端", "device", "pc、pad、phone、board 或 paper。", "One of pc, pad, phone, board, paper.", "string"),
    Concept(RESULT, "level", "等级", "level", "等级评价，如 A、B、C、D。", "A level such as A, B, C or D.", "string"),
    Concept(RESULT, "attempts", "次数", "attempts", "到目前为止做了几次。", "How often it was tried so far.", "integer"),
)  # fmt: skip
USED = (
    "http://adlnet.gov/expapi/verbs/initialized", "http://adlnet.gov/expapi/verbs/attempted",
    "http://adlnet.gov/expapi/verbs/answered", "http://adlnet.gov/expapi/verbs/completed",
    "http://adlnet.gov/expapi/verbs/passed", "http://adlnet.gov/expapi/verbs/failed",
    "http://adlnet.gov/expapi/verbs/terminated", "https://w3id.org/xapi/video/verbs/played",
    "https://w3id.org/xapi/video/verbs/paused",
)  # fmt: skip


def concept(kind: str, code: str) -> Concept:
    """Raises ``KeyError`` for a word that the profile has not."""
    return _BY_CODE[kind, code]


_BY_CODE = {(one.kind, one.code): one for one in CONCEPTS}


def document(address: str) -> dict[str, Any]:
    """The whole profile; ``address`` is where this platform serves it."""
    return {
        "@context": "https://w3id.org/xapi/profiles/context",
        "id": BASE,
        "type": "Profile",
        "conformsTo": "https://w3id.org/xapi/profiles#1.0",
        "prefLabel": {"zh-CN": "灵渠学习记录", "en": "Lingqu learning records"},
        "definition": {
            "zh-CN": "区域教育平台上教与学的动词、活动类型和扩展。",
            "en": "Verbs, activity types and extensions of teaching and learning on a region's platform.",
        },
        "seeAlso": address,
        "author": {"type": "Organization", "name": "Lingqu"},
        "versions": [{"id": VERSION, "generatedAtTime": MADE}],
        "concepts": [_written(one) for one in CONCEPTS],
        "templates": [_template(*one) for one in TEMPLATES],
    }


TEMPLATES = (
    ("submission", "submitted", "assignment", "提交作业", "Work handed in"),
    ("marking", "marked", "assignment", "批改作业", "Work marked"),
    ("attendance", "attended", "lesson", "到课", "Attendance at a lesson"),
)
"""Statements with fixed verb and type; each names the organisation."""


def _written(one: Concept) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": one.id,
        "inScheme": VERSION,
        "type": one.kind,
        "prefLabel": {"zh-CN": one.zh, "en": one.en},
        "definition": {"zh-CN": one.meaning_zh, "en": one.meaning_en},
    }
    return made | ({"inlineSchema": f'{{"type": "{one.schema}"}}'} if one.schema else {})


def _template(code: str, verb: str, kind: str, zh: str, en: str) -> dict[str, Any]:
    extension = concept(CONTEXT, "organisation").id
    return {
        "id": f"{BASE}:template:{code}",
        "inScheme": VERSION,
        "type": "StatementTemplate",
        "prefLabel": {"zh-CN": zh, "en": en},
        "definition": {"zh-CN": f"{zh}的语句。", "en": f"{en}, as a statement."},
        "verb": concept(VERB, verb).id,
        "objectActivityType": concept(TYPE, kind).id,
        "rules": [{"location": f"$.context.extensions['{extension}']", "presence": "recommended"}],
    }


def as_table() -> str:
    """The words as a page of the documents (``docs/xapi-profile.md`` holds it)."""
    heads = {VERB: "动词 Verbs", TYPE: "活动类型 Activity types", CONTEXT: "情境扩展 Context extensions",
             RESULT: "结果扩展 Result extensions"}  # fmt: skip
    lines: list[str] = []
    for kind, title in heads.items():
        lines += [f"## {title}", "", "| id | 中文 | English | 含义 Meaning |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{one.id}` | {one.zh} | {one.en} | {one.meaning_zh} {one.meaning_en} |"
            for one in CONCEPTS if one.kind == kind
        ]  # fmt: skip
        lines.append("")
    lines += ["## 沿用的动词 Verbs of other profiles", "", *(f"- `{one}`" for one in USED), ""]
    return "\n".join(lines)
