"""From sheets to a delivery: headings, kind and columns of each sheet, batches through the checks, then what joins them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from lingqu.foundation.registry.api import ROW_KINDS, ROW_ORDER, read_class_name

from ..checks.duplicates import check_phones_of_pupils, check_pupils, check_unique
from ..checks.findings import Findings
from ..checks.work import WHO, WORST, Work
from ..mapping import find_headings, guess_sheet
from ..mapping.guessing import digest_of
from ..reading.cells import clean, clean_text
from ..reading.limits import refuse
from ..reading.sheets import Sheet
from ..types import BLOCK, HINT, ONEROSTER, REVIEW, ROSTER, Delivery, Lookup, SheetMapping
from ..workbooks import OWN_SHEETS
from . import attributes, classes, numbers, organisations, people, references
from .context import Context
from .families import guardians_of
from .quality import quality_of

__all__ = ["ONEROSTER", "read_rosters"]
TOTALS = r"^(合计|总计|小计|共计|填表人|审核人|负责人|制表|填表日期|备注[:：]|注[:：]|说明[:：])"
_SHEET_NAME = re.compile(r"^(sheet|工作表|表)\d*$", re.IGNORECASE)
PREPARE: dict[str, Callable[..., None]] = {
    "organisations": organisations.prepare, "classes": classes.prepare, "students": people.prepare_students,
    "staff": people.prepare_staff, "guardians": people.prepare_guardians, "teaching": people.prepare_teaching,
    attributes.KIND: attributes.prepare_list, numbers.KIND: numbers.prepare_list,
}  # fmt: skip
TYPED = frozenset({"students", "staff", "guardians", attributes.KIND, numbers.KIND})


def read_rosters(sheets: Sequence[Sheet], *, lookup: Lookup, mapping: Mapping[str, Any]) -> Delivery:
    """The whole delivery, checked. Raises :class:`Unusable` when no sheet is a roster."""
    findings = Findings()
    found = _recognised(sheets, mapping, findings)
    if not found:
        raise refuse("nothing_recognised", sheets[0].file if sheets else "")
    context = Context.of(lookup, findings)
    delivery = Delivery(kind=ROSTER, sheets=tuple(entry for _sheet, entry in found))
    if delivery.needs_mapping:
        delivery.findings = findings.table()
        return delivery
    works = _checked(found, context, delivery)
    _joined(works, context)
    _finish(works, context, delivery)
    if not sum(delivery.rows.values()):
        raise refuse("no_rows", sheets[0].file)
    return delivery


def _recognised(
    sheets: Sequence[Sheet], mapping: Mapping[str, Any], findings: Findings
) -> list[tuple[Sheet, SheetMapping]]:
    found: list[tuple[Sheet, SheetMapping]] = []
    for sheet in sheets:
        if sheet.sheet in OWN_SHEETS:
            continue
        head = [[clean_text(cell) for cell in record] for record in sheet.head]
        headings = find_headings(head)
        if headings is None:
            findings.note("sheet_skipped", file=sheet.file, sheet=sheet.sheet)
            continue
        if _left_out(headings.texts, mapping):
            findings.note("sheet_skipped", file=sheet.file, sheet=sheet.sheet)
            continue
        samples = [row for row in head[headings.last + 1 :] if any(row)]
        found.append(
            (sheet, guess_sheet(file=sheet.file, sheet=sheet.sheet, headings=headings, samples=samples, saved=mapping))
        )
    clear = [pair for pair in found if not pair[1].needs_a_person]
    if clear:
        for sheet, entry in found:
            if entry.needs_a_person and entry.problem == "kind_unknown":
                findings.note("sheet_skipped", file=sheet.file, sheet=sheet.sheet)
        found = [pair for pair in found if not (pair[1].needs_a_person and pair[1].problem == "kind_unknown")]
    for sheet, entry in found:
        _check_repeated(sheet, entry)
        merged = sum(top >= entry.header_row for top in sheet.merged)
        for rule, value in [*sheet.notes, *([("merged_cells", str(merged))] if merged else [])]:
            findings.note(rule, file=sheet.file, sheet=sheet.sheet, value=value)
        for text, column in zip(entry.headings, entry.columns, strict=True):
            if text and not column and text not in {"序号", "编号", "备注", "错误", "行号"}:
                findings.note(
                    "column_skipped",
                    file=sheet.file,
                    sheet=sheet.sheet,
                    row=entry.header_row,
                    kind=entry.kind,
                    column=text,
                )
    return found


def _left_out(texts: Sequence[str], mapping: Mapping[str, Any]) -> bool:
    """A person said that sheets with these headings are no rosters."""
    confirmed = mapping.get(digest_of(texts))
    return confirmed is not None and bool(confirmed) and not confirmed.get("kind")


def _check_repeated(sheet: Sheet, entry: SheetMapping) -> None:
    """Two columns with one heading: nobody can say which one counts."""
    for text, column in zip(entry.headings, entry.columns, strict=True):
        count = entry.headings.count(text)
        if column and text and count > 1:
            raise refuse("duplicate_headings", sheet.label, heading=text, count=count)


def _checked(found: list[tuple[Sheet, SheetMapping]], context: Context, delivery: Delivery) -> dict[str, Work]:
    works: dict[str, Work] = {}
    families: list[pl.DataFrame] = []
    for kind in ROW_ORDER:
        parts: list[pl.DataFrame] = []
        headings: dict[str, str] = {}
        for sheet, entry in found:
            if entry.kind != kind:
                continue
            headings |= _headings_of(entry)
            for work, is_number in _batches(sheet, entry, context):
                delivery.rows[kind] = delivery.rows.get(kind, 0) + work.frame.height
                broken = work.take_errors()
                PREPARE[kind](work, context, **({"is_number": is_number} if kind in TYPED else {}))
                work.flag_errors(broken)
                if kind == "students":
                    families += guardians_of(work)
                parts.append(_kept(work, delivery))
        if kind == "guardians" and families:
            work = Work("guardians", pl.concat(families, how="diagonal").fill_null(""), headings, context.findings)
            people.prepare_guardians(work, context)
            parts.append(work.frame.filter(work.is_good()))
        if parts:
            whole = pl.concat(parts, how="diagonal") if len(parts) > 1 else parts[0]
            works[kind] = Work(kind, whole, headings, context.findings)
        if kind == "organisations" and kind in works:
            organisations.connect(works[kind], context)
    return works


def _kept(work: Work, delivery: Delivery) -> pl.DataFrame:
    """Good rows go on; the others are counted here, once each."""
    kept = work.good()
    lost = work.frame.height - kept.height
    delivery.rejected[work.kind] = delivery.rejected.get(work.kind, 0) + lost
    extra = [name for name in kept.columns if name.startswith("_") and name not in {WORST, WHO, "_class"}]
    return kept.drop(extra)


def _headings_of(entry: SheetMapping) -> dict[str, str]:
    return {column: text for text, column in reversed(list(zip(entry.headings, entry.columns, strict=True))) if column}


def _batches(sheet: Sheet, entry: SheetMapping, context: Context) -> Iterator[tuple[Work, pl.Series | None]]:
    """The body of a sheet as works with canonical columns."""
    chosen = _chosen(entry)
    if not chosen:
        return
    raw = [f"c{index}" for index in range(len(entry.headings))]
    needed = sorted({"c0", *(name for names in chosen.values() for name in names)}, key=lambda name: int(name[1:]))
    numbers = None
    if sheet.is_number and entry.kind in TYPED and "id_number" in chosen:
        numbers = sheet.is_number(int(chosen["id_number"][0][1:]))
    constant = _from_names(sheet, entry, context)
    for batch in sheet.body(entry.header_row, len(raw)):
        cleaned = clean(batch.select("row_number", *needed), needed)
        filled = pl.any_horizontal(pl.col(name) != "" for name in needed)
        frame = cleaned.filter(filled & ~_is_total(needed) & ~_is_heading(entry, needed))
        if not frame.height:
            continue
        frame = frame.select(
            "row_number", pl.lit(sheet.file).alias("file"), pl.lit(sheet.sheet).alias("sheet"),
            *(_value(names).alias(column) for column, names in chosen.items()),
            *(pl.lit(value).alias(column) for column, value in constant.items()),
        )  # fmt: skip
        for column in chosen:
            if meant := context.lookup.fixes.get((entry.kind, column)):
                frame = frame.with_columns(pl.col(column).replace(meant))
        held = numbers.gather(frame["row_number"] - 1) if numbers is not None else None
        yield Work(entry.kind, frame, _headings_of(entry), context.findings), held


def _is_total(needed: list[str]) -> pl.Expr:
    filled = pl.sum_horizontal((pl.col(name) != "").cast(pl.Int8) for name in needed)
    first = pl.coalesce(pl.when(pl.col(name) != "").then(pl.col(name)) for name in needed)
    return first.str.contains(TOTALS) & (filled <= 4)


def _is_heading(entry: SheetMapping, needed: list[str]) -> pl.Expr:
    """Headings repeated on every printed page."""
    texts = {f"c{index}": text for index, text in enumerate(entry.headings)}
    return pl.all_horizontal(pl.col(name) == clean_text(texts[name]) for name in needed)


def _chosen(entry: SheetMapping) -> dict[str, list[str]]:
    """Canonical column → raw columns, the better first. A second column for the school holds its name or code."""
    found: dict[str, list[tuple[int, str]]] = {}
    for index, (text, column) in enumerate(zip(entry.headings, entry.columns, strict=True)):
        if column:
            rank = 0 if any(word in text for word in ("码", "号")) else 1
            found.setdefault(column, []).append((rank, f"c{index}"))
    chosen = {column: [name for _rank, name in sorted(places)] for column, places in found.items()}
    if len(chosen.get("school_ref", [])) > 1:
        chosen["_other_school"] = chosen["school_ref"][1:]
        chosen["school_ref"] = chosen["school_ref"][:1]
    return chosen


def _value(names: list[str]) -> pl.Expr:
    if len(names) == 1:
        return pl.col(names[0])
    return pl.coalesce(*(pl.when(pl.col(name) != "").then(pl.col(name)) for name in names), pl.lit(""))


def _from_names(sheet: Sheet, entry: SheetMapping, context: Context) -> dict[str, str]:
    """School and class that only the title or the names of file and sheet say."""
    found: dict[str, str] = {}
    titles = [cell for record in sheet.head[: entry.header_row - 1] for cell in record if cell]
    names = [sheet.sheet if not _SHEET_NAME.match(sheet.sheet) else "", *PurePosixPath(sheet.file).parts]
    if (
        "school_ref" not in entry.columns
        and entry.kind not in {"organisations", "guardians", attributes.KIND, numbers.KIND}
        and not context.default_school
    ):
        fact = context.directory.named_in([*titles, *names])
        if fact:
            found["school_ref"] = fact.code or fact.key
            context.findings.note(
                "school_from_name",
                file=sheet.file,
                sheet=sheet.sheet,
                kind=entry.kind,
                field="school_ref",
                value=fact.name,
            )
    if entry.kind == attributes.KIND and not {"kind", *attributes.KINDS} & set(entry.columns):
        found["kind"] = attributes.kind_in([*titles, *names])
    if entry.kind == "students" and "class_ref" not in entry.columns:
        for name in (names[0], PurePosixPath(sheet.file).stem):
            read = read_class_name(name, school_year=context.lookup.school_year) if name else None
            if read and (read.serial or read.kind == "multigrade" or name.endswith("班")) and len(name) <= 20:
                found["class_ref"] = name
                context.findings.note(
                    "class_from_name",
                    file=sheet.file,
                    sheet=sheet.sheet,
                    kind=entry.kind,
                    field="class_ref",
                    value=name,
                )
                break
    return found


def _joined(works: dict[str, Work], context: Context) -> None:
    """Checks that need whole tables: repetitions, references between tables, phones."""
    if work := works.get("organisations"):
        check_unique(work, "code")
    if work := works.get("classes"):
        check_unique(work, "written_name")
    if work := works.get("students"):
        check_pupils(work)
    if work := works.get("staff"):
        check_unique(work, "staff_number")
    staff = _good(works.get("staff"))
    if work := works.get("classes"):
        references.find_head_teachers(work, staff, context)
    phones = staff["phone"].filter(staff["phone"] != "") if staff is not None else None
    if work := works.get("students"):
        check_phones_of_pupils(work, phones)
    if work := works.get("guardians"):
        references.find_children(work, _good(works.get("students")), context)
        person = (
            pl.when(pl.col("id_number") != "").then("id_number").otherwise(pl.concat_str("name", pl.lit("/"), "phone"))
        )
        work.set(key=pl.concat_str(pl.lit("gu:"), person, pl.lit("@"), "child_ref"))
        check_unique(work, "name")
        check_phones_of_pupils(work, None, child="child_ref")
    if work := works.get(attributes.KIND):
        check_unique(work, "name")
    if work := works.get("teaching"):
        references.find_teachers(work, staff, context)
        work.set(key=pl.concat_str("class_ref", "subject", "teacher_ref", separator="|"))
        check_unique(work, "class_ref")


def _good(work: Work | None) -> pl.DataFrame | None:
    return work.good() if work else None


def _finish(works: dict[str, Work], context: Context, delivery: Delivery) -> None:
    """Canonical frames without the rows that stay out, exact counts, quality."""
    worst = {BLOCK: 0, REVIEW: 0, HINT: 0}
    beside = attributes.of_pupils(works["students"]) if "students" in works else None
    given = numbers.beside(works)
    for kind, work in works.items():
        kept = work.good()
        own = work.frame.filter(pl.col("child_key") == "") if work.has("child_key") else work.frame
        at = own[WORST]
        delivery.rejected[kind] = delivery.rejected.get(kind, 0) + int((at == 3).sum())
        worst[REVIEW] += int((at == 2).sum())
        worst[HINT] += int((at == 1).sum())
        delivery.frames[kind] = canonical(kind, kept)
        work.frame = kept.clear()
    if beside is not None:
        listed_ones = delivery.frames.get(attributes.KIND)
        rows = canonical(attributes.KIND, beside)
        delivery.frames[attributes.KIND] = pl.concat([rows, listed_ones]) if listed_ones is not None else rows
    if given is not None:
        delivery.frames[numbers.KIND] = canonical(numbers.KIND, given)
    names = [column.name for column in ROW_KINDS["classes"]]
    made = canonical("classes", context.book.frame(names))
    if made.height:
        listed = delivery.frames.get("classes")
        delivery.frames["classes"] = pl.concat([listed, made]) if listed is not None else made
    worst[BLOCK] = sum(delivery.rejected.values())
    delivery.complete = frozenset(delivery.rows)
    delivery.rows_with = worst
    delivery.findings = context.findings.table()
    delivery.severities = context.findings.severities()
    delivery.rules = dict(context.findings.rules)
    delivery.quality = quality_of(delivery)
    delivery.frames = {kind: delivery.frames[kind] for kind in ROW_ORDER if kind in delivery.frames}


def canonical(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Exactly the columns of the kind and the place of each row."""
    names = [column.name for column in ROW_KINDS[kind]]
    return frame.select(
        *(pl.col(name).fill_null("") if name in frame.columns else pl.lit("").alias(name) for name in names),
        "file", "sheet", pl.col("row_number").cast(pl.Int64),
    )  # fmt: skip
