"""Finding organisations: by code, by exact name, by short name, among what is known and what the delivery brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from ..types import Lookup, OrganisationFact
from .codes import school_stages
from .work import WHO, Work


def tidy_name(name: str) -> str:
    return "".join(name.split()).replace("（", "(").replace("）", ")")


NAMED_STAGES = (
    ("九年", {"primary", "junior"}), ("十二年", {"primary", "junior", "senior"}), ("一贯", {"primary", "junior"}),
    ("完全中学", {"junior", "senior"}), ("幼儿园", {"preschool"}), ("小学", {"primary"}), ("教学点", {"primary"}),
    ("初级中学", {"junior"}), ("初中", {"junior"}), ("高级中学", {"senior"}), ("高中", {"senior"}),
)  # fmt: skip


def stages_of(school_type: str, name: str) -> frozenset[str]:
    """Stages that a school teaches by its 办学类型, else by what its name says; empty = unknown."""
    found = school_stages().get(school_type, frozenset())
    if found:
        return found
    return next((frozenset(stages) for word, stages in NAMED_STAGES if word in name), frozenset())


@dataclass(frozen=True, slots=True)
class Found:
    """``problem``: ``unknown``, ``ambiguous``, ``outside`` or ""."""

    fact: OrganisationFact | None
    problem: str = ""


class Directory:
    """Organisations by every name under which files mention them. Later ones (of the delivery) win over known ones."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self._by_key: dict[str, OrganisationFact] = {}
        self._by_code: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for fact in lookup.organisations:
            self.add(fact)

    def add(self, fact: OrganisationFact) -> None:
        key = key_of(fact)
        if not fact.stages:
            fact = replace(fact, stages=stages_of(fact.school_type, fact.name))
        self._by_key[key] = fact
        if fact.code:
            self._by_code[fact.code] = key
        for name in {tidy_name(fact.name), tidy_name(fact.short_name)} - {""}:
            self._by_name[name].add(key)

    def get(self, key: str) -> OrganisationFact | None:
        return self._by_key.get(key)

    def is_outside(self, code: str) -> bool:
        """Whether a code belongs to a known organisation that the importer may not write for."""
        fact = self._by_key.get(self._by_code.get(code, ""))
        return fact is not None and not fact.in_scope

    def find(self, text: str) -> Found:
        """The organisation that a cell means."""
        code = text.removesuffix(".0")
        for candidate in (code, code.zfill(10) if code.isdigit() else code):
            if candidate in self._by_code:
                return self._checked(self._by_code[candidate])
        if text in self._by_key:
            return self._checked(text)
        keys = self._by_name.get(tidy_name(text), set())
        inside = {key for key in keys if self._by_key[key].in_scope}
        if len(inside or keys) > 1:
            return Found(None, "ambiguous")
        return self._checked(next(iter(inside or keys))) if keys else Found(None, "unknown")

    def _checked(self, key: str) -> Found:
        fact = self._by_key[key]
        return Found(fact, "" if fact.in_scope else "outside")

    def named_in(self, texts: Iterable[str]) -> OrganisationFact | None:
        """The one school whose full name stands in a title or file name; the longest name wins."""
        joined = tidy_name("\n".join(texts))
        hits = [
            fact for fact in self._by_key.values()
            if len(fact.name) >= 4 and fact.in_scope and fact.kind in {"school", "teaching_point", "campus"}
            and tidy_name(fact.name) in joined
        ]  # fmt: skip
        hits.sort(key=lambda fact: -len(fact.name))
        if not hits or (len(hits) > 1 and tidy_name(hits[1].name) not in tidy_name(hits[0].name)):
            return None
        return hits[0]


def key_of(fact: OrganisationFact) -> str:
    return fact.key or fact.code or f"nm:{tidy_name(fact.name)}"


def reference_of(fact: OrganisationFact) -> str:
    """What other rows write to mean it: its code, which is also its key; else the key."""
    return fact.code or key_of(fact)


def resolve_schools(work: Work, directory: Directory, *, default: OrganisationFact | None) -> None:
    """``school_ref`` as written (code, name, or both in ``_other_school``) → reference; sets who answers for the row."""
    columns = [name for name in ("school_ref", "_other_school") if work.has(name)]
    lookup = directory.lookup
    if not columns:
        work.set(school_ref=pl.lit(""))
        columns = ["school_ref"]
    pairs = work.frame.select(columns).unique()
    rows = []
    for record in pairs.iter_rows():
        first, other = record[0], record[1] if len(record) > 1 else ""
        text = first or other
        found = directory.find(text) if text else Found(default, "" if default else "empty")
        said = directory.find(other) if first and other else Found(None)
        clash = ""
        if said.fact and found.fact and said.fact is not found.fact:
            clash = other
        if found.problem == "unknown" and said.fact:
            found, text = said, other
        reference = reference_of(found.fact) if found.fact else text
        who = found.fact.name if found.fact else text or lookup.organisation
        rows.append((*record, reference, found.problem, who, clash, text))
    names = [*columns, "_school", "_problem", "_name", "_clash", "_text"]
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    work.frame = work.frame.join(table, on=columns, how="left", maintain_order="left", nulls_equal=True)
    work.frame = work.frame.with_columns(pl.col("_name").alias(WHO))
    work.flag("required", pl.col("_problem") == "empty", "school_ref")
    for problem, rule in (
        ("unknown", "school_unknown"),
        ("ambiguous", "school_ambiguous"),
        ("outside", "out_of_scope"),
    ):
        work.flag(rule, pl.col("_problem") == problem, "school_ref", value="_text")
    work.flag("school_conflict", pl.col("_clash") != "", "school_ref", value="_text", detail=pl.col("_clash"))
    work.set(school_ref=pl.col("_school"))
    work.frame = work.frame.drop("_school", "_problem", "_name", "_clash", "_text", *columns[1:])


def resolve_optional(work: Work, directory: Directory, column: str, rule: str = "organisation_unknown") -> None:
    """An organisation that may be missing: unknown ones are emptied and said."""

    def read(text: str) -> str | None:
        found = directory.find(text)
        return reference_of(found.fact) if found.fact else None

    made, unread = work.translated(column, read)
    work.flag(rule, unread, column)
    work.set(**{column: made})
