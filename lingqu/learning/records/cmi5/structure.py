"""The course structure of cmi5 (section 13): XML of strangers → frozen values, or a refusal that names rule and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from lingqu.kernel.errors import Invalid

NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
LAUNCH_NAMES = frozenset({"endpoint", "fetch", "actor", "registration", "activityId"})
MOVE_ON = ("NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed")
LAUNCH_METHODS = ("AnyWindow", "OwnWindow")
MOST_BYTES = 16 << 20
MOST_UNITS = 20_000
DEEPEST = 40
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
_URL = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")

Texts = dict[str, str]


class Cmi5Refused(Invalid):
    """A course that breaks a rule of the standard; ``code`` names the rule, ``details["line"]`` where."""

    code = "cmi5_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    id: str
    title: Texts
    description: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An assignable unit (AU). ``mastery_score`` is between 0 and 1; what the course leaves out is None."""

    id: str
    title: Texts
    description: Texts
    url: str
    objectives: tuple[str, ...] = ()
    move_on: str = "NotApplicable"
    mastery_score: Decimal | None = None
    launch_method: str = "AnyWindow"
    activity_type: str = ""
    launch_parameters: str | None = None
    entitlement_key: str | None = None

    @property
    def is_outside(self) -> bool:
        """Whether it lies at an address of its own, not in the package."""
        return bool(urlsplit(self.url).scheme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    id: str
    title: Texts
    description: Texts
    children: tuple[Block | Unit, ...]
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    id: str
    title: Texts
    description: Texts
    children: tuple[Block | Unit, ...]
    objectives: tuple[Objective, ...] = ()

    def units(self) -> Iterator[Unit]:
        """In the order of the structure."""
        return _units(self.children)


def _units(children: Iterable[Block | Unit]) -> Iterator[Unit]:
    for child in children:
        if isinstance(child, Unit):
            yield child
        else:
            yield from _units(child.children)


def read_course(data: bytes) -> Course:
    """Raises :class:`Cmi5Refused`. Whether relative addresses lead somewhere is the package's question."""
    root = _parse(data)
    if root.tag != f"{{{NAMESPACE}}}courseStructure":
        raise _refuse("not_a_course", root, _("这不是 cmi5 的课程结构：根元素应是 courseStructure。"))
    return _Reading().course(root)


def _parse(data: bytes) -> Any:
    if not data or len(data) > MOST_BYTES:
        raise Cmi5Refused(_("课程结构是空的，或者超过 16 MB。"), code="cmi5_size")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False, strip_cdata=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise Cmi5Refused(
            _("第 %(line)d 行：这不是合乎规范的 XML。") % {"line": line}, code="cmi5_xml", details={"line": line}
        ) from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise Cmi5Refused(_("课程结构里不能有文档类型定义或实体。"), code="cmi5_doctype", details={"line": 1})
    return root


def _refuse(code: str, element: Any, message: str) -> Cmi5Refused:
    line = element.sourceline or 1
    text = _("第 %(line)d 行：%(reason)s") % {"line": line, "reason": message}
    return Cmi5Refused(text, code=f"cmi5_{code}", details={"line": line})


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)


