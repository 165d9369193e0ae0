"""Every rule of the checks: how serious it is, what it says, who mends it. Codes are stable; texts are translated."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.language import retold

from .types import BLOCK, HINT, REVIEW


@dataclass(frozen=True, slots=True)
class Rule:
    """``message`` may use ``%(value)s`` (as found, masked), ``%(detail)s`` and ``%(column)s``. ``title`` names the rule
    in lists. ``aspect``: which part of the quality it counts against: complete, correct or consistent."""

    severity: str
    title: Promise
    message: Promise
    aspect: str = "correct"


RULES: dict[str, Rule] = {
    # the row as a whole
    "required": Rule(BLOCK, _("必填项为空"), _("“%(column)s”为空，这一行不能导入。"), "complete"),
    "duplicate_in_file": Rule(
        BLOCK, _("文件内重复"), _("与第 %(detail)s 行是同一人或同一条记录，这一行不导入。"), "consistent"
    ),
    "several_schools": Rule(
        REVIEW,
        _("一人多籍"),
        _("同一名学生在第 %(detail)s 行登记于另一所学校，已按同一人导入，请两校核对。"),
        "consistent",
    ),
    "same_person_doubt": Rule(
        REVIEW, _("疑似重复"), _("与第 %(detail)s 行姓名、性别、出生日期相同，请核对是否同一人。"), "consistent"
    ),
    "number_repeated": Rule(REVIEW, _("编号重复"), _("“%(column)s”与第 %(detail)s 行相同。"), "consistent"),
    # names
    "name_spaces": Rule(HINT, _("姓名中有空格"), _("已去掉姓名中的空格。")),
    "name_private_use": Rule(
        REVIEW, _("生僻字无法显示"), _("姓名里有用造字补的字（%(detail)s），请改用规范编码的字。")
    ),
    "name_garbled": Rule(REVIEW, _("姓名有乱码"), _("姓名里有无法识别的字符，请核对。")),
    # identity numbers
    "id_damaged": Rule(BLOCK, _("证件号损坏"), _("身份证号被 Excel 转成数字，后三位已丢失，请重新导出为文本。")),
    "id_missing": Rule(REVIEW, _("没有证件号"), _("没有身份证件号，已先导入，请补齐。"), "complete"),
    "id_form": Rule(REVIEW, _("证件号位数不对"), _("身份证号应为 18 位（前 17 位是数字），请核对。")),
    "id_old": Rule(REVIEW, _("旧版证件号"), _("这是 15 位的旧身份证号，请换成 18 位。")),
    "id_check_digit": Rule(REVIEW, _("校验位不符"), _("第 18 位应为 %(detail)s，请对照户口簿核对。")),
    "id_birth": Rule(REVIEW, _("证件号日期不存在"), _("身份证号里的出生日期不存在或在将来，请核对。")),
    "id_birth_conflict": Rule(
        REVIEW, _("出生日期与证件号不一致"), _("出生日期与身份证号里的 %(detail)s 不一致，请核对。"), "consistent"
    ),
    "id_sex_conflict": Rule(REVIEW, _("性别与证件号不一致"), _("性别与身份证号不一致，请核对。"), "consistent"),
    "id_region": Rule(HINT, _("证件号地区码查不到"), _("身份证号前六位不在行政区划表（含历史）中，可能是录入错误。")),
    "id_region_invented": Rule(REVIEW, _("虚构的证件号"), _("00 开头的证件号只用于演示数据，请核对。")),
    "id_other_form": Rule(REVIEW, _("证件号格式不对"), _("证件号应为 4–30 位字母和数字，请核对。")),
    "register_form": Rule(REVIEW, _("学籍号格式不对"), _("学籍号应为 G、J 或 L 加 18 位，请核对。")),
    "register_conflict": Rule(
        HINT, _("学籍号与证件号不同"), _("G 开头的学籍号与身份证号不同，证件号变更过时属正常。"), "consistent"
    ),
    "state_not_allowed": Rule(
        REVIEW, _("义务教育不得退学"), _("义务教育阶段不得退学、停学、开除，“%(value)s”没有导入，请按规定办理。")
    ),
    # values
    "date_invalid": Rule(REVIEW, _("日期不存在"), _("“%(column)s”不是存在的日期，没有导入，请写成 2013-03-05。")),
    "date_incomplete": Rule(HINT, _("日期不完整"), _("“%(column)s”没有写到日，没有导入。"), "complete"),
    "date_future": Rule(REVIEW, _("日期在将来"), _("“%(column)s”在将来，没有导入，请核对。")),
    "code_unknown": Rule(REVIEW, _("不在代码表中"), _("代码表里没有“%(value)s”，这一项没有导入。")),
    "sex_unknown": Rule(BLOCK, _("性别无法识别"), _("性别“%(value)s”无法识别，请填男或女。")),
    "sex_missing": Rule(REVIEW, _("没有性别"), _("没有性别，已按未知导入，请补齐。"), "complete"),
    "phone_invalid": Rule(REVIEW, _("电话不对"), _("“%(value)s”不是有效的电话号码，没有导入。")),
    "phone_several": Rule(HINT, _("一格多个电话"), _("一格里有多个电话，只导入第一个。")),
    "phone_shared": Rule(
        REVIEW,
        _("同一电话多名学生"),
        _("同一个电话用在多名学生上（人数与行号：%(detail)s），请核对是否代填。"),
        "consistent",
    ),
    "phone_of_staff": Rule(
        REVIEW, _("电话与教职工相同"), _("这个电话与一名教职工的相同，请核对是否代填。"), "consistent"
    ),
    "email_invalid": Rule(REVIEW, _("邮箱不对"), _("“%(value)s”不是有效的邮箱，没有导入。")),
    "number_invalid": Rule(REVIEW, _("数字不对"), _("“%(column)s”应为数字，“%(value)s”没有导入。")),
    # places and classes
    "school_unknown": Rule(BLOCK, _("找不到学校"), _("找不到学校“%(value)s”，请核对代码或先导入学校。"), "consistent"),
    "school_ambiguous": Rule(BLOCK, _("学校重名"), _("有多所学校叫“%(value)s”，请填学校代码。"), "consistent"),
    "school_conflict": Rule(
        REVIEW, _("学校代码与名称不一致"), _("学校代码与学校名称“%(detail)s”不一致，已按代码导入。"), "consistent"
    ),
    "out_of_scope": Rule(BLOCK, _("不在你的管理范围"), _("“%(value)s”不在你的管理范围。"), "consistent"),
    "organisation_unknown": Rule(REVIEW, _("找不到单位"), _("找不到单位“%(value)s”，这一项没有导入。"), "consistent"),
    "parent_unknown": Rule(
        REVIEW, _("找不到上级单位"), _("找不到上级单位“%(value)s”，已放在导入范围的顶级单位之下。"), "consistent"
    ),
    "class_unknown": Rule(BLOCK, _("组织中无此班级"), _("这所学校没有班级“%(value)s”，请核对班级名称。"), "consistent"),
    "class_reference": Rule(REVIEW, _("找不到班级"), _("这所学校没有班级“%(value)s”，这一项没有导入。"), "consistent"),
    "class_stage": Rule(
        REVIEW, _("班级年级无法确定"), _("“%(value)s”属于哪个年级无法确定，请补填年级或学校学制。"), "consistent"
    ),
    "class_outside": Rule(
        REVIEW, _("班级超出学校学段"), _("按学校的学制和学段没有“%(value)s”，请核对。"), "consistent"
    ),
    "class_from_name": Rule(HINT, _("班级取自文件名"), _("表里没有班级列，班级按文件名或表名取为“%(value)s”。")),
    "class_no_grade": Rule(HINT, _("班级没有年级"), _("班级“%(value)s”看不出年级，请补填年级。"), "complete"),
    "school_from_name": Rule(HINT, _("学校取自标题"), _("表里没有学校列，学校按标题或文件名取为“%(value)s”。")),
    "grade_conflict": Rule(
        REVIEW, _("年级与班级不一致"), _("年级“%(value)s”与班级“%(detail)s”不一致，已按班级导入。"), "consistent"
    ),
    "child_unknown": Rule(
        BLOCK, _("找不到学生"), _("找不到这名监护人的学生，请核对学籍号，或与学生表一起上传。"), "consistent"
    ),
    "child_ambiguous": Rule(BLOCK, _("学生重名"), _("有多名学生叫“%(value)s”，请填学籍号或身份证件号。"), "consistent"),
    "teacher_unknown": Rule(BLOCK, _("找不到教师"), _("这所学校没有工号或姓名为“%(value)s”的教职工。"), "consistent"),
    "teacher_ambiguous": Rule(BLOCK, _("教师重名"), _("这所学校有多名教职工叫“%(value)s”，请填工号。"), "consistent"),
    "teacher_name_conflict": Rule(
        REVIEW, _("工号与姓名不一致"), _("这个工号的教职工叫“%(detail)s”，请核对。"), "consistent"
    ),
    "teacher_reference": Rule(
        REVIEW, _("找不到教师"), _("这所学校没有教职工“%(value)s”，班主任没有导入。"), "consistent"
    ),
    # attributes of pupils
    "attribute_forbidden": Rule(
        REVIEW,
        _("无权登记学生属性"),
        _("你没有登记学生属性的权限，“%(column)s”没有导入，这名学生的其他内容照常导入。"),
        "complete",
    ),
    "attribute_not_yours": Rule(
        BLOCK,
        _("无权登记学生属性"),
        _("你没有登记学生属性的权限，这一行没有导入，请交给学籍管理员或学校管理员导入。"),
        "complete",
    ),
    "attribute_class": Rule(
        HINT, _("属性没有类别"), _("“%(column)s”只写了是，没有写类别，已按不分类别登记。"), "complete"
    ),
    "attribute_missing": Rule(
        BLOCK,
        _("没有写明属性"),
        _("这一行没有写明是哪种属性，请填“属性”列，或在文件名里写明，如 资助名单。"),
        "complete",
    ),
    "attribute_nobody": Rule(
        BLOCK,
        _("没有号码也没有学校"),
        _("没有人员编号、身份证件号或学籍号时，请填学校，才能找到这名学生。"),
        "complete",
    ),
    "number_forbidden": Rule(
        REVIEW,
        _("无权登记其他平台的号码"),
        _("你没有登记“%(column)s”的权限，人员已导入，这一项没有导入。"),
        "consistent",
    ),
    "number_not_yours": Rule(
        BLOCK, _("无权登记其他平台的号码"), _("你没有登记其他平台号码的权限，这一行没有导入。"), "consistent"
    ),
    "number_damaged": Rule(
        REVIEW,
        _("号码被 Excel 转成了数字"),
        _("“%(value)s”被 Excel 转成了数字，后几位已丢失，请把这一列设为文本重新导出。"),
    ),
    "number_malformed": Rule(
        REVIEW, _("号码写法不对"), _("“%(column)s”应是 3 到 64 位字母和数字，“%(value)s”没有导入。")
    ),
    "number_missing": Rule(
        BLOCK, _("没有其他平台的号码"), _("这一行没有省统一身份号、国家平台号或教师编号。"), "complete"
    ),
    "number_nobody": Rule(
        BLOCK, _("不知道是谁的号码"), _("请填人员编号、身份证件号、学籍号，或学校和工号。"), "complete"
    ),
    "period_turned": Rule(BLOCK, _("起止日期颠倒"), _("终止日期不晚于起始日期，这一行没有导入。")),
    # the file
    "hidden_sheet": Rule(HINT, _("隐藏的工作表"), _("隐藏的工作表“%(value)s”没有读取。")),
    "hidden_rows": Rule(HINT, _("隐藏的行"), _("表中有 %(value)s 行被隐藏或筛选掉，也已读取。")),
    "hidden_columns": Rule(HINT, _("隐藏的列"), _("表中有 %(value)s 列被隐藏，也已读取。")),
    "merged_cells": Rule(
        HINT, _("合并的单元格"), _("表中有 %(value)s 处单元格上下合并，数据行已逐行填上同一个值，请核对。")
    ),
    "cell_error": Rule(REVIEW, _("公式出错"), _("这一格是公式错误“%(value)s”，没有导入，请改成正确的值。"), "complete"),
    "formulas": Rule(HINT, _("公式单元格"), _("表中有 %(value)s 个公式，已取文件里保存的结果。")),
    "sheet_skipped": Rule(HINT, _("工作表未识别"), _("没有认出这张表是哪种名册，没有读取。")),
    "column_skipped": Rule(HINT, _("列未导入"), _("这一列没有对应的项目，没有导入。")),
    # OneRoster
    "reference_school": Rule(BLOCK, _("找不到学校"), _("文件里没有机构 %(value)s。"), "consistent"),
    "reference_class": Rule(BLOCK, _("找不到班级"), _("文件里没有班级 %(value)s。"), "consistent"),
    "reference_person": Rule(BLOCK, _("找不到人员"), _("文件里没有人员 %(value)s。"), "consistent"),
    "reference_child": Rule(REVIEW, _("找不到学生"), _("文件里没有学生 %(value)s，这层关系没有导入。"), "consistent"),
    "reference_parent": Rule(REVIEW, _("找不到上级"), _("没有上级 %(value)s，已不带上级导入。"), "consistent"),
    "reference_course": Rule(REVIEW, _("找不到课程"), _("文件里没有课程 %(value)s，已不带课程导入。"), "consistent"),
    "reference_session": Rule(REVIEW, _("找不到学期"), _("文件里没有学期 %(value)s，已不带学期导入。"), "consistent"),
    "reference_place": Rule(
        REVIEW, _("找不到任职单位"), _("文件里没有机构 %(value)s，这一处任职没有导入。"), "consistent"
    ),
    "guardian_alone": Rule(BLOCK, _("监护人没有学生"), _("没有任何学生指向这名监护人，这一行不导入。"), "consistent"),
    "role_unknown": Rule(REVIEW, _("角色无法识别"), _("角色“%(value)s”不在标准中，按教职工导入。")),
    "role_conflict": Rule(
        REVIEW,
        _("角色与名册不一致"),
        _("班级关系里的角色与 users 里的角色“%(detail)s”不一致，已按班级关系导入。"),
        "consistent",
    ),
    "agent_ignored": Rule(
        REVIEW, _("关系人不是监护人"), _("%(value)s 的角色不是监护人，这层关系没有导入。"), "consistent"
    ),
    "several_orgs": Rule(REVIEW, _("学生有多个机构"), _("学生有多个机构，已按 %(detail)s 导入。"), "consistent"),
    "value_unknown": Rule(REVIEW, _("取值不在标准中"), _("“%(value)s”不在标准的取值中，这一项没有导入。")),
    # raised while applying
    "reference.school": Rule(BLOCK, _("找不到学校"), _("找不到这所学校，请先导入学校。"), "consistent"),
    "reference.class": Rule(BLOCK, _("找不到班级"), _("找不到这个班级，请先导入班级。"), "consistent"),
    "reference.person": Rule(BLOCK, _("找不到人员"), _("找不到这个人，请先导入人员。"), "consistent"),
    "reference.child": Rule(BLOCK, _("找不到学生"), _("找不到这名学生，请先导入学生。"), "consistent"),
    "scope.outside": Rule(BLOCK, _("不在你的管理范围"), _("不在你的管理范围。"), "consistent"),
    "attribute.other_name": Rule(
        BLOCK, _("号码与姓名不一致"), _("这个号码登记的学生不叫这个名字，没有写入，请核对。"), "consistent"
    ),
    "number.other_name": Rule(
        BLOCK, _("号码与姓名不一致"), _("这个号码登记的人不叫这个名字，没有写入，请核对。"), "consistent"
    ),
    "number.twice": Rule(
        BLOCK, _("一人两个号码"), _("给%(person)s写了不止一个“%(kind)s”，没有写入，请核对。"), "consistent"
    ),
    "number.shared": Rule(
        BLOCK,
        _("号码同时写给两人"),
        _("“%(kind)s”%(value)s 在文件里同时写给%(person)s和%(other)s，两人都没有写入。"),
        "consistent",
    ),
    "number.taken": Rule(
        BLOCK,
        _("号码已登记给别人"),
        _("“%(kind)s”%(value)s 已登记给%(other)s，没有写给%(person)s，请核对是谁的。"),
        "consistent",
    ),
    "attribute.no_pupil": Rule(BLOCK, _("不在就读"), _("这个人现在不在任何学校就读，学生属性没有写入。"), "consistent"),
    "person.suspect": Rule(BLOCK, _("需人工确认"), _("有多名已登记人员符合，请人工确认是哪一位。"), "consistent"),
    "person.several": Rule(REVIEW, _("一人多处登记"), _("同一人在多处登记，已按一人处理，请核对。"), "consistent"),
    "more": Rule(HINT, _("其余同类问题"), _("“%(detail)s”还有 %(value)s 处，没有逐行列出，数量已计入。")),
}


def title_of(rule: str) -> str:
    """Short name of a rule; a rule of another module shows its code."""
    return str(RULES[rule].title) if rule in RULES else rule


def told_again(rule: str, message: str) -> str:
    """A stored sentence in the reader's language, with the same facts. One that fits no rule stays as it is, unless the
    catalogue knows the whole of it."""
    return retold(message, lambda: {rule: str(RULES[rule].message)} if rule in RULES else {})
