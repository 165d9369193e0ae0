"""The closed set of checks. Each is one statement over the register that names subject, school, path and figures.

``%(path)s`` and ``%(below)s`` bound the schools that are looked at, from the one on and before the other in the order of the
tree; uniqueness looks at the whole node. ``%(limit)s`` is the
rule's parameter. Demo people (``synthetic``) are left out where their invented numbers would be flagged.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.upstream import api as upstream
from lingqu.foundation.upstream.api import NumberKind

from .types import Subject

_PUPILS = """FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
  WHERE e.valid_to IS NULL AND e.path >= %(path)s::ltree AND e.path < %(below)s::ltree
    AND p.canonical_id IS NULL AND p.deceased_on IS NULL"""
_OF_PUPIL = "SELECT p.id, e.school_id, e.path, "
_CLASSES = f"""FROM registry_classgroup c JOIN registry_organisation o ON o.id = c.school_id
  JOIN registry_schoolyear y ON y.code = c.school_year_id
  WHERE {registry.CLASS_IN_USE} AND c.kind <> 'teaching' AND o.path >= %(path)s::ltree AND o.path < %(below)s::ltree"""
_OF_CLASS = "SELECT c.id, c.school_id, o.path, "
_PHONES = """phones AS MATERIALIZED (
  SELECT p.id AS child, p.phone_blind AS phone, p.id AS holder FROM registry_person p
    JOIN registry_enrolment e ON e.person_id = p.id AND e.valid_to IS NULL
    WHERE p.phone_blind IS NOT NULL AND NOT p.synthetic AND p.deceased_on IS NULL AND p.canonical_id IS NULL
  UNION SELECT g.child_id, q.phone_blind, COALESCE(q.canonical_id, q.id) FROM registry_guardianship g
    JOIN registry_person q ON q.id = g.guardian_id
    JOIN registry_enrolment e ON e.person_id = g.child_id AND e.valid_to IS NULL
    WHERE g.valid_to IS NULL AND q.phone_blind IS NOT NULL AND NOT q.synthetic AND q.deceased_on IS NULL)"""
_NORM = """CASE WHEN c.grades[1] LIKE 'K%%' THEN 35 WHEN c.grades[1] >= 'G07' THEN 50
  WHEN c.grades[1] = 'G06' AND o.schooling = 'five_four' THEN 50 ELSE 45 END"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``sql`` is empty for checks that must open sealed values; ``sealed`` does those. ``is_wide``: it compares pupils of
    different schools, so it looks at the whole node at once and not school by school."""

    subject: Subject
    title: Promise
    mending: Promise
    sql: str = ""
    is_wide: bool = False


CHECKS: dict[str, Check] = {
    "no_id": Check(
        subject=Subject.PERSON, title=_("学生没有证件号"), mending=_("请家长补交证件，在国家学籍系统登记后重新导入"),
        sql=f"{_OF_PUPIL} '' {_PUPILS} AND p.id_blind IS NULL",
    ),
    "double_id": Check(
        is_wide=True, subject=Subject.PERSON, title=_("证件号与他人重复"), mending=_("核对两份档案，是同一人就合并，不是就更正证件号"),
        sql=f"""WITH twice AS MATERIALIZED (SELECT id_blind, count(*) AS n FROM registry_person WHERE id_blind IS NOT NULL
          AND canonical_id IS NULL AND NOT synthetic GROUP BY id_blind HAVING count(*) > 1)
          {_OF_PUPIL} (SELECT t.n::text FROM twice t WHERE t.id_blind = p.id_blind) {_PUPILS}
          AND NOT p.synthetic AND p.id_blind IN (SELECT id_blind FROM twice)""",  # noqa: S608
    ),
    "bad_id": Check(
        subject=Subject.PERSON, title=_("身份证号校验位不符"), mending=_("对照户口簿核对，在国家学籍系统办理关键数据变更")
    ),
    "birth_not_id": Check(
        subject=Subject.PERSON, title=_("出生日期与身份证号不一致"), mending=_("对照户口簿核对，在国家学籍系统办理关键数据变更")
    ),
    "sex_not_id": Check(
        subject=Subject.PERSON, title=_("性别与身份证号不一致"), mending=_("对照户口簿核对，在国家学籍系统办理关键数据变更")
    ),
    "no_birth": Check(
        subject=Subject.PERSON, title=_("学生没有出生日期"), mending=_("在国家学籍系统补齐后重新导入"),
        sql=f"{_OF_PUPIL} '' {_PUPILS} AND p.birth_date IS NULL",
    ),
    "sex_unknown": Check(
        subject=Subject.PERSON, title=_("学生性别未说明"), mending=_("在国家学籍系统补齐后重新导入"),
        sql=f"{_OF_PUPIL} '' {_PUPILS} AND p.sex NOT IN ('1', '2')",
    ),
    "ethnicity_unknown": Check(
        subject=Subject.PERSON, title=_("民族不在代码表中"), mending=_("对照户口簿核对，更正后重新导入"),
        sql=f"""{_OF_PUPIL} '' {_PUPILS} AND p.ethnicity <> '' AND NOT EXISTS (SELECT 1 FROM registry_codevalue v
          WHERE v.table_id = 'ethnic_groups' AND v.code = p.ethnicity)""",  # noqa: S608
    ),
    "age_off_grade": Check(
        subject=Subject.PERSON, title=_("年龄与年级不符"), mending=_("核对出生日期和年级，跳级、留级或休学的写明情况"),
        sql=f"""SELECT * FROM (SELECT p.id, e.school_id, e.path, (EXTRACT(year FROM age(make_date(
          EXTRACT(year FROM now() - interval '8 months')::int, 9, 1), p.birth_date))::int - substr(e.grade, 2)::int - 5)::text AS off
          {_PUPILS}
          AND e.grade LIKE 'G%%' AND p.birth_date IS NOT NULL) found WHERE off::int < -1 OR off::int > %(limit)s""",  # noqa: S608
    ),
    "schooling_off": Check(
        subject=Subject.SCHOOL, title=_("学制与年级不符，学生可能提前毕业"), mending=_("核对学校学制，在机构页更正"),
        sql=f"""WITH held AS (SELECT o.id, o.path, o.schooling, o.school_type, array_agg(DISTINCT g.grade) AS grades
            FROM registry_organisation o JOIN registry_classgroup c ON c.school_id = o.id
            JOIN registry_schoolyear y ON y.code = c.school_year_id
            CROSS JOIN LATERAL unnest(c.grades) AS g(grade)
            WHERE {registry.CLASS_IN_USE} AND o.closed_on IS NULL AND c.kind <> 'teaching' AND o.path >= %(path)s::ltree AND o.path < %(below)s::ltree
            GROUP BY o.id)
          SELECT id, id, path, schooling FROM held WHERE (schooling = '' AND grades && ARRAY['G01','G06','G07','G09']::varchar[])
            OR (school_type IN ('211', '218', '219') AND ((schooling = 'five_four' AND 'G06' = ANY(grades))
              OR (schooling = 'six_three' AND NOT 'G06' = ANY(grades) AND grades @> ARRAY['G01','G02','G03','G04','G05']::varchar[])))
            OR (school_type IN ('311', '319') AND ((schooling = 'six_three' AND 'G06' = ANY(grades))
              OR (schooling = 'five_four' AND NOT 'G06' = ANY(grades) AND grades @> ARRAY['G07','G08','G09']::varchar[])))""",  # noqa: S608
    ),
    "phone_shared": Check(
        is_wide=True, subject=Subject.PERSON, title=_("同一电话登记在多名学生名下"), mending=_("核对是否由班主任代填，改成家长本人的电话"),
        sql=f"""WITH {_PHONES}, many AS MATERIALIZED (SELECT phone, count(DISTINCT child) AS n FROM phones GROUP BY phone
            HAVING count(DISTINCT child) >= %(limit)s)
          SELECT p.id, e.school_id, e.path, max(m.n)::text FROM many m JOIN phones f ON f.phone = m.phone
            JOIN registry_enrolment e ON e.person_id = f.child JOIN registry_person p ON p.id = f.child
          WHERE e.valid_to IS NULL AND e.path >= %(path)s::ltree AND e.path < %(below)s::ltree
            AND p.canonical_id IS NULL AND p.deceased_on IS NULL GROUP BY p.id, e.school_id, e.path""",  # noqa: S608
    ),
    "phone_of_staff": Check(
        is_wide=True, subject=Subject.PERSON, title=_("电话与教职工相同"), mending=_("家长不是这名教职工的，改成家长本人的电话"),
        sql=f"""WITH {_PHONES}, staff AS MATERIALIZED (SELECT DISTINCT p.phone_blind AS phone, COALESCE(p.canonical_id, p.id) AS person
            FROM registry_person p JOIN registry_appointment a ON a.person_id = p.id AND a.valid_to IS NULL
            WHERE p.phone_blind IS NOT NULL AND NOT p.synthetic)
          SELECT p.id, e.school_id, e.path, '' FROM phones f JOIN staff s ON s.phone = f.phone AND s.person <> f.holder
            JOIN registry_enrolment e ON e.person_id = f.child JOIN registry_person p ON p.id = f.child
          WHERE e.valid_to IS NULL AND e.path >= %(path)s::ltree AND e.path < %(below)s::ltree
            AND p.canonical_id IS NULL AND p.deceased_on IS NULL GROUP BY p.id, e.school_id, e.path""",  # noqa: S608
    ),
    "class_without_head": Check(
        subject=Subject.CLASS, title=_("班级没有班主任"), mending=_("在班级页指定班主任"),
        sql=f"""{_OF_CLASS} '' {_CLASSES} AND c.size > 0 AND NOT EXISTS (SELECT 1 FROM registry_duty d
          WHERE d.class_group_id = c.id AND d.kind = 'head_teacher' AND d.valid_to IS NULL)""",  # noqa: S608
    ),
    "class_over_norm": Check(
        subject=Subject.CLASS, title=_("班额超过标准"), mending=_("制定分流方案，报县区教育局"),
        sql=f"{_OF_CLASS} (c.size - {_NORM})::text {_CLASSES} AND c.size > {_NORM}",
    ),
    "class_empty": Check(
        subject=Subject.CLASS, title=_("班级没有学生"), mending=_("编入学生，或撤销班级"),
        sql=f"{_OF_CLASS} '' {_CLASSES} AND NOT EXISTS (SELECT 1 FROM registry_classmembership m WHERE m.class_group_id = c.id AND m.valid_to IS NULL)",  # noqa: S608
    ),
    "pupil_without_class": Check(
        subject=Subject.PERSON, title=_("学生没有编入班级"), mending=_("在学生页办理调班，编入班级"),
        sql=f"""{_OF_PUPIL} '' {_PUPILS} AND e.attendance <> 'absent' AND NOT EXISTS (SELECT 1 FROM registry_classmembership m
          JOIN registry_classgroup c ON c.id = m.class_group_id WHERE m.person_id = p.id AND m.valid_to IS NULL
          AND c.school_id = e.school_id AND c.kind <> 'teaching')""",  # noqa: S608
    ),
    "teacher_without_lessons": Check(
        subject=Subject.PERSON, title=_("任课教师没有任课安排"), mending=_("在任课安排中补上，不任课的更正岗位"),
        sql="""SELECT p.id, a.organisation_id, a.path, '' FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
          JOIN registry_organisation o ON o.id = a.organisation_id AND o.kind IN ('school', 'teaching_point')
          WHERE a.valid_to IS NULL AND a.relation = 'works_at' AND a.subject <> '' AND a.path >= %(path)s::ltree
            AND a.path < %(below)s::ltree AND p.canonical_id IS NULL AND p.deceased_on IS NULL
            AND NOT EXISTS (SELECT 1 FROM registry_teachingassignment t WHERE t.person_id = p.id AND t.valid_to IS NULL)
          GROUP BY p.id, a.organisation_id, a.path""",
    ),
    "no_teacher_number": Check(
        subject=Subject.PERSON, title=_("专任教师没有全国教师编号"),
        mending=_("在全国教师管理信息系统核对，把编号随教职工名册或号码表导入"),
        sql=f"""SELECT p.id, a.organisation_id, a.path, '' FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
          JOIN registry_organisation o ON o.id = a.organisation_id AND o.kind IN ('school', 'teaching_point')
          WHERE a.valid_to IS NULL AND a.relation = 'works_at' AND COALESCE(a.full_time, a.subject <> '') AND a.path >= %(path)s::ltree
            AND a.path < %(below)s::ltree AND p.canonical_id IS NULL AND p.deceased_on IS NULL
            AND EXISTS (SELECT 1 FROM upstream_identifier k WHERE k.issuer = '{NumberKind.TEACHER.value}' AND k.valid_to IS NULL)
            AND NOT {upstream.HAS_NUMBER.format(number=NumberKind.TEACHER.value)}
          GROUP BY p.id, a.organisation_id, a.path""",  # noqa: S608
    ),
    "no_guardian": Check(
        subject=Subject.PERSON, title=_("学生没有登记监护人"), mending=_("在学生页登记监护人"),
        sql=f"""{_OF_PUPIL} '' {_PUPILS} AND NOT EXISTS (SELECT 1 FROM registry_guardianship g WHERE g.child_id = p.id
          AND g.valid_to IS NULL AND g.kind <> 'proxy')""",  # noqa: S608
    ),
    "no_guardian_phone": Check(
        subject=Subject.PERSON, title=_("监护人都没有电话"), mending=_("请家长补交电话，在家长页登记"),
        sql=f"""{_OF_PUPIL} '' {_PUPILS} AND EXISTS (SELECT 1 FROM registry_guardianship g WHERE g.child_id = p.id
            AND g.valid_to IS NULL AND g.guardian_id IS NOT NULL AND g.kind <> 'proxy')
          AND NOT EXISTS (SELECT 1 FROM registry_guardianship g JOIN registry_person q ON q.id = g.guardian_id
            WHERE g.child_id = p.id AND g.valid_to IS NULL AND q.phone_blind IS NOT NULL)""",  # noqa: S608
    ),
}  # fmt: skip