class _Reading:
    """One pass over the tree; remembers ids, because each may stand once among its kind (13.1.2 to 13.1.4)."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {"block": set(), "au": set(), "objective": set()}

    def course(self, root: Any) -> Course:
        _check_attributes(root, ())
        parts = _own(root)
        if not parts or _name(parts[0]) != "course":
            raise _refuse("schema", root, _("缺少元素 course。"))
        head, rest = parts[0], parts[1:]
        _check_attributes(head, ("id",))
        inner = _own(head)
        title, description = _title_and_description(head, inner)
        _nothing_after(head, inner[2:])
        objectives: tuple[Objective, ...] = ()
        if rest and _name(rest[0]) == "objectives":
            objectives = self._objectives(rest[0])
            rest = rest[1:]
        return Course(
            id=_id(head), title=title, description=description, objectives=objectives,
            children=self._children(root, rest, 1),
        )  # fmt: skip

    def _children(self, parent: Any, parts: list[Any], depth: int) -> tuple[Block | Unit, ...]:
        if not parts:
            raise _refuse("schema", parent, _("至少要有一个 au 或 block。"))
        if depth > DEEPEST:
            raise _refuse("depth", parent, _("block 嵌套太深。"))
        made: list[Block | Unit] = []
        for part in parts:
            if _name(part) == "au":
                made.append(self._unit(part))
            elif _name(part) == "block":
                made.append(self._block(part, depth))
            else:
                raise _refuse("schema", part, _("这里不能有元素 %(name)s。") % {"name": _name(part)})
        return tuple(made)

    def _block(self, element: Any, depth: int) -> Block:
        _check_attributes(element, ("id",))
        parts = _own(element)
        title, description = _title_and_description(element, parts)
        objectives, rest = _references(parts[2:])
        return Block(
            id=self._once("block", element), title=title, description=description, objectives=objectives,
            children=self._children(element, rest, depth + 1),
        )  # fmt: skip

    def _unit(self, element: Any) -> Unit:
        _check_attributes(element, ("id", "moveOn", "masteryScore", "launchMethod", "activityType"))
        parts = _own(element)
        title, description = _title_and_description(element, parts)
        objectives, rest = _references(parts[2:])
        if not rest or _name(rest[0]) != "url":
            raise _refuse("schema", element, _("au 缺少元素 url。"))
        url = _url(rest[0])
        rest = rest[1:]
        extra: dict[str, str | None] = {"launchParameters": None, "entitlementKey": None}
        for name in extra:
            if rest and _name(rest[0]) == name:
                extra[name] = "".join(rest[0].itertext()).strip()
                rest = rest[1:]
        _nothing_after(element, rest)
        made = Unit(
            id=self._once("au", element), title=title, description=description, url=url, objectives=objectives,
            move_on=_choice(element, "moveOn", MOVE_ON), mastery_score=_mastery_score(element),
            launch_method=_choice(element, "launchMethod", LAUNCH_METHODS),
            activity_type=(element.get("activityType") or "").strip(),
            launch_parameters=extra["launchParameters"], entitlement_key=extra["entitlementKey"],
        )  # fmt: skip
        if len(self.seen["au"]) > MOST_UNITS:
            raise _refuse("crowd", element, _("一门课程最多 %(most)d 个 au。") % {"most": MOST_UNITS})
        return made

    def _objectives(self, element: Any) -> tuple[Objective, ...]:
        _check_attributes(element, ())
        made = []
        for part in _own(element):
            if _name(part) != "objective":
                raise _refuse("schema", part, _("这里不能有元素 %(name)s。") % {"name": _name(part)})
            _check_attributes(part, ("id",))
            inner = {_name(one): one for one in part if isinstance(one.tag, str)}
            if len(part) != 2 or set(inner) != {"title", "description"}:
                raise _refuse("schema", part, _("objective 要有一个 title 和一个 description。"))
            made.append(
                Objective(
                    id=self._once("objective", part), title=_texts(inner["title"]),
                    description=_texts(inner["description"]),
                )
            )  # fmt: skip
        if not made:
            raise _refuse("schema", element, _("objectives 里至少要有一个 objective。"))
        return tuple(made)

    def _once(self, kind: str, element: Any) -> str:
        found = _id(element)
        if found in self.seen[kind]:
            raise _refuse("duplicate", element, _("%(kind)s 的 id 重复：%(id)s") % {"kind": kind, "id": found})
        self.seen[kind].add(found)
        return found


def _own(element: Any) -> list[Any]:
    """Children of the standard's namespace; those of others may only stand after them (13.1.5)."""
    found, is_over = [], False
    for child in element:
        own = etree.QName(child).namespace == NAMESPACE
        if not own and etree.QName(child).namespace is None:
            raise _refuse("schema", child, _("元素 %(name)s 没有命名空间。") % {"name": _name(child)})
        if own and is_over:
            raise _refuse("schema", child, _("扩展元素只能放在标准元素之后。"))
        if own:
            found.append(child)
        is_over = is_over or not own
    loose = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in loose):
        raise _refuse("schema", element, _("元素 %(name)s 里不能直接写文字。") % {"name": _name(element)})
    return found


