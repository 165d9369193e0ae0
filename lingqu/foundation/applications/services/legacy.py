"""旧账号对照: whom the users of a vendor's former system are here. Set-based; only digests of the upload stay."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import fastexcel
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Invalid, NotFound, TooLarge

from .. import policies
from ..models import Adoption, LegacyAccount
from ..selectors.entering import live_adoptions
from ..types.words import MatchState
from .registering import locked, trace

MOST_BYTES, MOST_UNPACKED, MOST_ROWS, LONGEST = 5 << 20, 100 << 20, 20_000, 200
COLUMNS = {
    "vendor_user": ("旧账号", "原账号", "账号", "用户名", "用户编号", "vendor_user", "user", "user_id", "username"),
    "name": ("姓名", "真实姓名", "name"),
    "id_number": ("证件号", "证件号码", "身份证号", "身份证件号", "id_number"),
    "phone": ("手机号", "手机", "手机号码", "电话", "phone", "mobile"),
    "number": ("学号", "工号", "学号或工号", "人员编号", "number"),
    "school_code": ("学校代码", "学校标识码", "学校（机构）标识码", "school_code"),
}
_TITLES = {title: name for name, titles in COLUMNS.items() for title in titles}
_SPACE = re.compile(r"\s+")
_STORE = """
INSERT INTO applications_legacyaccount AS held
    (application_id, vendor_user, name, phone_blind, id_blind, number, school_code, state, way, uploaded_at, settled_by)
SELECT %(application)s, up.vendor_user, up.name, up.phone, up.id, up.number, up.school_code, 'missing', '',
       clock_timestamp(), ''
FROM unnest(%(vendor_user)s::text[], %(name)s::text[], %(phone)s::uuid[], %(id)s::uuid[], %(number)s::text[],
            %(school_code)s::text[]) AS up (vendor_user, name, phone, id, number, school_code)
ON CONFLICT (application_id, vendor_user) DO UPDATE SET
    name = EXCLUDED.name, phone_blind = EXCLUDED.phone_blind, id_blind = EXCLUDED.id_blind, number = EXCLUDED.number,
    school_code = EXCLUDED.school_code, uploaded_at = EXCLUDED.uploaded_at
"""
_MATCH = """
WITH open_rows AS (
    SELECT id, name, id_blind, phone_blind, number, school_code FROM applications_legacyaccount
    WHERE application_id = %(application)s AND settled_by = '' AND state <> 'matched'
), hits AS (
    SELECT l.id AS row_id, 1 AS rank, p.id AS person_id FROM open_rows l
    JOIN registry_person p ON p.id_blind = l.id_blind AND p.name = l.name
    UNION ALL
    SELECT l.id, 2, p.id FROM open_rows l JOIN registry_person p ON p.phone_blind = l.phone_blind AND p.name = l.name
    UNION ALL
    SELECT l.id, 3, p.id FROM open_rows l
    JOIN registry_organisation o ON o.code = l.school_code
    JOIN registry_enrolment e ON e.school_id = o.id AND e.school_number = l.number AND e.valid_to IS NULL
    JOIN registry_person p ON p.id = e.person_id AND p.name = l.name
    WHERE l.number <> '' AND l.school_code <> ''
    UNION ALL
    SELECT l.id, 3, p.id FROM open_rows l
    JOIN registry_organisation o ON o.code = l.school_code
    JOIN registry_appointment a ON a.organisation_id = o.id AND a.staff_number = l.number AND a.valid_to IS NULL
    JOIN registry_person p ON p.id = a.person_id AND p.name = l.name
    WHERE l.number <> '' AND l.school_code <> ''
    UNION ALL
    SELECT l.id, 3, p.id FROM open_rows l JOIN registry_person p ON p.number = l.number AND p.name = l.name
), reached AS (
    SELECT DISTINCT h.row_id, h.rank, coalesce(p.canonical_id, p.id) AS person_id
    FROM hits h JOIN registry_person p ON p.id = h.person_id
    WHERE p.deceased_on IS NULL AND (
        p.path <@ %(places)s::ltree[]
        OR EXISTS (SELECT 1 FROM registry_enrolment e
                   WHERE e.person_id = p.id AND e.valid_to IS NULL AND e.path <@ %(places)s::ltree[])
        OR EXISTS (SELECT 1 FROM registry_appointment a
                   WHERE a.person_id = p.id AND a.valid_to IS NULL AND a.path <@ %(places)s::ltree[]))
), best AS (
    SELECT row_id, min(rank) AS rank FROM reached GROUP BY row_id
), found AS (
    SELECT b.row_id, b.rank, count(*) AS people, (array_agg(r.person_id))[1] AS person_id
    FROM best b JOIN reached r ON r.row_id = b.row_id AND r.rank = b.rank GROUP BY b.row_id, b.rank
)
UPDATE applications_legacyaccount l SET
    state = CASE WHEN f.people = 1 THEN 'matched' ELSE 'ambiguous' END,
    person_id = CASE WHEN f.people = 1 THEN f.person_id END,
    way = CASE WHEN f.people = 1 THEN (ARRAY['id', 'phone', 'number'])[f.rank] ELSE '' END
