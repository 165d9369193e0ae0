"""Our own attributes and elements in a BPMN file (namespace ``urn:lingqu:workflow:1``, prefix ``lq``).

On the process: ``lq:key``, ``lq:form``, ``lq:days``, ``lq:calendar`` (``work`` or ``all``), ``lq:yellow``, ``lq:saved``,
``lq:audience`` (words of ``Audience``), ``lq:recusal`` (``false``: who applies may decide), and in its
``extensionElements`` a ``lq:formSchema`` for each form (JSON), ``lq:paper`` (JSON) and ``lq:table`` for each decision table.
On a user task: ``lq:form``, ``lq:days``, ``lq:calendar``, ``lq:yellow``, ``lq:reads``, ``lq:writes``, ``lq:scan``, ``lq:return``,
``lq:handOn``, ``lq:countersign``, ``lq:instructions``, with ``lq:participant`` and ``lq:outcome`` elements. On other nodes:
``lq:handler``, ``lq:table``, ``lq:result``, ``lq:correlation``, ``lq:collection``, ``lq:item``, ``lq:input``, ``lq:output``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from lxml import etree

from ..types.graph import AGREE, DONE, Given, Hit, Outcome, Row, Table, Work
from ..types.participants import Place, Rule, RuleKind
from ..types.words import Audience
from .document import LQ, tag
from .known import Known

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a process says of itself."""

    key: str = ""
    name: str = ""
    form: str = ""
    days: int = 0
    is_working: bool = True
    yellow: int = 2
    saved: int = 0
    audience: tuple[str, ...] = ()
    recusal: bool = True


def attribute(xml: etree._Element, name: str, default: str = "") -> str:
    return (xml.get(tag(name, LQ)) or default).strip()


def text_at(xml: etree._Element, name: str) -> str:
    """An attribute of ours on the element itself or on its parent."""
    parent = xml.getparent()
    return attribute(xml, name) or (attribute(parent, name) if parent is not None else "")


def item_of(xml: etree._Element) -> str:
    loop = xml.find(tag("multiInstanceLoopCharacteristics"))
    return text_at(loop, "item") if loop is not None else ""


def own_elements(xml: etree._Element, name: str) -> Iterator[etree._Element]:
    holder = xml.find(tag("extensionElements"))
    if holder is not None:
        yield from holder.findall(tag(name, LQ))


def settings_of(process: etree._Element) -> Settings:
    return Settings(
        key=attribute(process, "key"), name=" ".join(process.get("name", "").split()), form=attribute(process, "form"),
        days=_number(process, "days"), is_working=_is_working(process), yellow=_number(process, "yellow", 2),
        saved=_number(process, "saved"), audience=tuple(attribute(process, "audience").split()),
        recusal=attribute(process, "recusal") != "false",
    )  # fmt: skip


def faults_of(process: etree._Element) -> list[str]:
    """What of the process's own settings cannot be read."""
    found = [
        _("%(name)s“%(value)s”不是 0 到 %(most)d 的整数。") % {"name": f"lq:{name}", "value": value, "most": MOST_DAYS}
        for name in ("days", "yellow", "saved")
        if (value := attribute(process, name)) and not _is_number(value)
    ]
    found += [
        _("没有“%(word)s”这种申请人。") % {"word": word}
        for word in attribute(process, "audience").split()
        if word not in Audience.values
    ]
    for element in own_elements(process, "formSchema"):
        if not isinstance(_json(element), dict):
            found.append(_("表单 %(key)s 不是完整的 JSON。") % {"key": attribute_or_plain(element, "key")})
    for element in own_elements(process, "table"):
        hit = attribute_or_plain(element, "hit", Hit.UNIQUE)
        if hit not in set(Hit):
            found.append(
                _("规则表 %(key)s 的命中方式 %(hit)s 不支持。")
                % {"key": attribute_or_plain(element, "key"), "hit": hit}
            )
    return found


def attribute_or_plain(xml: etree._Element, name: str, default: str = "") -> str:
    """Attributes of our own elements stand without prefix."""
    return (xml.get(name) or attribute(xml, name) or default).strip()


def forms_of(process: etree._Element) -> dict[str, dict[str, Any]]:
    """The form schemas by key; what is no JSON object is left out (the linter names it)."""
    return {
        attribute_or_plain(one, "key"): made
        for one in own_elements(process, "formSchema")
        if isinstance(made := _json(one), dict)
    }


def paper_of(process: etree._Element) -> dict[str, Any]:
    """The printed layout; empty when the file has none."""
    found = next(own_elements(process, "paper"), None)
    made = _json(found) if found is not None else {}
    return made if isinstance(made, dict) else {}


def field_keys_of(process: etree._Element) -> frozenset[str]:
    """Keys of all fields of all forms of a process."""
    return frozenset(key for form in forms_of(process).values() for key in _keys(form.get("components")))