def _check_attributes(element: Any, known: tuple[str, ...]) -> None:
    """Attributes of other namespaces are vendors' own; those of the own namespace do not exist."""
    for name in element.attrib:
        namespace = etree.QName(name).namespace
        if (namespace is None and name not in known) or namespace == NAMESPACE:
            raise _refuse("schema", element, _("不认识属性 %(name)s。") % {"name": name})


def _nothing_after(element: Any, rest: list[Any]) -> None:
    if rest:
        raise _refuse("schema", rest[0], _("这里不能有元素 %(name)s。") % {"name": _name(rest[0])})


def _title_and_description(element: Any, parts: list[Any]) -> tuple[Texts, Texts]:
    if [_name(part) for part in parts[:2]] != ["title", "description"]:
        raise _refuse("schema", element, _("%(name)s 要先有 title，再有 description。") % {"name": _name(element)})
    return _texts(parts[0]), _texts(parts[1])


def _texts(element: Any) -> Texts:
    """Language → text; a text without a language stands under ``und``."""
    _check_attributes(element, ())
    found: Texts = {}
    for part in _own(element):
        if _name(part) != "langstring" or len(part):
            raise _refuse("schema", part, _("这里不能有元素 %(name)s。") % {"name": _name(part)})
        _check_attributes(part, ("lang",))
        language = (part.get("lang") or "und").strip()
        if not _LANGUAGE.fullmatch(language):
            raise _refuse("language", part, _("不是语言代码：%(code)s") % {"code": language})
        found[language] = (part.text or "").strip()
    if not found:
        raise _refuse("schema", element, _("%(name)s 里至少要有一个 langstring。") % {"name": _name(element)})
    return found


def _references(parts: list[Any]) -> tuple[tuple[str, ...], list[Any]]:
    if not parts or _name(parts[0]) != "objectives":
        return (), parts
    found = []
    for part in _own(parts[0]):
        if _name(part) != "objective":
            raise _refuse("schema", part, _("这里不能有元素 %(name)s。") % {"name": _name(part)})
        _check_attributes(part, ("idref",))
        reference = (part.get("idref") or "").strip()
        if reference:
            found.append(_iri(part, reference))
    if not len(parts[0]):
        raise _refuse("schema", parts[0], _("objectives 里至少要有一个 objective。"))
    return tuple(found), parts[1:]


def _id(element: Any) -> str:
    found = element.get("id")
    if found is None:
        raise _refuse("schema", element, _("%(name)s 缺少属性 id。") % {"name": _name(element)})
    return _iri(element, found.strip())


def _iri(element: Any, text: str) -> str:
    if not _IRI.fullmatch(text):
        raise _refuse("iri", element, _("id 要写完整的 IRI：%(id)s") % {"id": text})
    return text


def _choice(element: Any, name: str, known: tuple[str, ...]) -> str:
    found = element.get(name, known[0])
    if found not in known:
        raise _refuse("schema", element, _("%(name)s 不能是“%(value)s”。") % {"name": name, "value": found})
    return str(found)


def _mastery_score(element: Any) -> Decimal | None:
    text = element.get("masteryScore")
    if text is None:
        return None
    try:
        found = Decimal(text.strip()) if _DECIMAL.fullmatch(text.strip()) else None
    except InvalidOperation:
        found = None
    if found is None or not 0 <= found <= 1:
        raise _refuse("mastery_score", element, _("masteryScore 要在 0 与 1 之间：%(value)s") % {"value": text})
    return found


def _url(element: Any) -> str:
    """RFC 1738, http and https or relative; never a name that the launch itself needs (8.1, 13.1.4)."""
    text = (element.text or "").strip()
    if len(element) or not _URL.fullmatch(text):
        raise _refuse("url", element, _("这不是合乎规范的网址：%(url)s") % {"url": text})
    try:
        parts = urlsplit(text)
        names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
        is_good = not parts.scheme or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        is_good, names = False, set()
    if not is_good:
        raise _refuse("url", element, _("这不是合乎规范的网址：%(url)s") % {"url": text})
    if names & LAUNCH_NAMES:
        clash = ", ".join(sorted(names & LAUNCH_NAMES))
        raise _refuse("query", element, _("网址里不能有启动参数 %(names)s。") % {"names": clash})
    return text