FROM found f WHERE l.id = f.row_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What an upload came to. ``faults`` are sentences with row numbers, at most fifty of ``refused``."""

    rows: int
    refused: int
    faults: tuple[str, ...]


@transaction.atomic
def upload(*, actor: Actor, application_id: UUID, data: bytes) -> Uploaded:
    """Keep the rows of a file and match what is open. A row that comes again is renewed; who was matched stays.

    Nobody is found outside the places that use the application, and never without the right name.
    """
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row))
    rows, faults, refused = _checked(_read(data))
    if rows:
        _store(row.id, rows)
    match_open(row.id)
    trace(actor, "applications.legacy_uploaded", row, rows=len(rows), refused=refused)
    return Uploaded(rows=len(rows), refused=refused, faults=faults)


@transaction.atomic
def match_again(*, actor: Actor, application_id: UUID) -> int:
    """After another school came to use the application, or the register was put right. Returns how many were found."""
    row = locked(application_id)
    require(policies.may_keep_secrets(actor, row))
    before = LegacyAccount.objects.filter(application=row, state=MatchState.MATCHED).count()
    match_open(row.id)
    trace(actor, "applications.legacy_matched", row)
    return LegacyAccount.objects.filter(application=row, state=MatchState.MATCHED).count() - before


@transaction.atomic
def settle(*, actor: Actor, legacy_id: int, number: str) -> None:
    """A person of the bureau says who a user is, by person number; an empty number says nobody. Vendors do not: they
    would learn who is in the register."""
    row = LegacyAccount.objects.select_for_update(of=("self",)).filter(id=legacy_id).first()
    if row is None:
        raise NotFound(_("没有这一行。"))
    application = locked(row.application_id)
    require(policies.may_manage(actor, application))
    person = registry.find_person(number.strip()) if number.strip() else None
    if number.strip() and (person is None or not actor.holds(registry.rights.PERSON_VIEW, str(person.path))):
        message = _("您管理的范围内没有这个人员编号。")
        raise Invalid(message, details={"number": message})
    row.person_id = (person.canonical_id or person.id) if person else None
    row.state, row.way = (MatchState.MATCHED, "hand") if person else (MatchState.MISSING, "")
    row.settled_by = actor.name
    row.save(update_fields=["person_id", "state", "way", "settled_by"])
    audit.record(
        actor, "applications.legacy_settled", subject_kind="application", subject_id=application.id,
        path=application.organisation_path, data={"row": row.id, "person": str(row.person_id or "")},
    )  # fmt: skip


def match_open(application_id: UUID) -> None:
    """One statement over everything that is not matched or settled by hand."""
    places = [str(one.organisation.path) for one in _adoptions(application_id)]
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, {"application": application_id, "places": places})


def _adoptions(application_id: UUID) -> Iterable[Adoption]:
    return live_adoptions().filter(application_id=application_id)


def _store(application_id: UUID, rows: list[dict[str, str]]) -> None:
    def column(name: str) -> list[str]:
        return [row.get(name, "") for row in rows]

    with connection.cursor() as cursor:
        cursor.execute(
            _STORE, {
                "application": application_id, "vendor_user": column("vendor_user"), "name": column("name"),
                "phone": crypto.blind_all("phone", column("phone")), "id": crypto.blind_all("id", column("id_number")),
                "number": column("number"), "school_code": column("school_code"),
            },
        )  # fmt: skip


def _checked(table: list[list[str]]) -> tuple[list[dict[str, str]], tuple[str, ...], int]:
    """Rows by column, sentences about those that cannot be used, and how many those are."""
    titles = [_SPACE.sub("", cell).lower() for cell in table[0]] if table else []
    names = [_TITLES.get(title, "") for title in titles]
    for wanted, label in (("vendor_user", _("旧账号")), ("name", _("姓名"))):
        if names.count(wanted) != 1:
            raise Invalid(_("文件的第一行要有且只有一列“%(column)s”。") % {"column": label}, code="bad_columns")
    kept: dict[str, dict[str, str]] = {}
    faults: list[str] = []
    for position, cells in enumerate(table[1:], start=2):
        row = {name: _normal(name, cell) for name, cell in zip(names, cells, strict=False) if name}
        if not any(row.values()):
            continue
        fault = _fault_of(row, kept)
        if fault:
            faults.append(_("第 %(row)d 行：%(fault)s") % {"row": position, "fault": fault})
        else:
            kept[row["vendor_user"]] = row
    return list(kept.values()), tuple(faults[:50]), len(faults)


def _fault_of(row: dict[str, str], kept: dict[str, dict[str, str]]) -> str:
    if not row["vendor_user"] or not row["name"]:
        return _("缺旧账号或姓名。")
    if row["vendor_user"] in kept:
        return _("旧账号“%(user)s”在文件里重复。") % {"user": row["vendor_user"]}
    if any(len(value) > LONGEST or "\0" in value for value in row.values()):
        return _("有一格内容太长或含有无效字符。")
    if not (row.get("id_number") or row.get("phone") or row.get("number")):
        return _("证件号、手机号、学号（工号）至少要有一项。")
    return ""


def _normal(name: str, cell: str) -> str:
    text = unicodedata.normalize("NFKC", cell).strip()
    if name == "name":
        return cell.strip()
    if name == "id_number":
        return _SPACE.sub("", text).upper()
    if name == "phone":
        digits = re.sub(r"[\s()-]", "", text)
        return digits.removeprefix("+86") if len(digits) > 11 else digits
    return text


def _read(data: bytes) -> list[list[str]]:
    """Every row of the first sheet, or of the CSV in UTF-8 or GB 18030."""
    if not data:
        raise Invalid(_("请选择文件。"), details={"file": _("请选择文件。")})
    if len(data) > MOST_BYTES:
        raise TooLarge(_("文件不能超过 5 MB。"))
    table = _workbook(data) if data[:2] == b"PK" else _text_table(data)
    if len(table) > MOST_ROWS + 1:
        raise TooLarge(_("一次最多 %(most)d 行，请分几个文件上传。") % {"most": MOST_ROWS})
    return table


def _workbook(data: bytes) -> list[list[str]]:
    unreadable = _("这个文件打不开，请另存为 xlsx 或 csv 后再上传。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise TooLarge(_("文件解开以后太大。"))
        sheet = fastexcel.read_excel(data).load_sheet(
            0, header_row=None, skip_rows=0, dtypes="string", n_rows=MOST_ROWS + 2
        )
        rows = sheet.to_polars().rows()
    except (TooLarge, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader answers some broken files with a panic, which is no Exception
        raise Invalid(unreadable, code="damaged") from error
    return [[re.sub(r"\.0$", "", cell) if cell else "" for cell in row] for row in rows]


def _text_table(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error as error:
            raise Invalid(_("这个 CSV 的引号或分隔不对，请另存后再上传。"), code="damaged") from error
    raise Invalid(_("这个文件打不开，请另存为 xlsx 或 csv 后再上传。"), code="damaged")