def _keys(components: object) -> Iterator[str]:
    for one in components if isinstance(components, list) else ():
        if isinstance(one, dict):
            if isinstance(one.get("key"), str):
                yield one["key"]
            if one.get("type") == "group":
                yield from _keys(one.get("components"))


def work_of(xml: etree._Element, known: Known) -> tuple[Work, list[str]]:
    """What a person does at a task, and what of it cannot be read."""
    faults: list[str] = []
    rules = tuple(
        rule for one in own_elements(xml, "participant") if (rule := _rule(one, known, faults)) is not None
    )  # fmt: skip
    outcomes = tuple(
        Outcome(
            code=attribute_or_plain(one, "code"), label=attribute_or_plain(one, "label"),
            needs_comment=attribute_or_plain(one, "comment") == "true",
        )
        for one in own_elements(xml, "outcome")
    )  # fmt: skip
    for name in ("days", "yellow"):
        if (value := attribute(xml, name)) and not _is_number(value):
            faults.append(_("lq:%(name)s“%(value)s”不是整数。") % {"name": name, "value": value})
    codes = [one.code for one in outcomes]
    if len(set(codes)) < len(codes) or "" in codes:
        faults.append(_("两种决定的代码相同，或没有代码。"))
    return (
        Work(
            participants=rules, form=attribute(xml, "form"),
            outcomes=outcomes or (AGREE if attribute(xml, "decides") == "true" else DONE), days=_number(xml, "days"),
            is_working=_is_working(xml), yellow=_number(xml, "yellow", 1),
            reads=tuple(attribute(xml, "reads", "*").split()), writes=tuple(attribute(xml, "writes").split()),
            needs_scan=attribute(xml, "scan") == "true", may_return=attribute(xml, "return") != "false",
            may_hand_on=attribute(xml, "handOn") != "false", may_countersign=attribute(xml, "countersign") != "false",
            instructions=attribute(xml, "instructions"),
        ),
        faults,
    )  # fmt: skip


def _rule(xml: etree._Element, known: Known, faults: list[str]) -> Rule | None:
    kind, place = attribute_or_plain(xml, "kind"), attribute_or_plain(xml, "place", Place.OWN)
    number, code = attribute_or_plain(xml, "number", "1"), attribute_or_plain(xml, "code")
    if kind not in set(RuleKind):
        faults.append(_("不认识“%(kind)s”这种办理人。") % {"kind": kind})
        return None
    if place not in set(Place):
        faults.append(_("不认识“%(place)s”这一级。") % {"place": place})
        return None
    if not _is_number(number) or int(number) < 1:
        faults.append(_("人数“%(number)s”不是大于 0 的整数。") % {"number": number})
        return None
    coded = {
        RuleKind.POST: known.posts, RuleKind.NAMED_POST: known.posts, RuleKind.DUTY: known.duties, RuleKind.ROLE: known.roles
    }  # fmt: skip
    if RuleKind(kind) in coded:
        allowed = coded[RuleKind(kind)]
        if not code or (allowed is not None and code not in allowed):
            faults.append(_("没有“%(code)s”这个岗位或职务。") % {"code": code})
            return None
    return Rule(
        kind=RuleKind(kind), place=Place(place), code=code, organisation=attribute_or_plain(xml, "organisation"),
        number=int(number), label=attribute_or_plain(xml, "label"),
    )  # fmt: skip


def given_values(xml: etree._Element, name: str) -> tuple[Given, ...]:
    return tuple(
        Given(name=attribute_or_plain(one, "name"), value=attribute_or_plain(one, "value"))
        for one in own_elements(xml, name)
        if attribute_or_plain(one, "name")
    )  # fmt: skip


def given_of(xml: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(one.name for one in given_values(xml, name))


def tables_of(process: etree._Element) -> tuple[Table, ...]:
    """Decision tables of the process; rows with S-FEEL unary tests."""
    return tuple(
        Table(
            key=attribute_or_plain(one, "key"), name=attribute_or_plain(one, "name"),
            hit=Hit(hit) if (hit := attribute_or_plain(one, "hit", Hit.UNIQUE)) in set(Hit) else Hit.UNIQUE,
            inputs=_texts(one, "input"), outputs=_texts(one, "output"),
            rows=tuple(
                Row(tests=_texts(row, "test"), answers=_texts(row, "answer")) for row in one.findall(tag("row", LQ))
            ),
        )
        for one in own_elements(process, "table")
    )  # fmt: skip


def _texts(xml: etree._Element, name: str) -> tuple[str, ...]:
    return tuple((one.text or "").strip() for one in xml.findall(tag(name, LQ)))


def _json(xml: etree._Element) -> Any:
    try:
        return msgspec.json.decode((xml.text or "").encode())
    except (msgspec.MsgspecError, RecursionError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MOST_DAYS


def _number(xml: etree._Element, name: str, default: int = 0) -> int:
    value = attribute(xml, name)
    return int(value) if value and _is_number(value) else default


def _is_working(xml: etree._Element) -> bool:
    return attribute(xml, "calendar", "work") != "all"
