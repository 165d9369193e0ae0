"""阳光分班 from list to classes: prepare, seal the list, draw in public, seal the result, seat, place late-comers."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import placing, policies, register
from ..models import Placement, PlacementPupil
from ..placing.sealing import chained, inputs_json
from ..types.words import Bond, PlacementState
from .years import year_before

LONGEST_SEED, MOST_LINES = 200, 3000


def refusal_of(error: placing.Impossible) -> Invalid:
    """The rule that stands in the way, in words."""
    texts = {
        "classes": _("班数应在 1 到 60 之间，且不多于学生数；一次最多 3000 名学生。"),
        "repeated": _("名单里有重复的学生。"), "band": _("段位应为 0 到 20 的整数。"),
        "teams": _("教师组的数量应与班数相同。"), "reduction": _("减少的班额太多，班里已没有座位。"),
        "included": _("随班就读 %(n)d 人放不下：每班人数有上限。请增加班数或调整上限。"),
        "bond": _("双胞胎的意愿填写不完整：每组至少两人，每人只在一组。"),
        "apart": _("要求不同班的 %(n)d 人多于班数，无法分开。"),
        "together": _("要求同班的 %(n)d 人放不进同一个班。"),
    }  # fmt: skip
    text = texts.get(error.rule, error.rule)
    return Invalid(text % {"n": error.number} if "%(n)" in text else text, code=f"placement_{error.rule}")


def _locked(actor: Actor, placement_id: UUID, *states: str) -> Placement:
    found = Placement.objects.select_for_update(of=("self",)).select_related("school").filter(id=placement_id).first()
    if found is None:
        raise Forbidden()
    policies.require_run_placement(actor, str(found.path))
    if states and found.state not in states:
        raise Conflict(
            _("这次分班的状态是“%(state)s”，不能这样做。") % {"state": found.get_state_display()}, code="bad_state"
        )
    return found


def _trace(actor: Actor, action: str, placement: Placement, **data: object) -> None:
    audit.record(actor, f"yearly.placement.{action}", subject_kind="placement", subject_id=placement.id,
                 path=str(placement.path), data=data)  # fmt: skip


def _unseated(placement: Placement) -> list[tuple[UUID, str, str]]:
    """Living pupils of the grade in the school who sit in no administrative class."""
    seated = register.memberships().filter(valid_to=None).exclude(class_group__kind="teaching").values("person_id")
    rows = register.enrolments().filter(
        school_id=placement.school_id, grade=placement.grade, valid_to=None, person__deceased_on=None
    ).exclude(person_id__in=seated)  # fmt: skip
    return list(rows.order_by("person__number").values_list("person_id", "person__number", "person__sex").distinct())


@transaction.atomic
def create_placement(
    *, actor: Actor, school_code: str, year: str, grade: str, classes: int, reduction: int = 5, most_included: int = 2
) -> Placement:
    """A draft with every pupil of the grade who has no class yet. Raises :class:`Conflict` when there is one already."""
    school = register.organisations().filter(code=school_code, kind__in=("school", "teaching_point")).first()
    if school is None:
        raise Forbidden()
    policies.require_run_placement(actor, str(school.path))
    year_before(year)
    if grade not in registry.GRADES:
        raise Invalid(_("请选择年级。"), details={"grade": _("请选择年级。")})
    if not 1 <= classes <= 60 or not 0 <= reduction <= 20 or not 1 <= most_included <= 10:
        told = _("班数 1 到 60，减少班额 0 到 20，每班随班就读 1 到 10。")
        raise Invalid(told, details={"classes": told})
    try:
        with transaction.atomic():
            made = Placement.objects.create(
                school=school, path=school.path, year=year, grade=grade, classes=classes, reduction=reduction,
                most_included=most_included, created_by=actor.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这个年级本学年已经有一次分班。"), code="placement_exists") from error
    count = refresh_pupils(made)
    _trace(actor, "created", made, pupils=count, classes=classes)
    return made


def refresh_pupils(placement: Placement) -> int:
    """Bring the list of a draft up to date with the register; what was entered about pupils stays."""
    wanted = {person: (number, sex) for person, number, sex in _unseated(placement)}
    placement.pupils.exclude(person_id__in=wanted).delete()
    known = set(placement.pupils.values_list("person_id", flat=True))
    PlacementPupil.objects.bulk_create(
        [
            PlacementPupil(placement=placement, person_id=person, number=number, sex=sex)
            for person, (number, sex) in wanted.items()
            if person not in known
        ]
    )
    return len(wanted)


@transaction.atomic
def enter_facts(*, actor: Actor, placement_id: UUID, text: str) -> int:
    """Lines pasted from a sheet: 人员编号, 段位, 随班就读 (是/否), 双胞胎组, 同班/不同班. Returns the number of pupils.

    Raises :class:`Invalid` naming the line; then nothing is written.
    """
    placement = _locked(actor, placement_id, PlacementState.DRAFT)
    rows = {row.number: row for row in placement.pupils.all()}
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise Invalid(_("一次最多 %(n)d 行。") % {"n": MOST_LINES})
    changed = []
    for at, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.replace("，", "\t").replace(",", "\t").split("\t")]
        changed.append(_entered(rows, at, [*cells, "", "", "", ""]))
    PlacementPupil.objects.bulk_update(changed, ["band", "included", "bond", "bond_group"], batch_size=500)
    _trace(actor, "entered", placement, pupils=len(changed))
    return len(changed)


def _entered(rows: dict[str, PlacementPupil], at: int, cells: list[str]) -> PlacementPupil:
    number, band, included, group, wish = cells[:5]
    row = rows.get(number)
    wishes = {"同班": Bond.TOGETHER, "不同班": Bond.APART, "": ""}
    problem = ""
    if row is None:
        problem = _("名单里没有人员编号 %(value)s") % {"value": number[:20]}
    elif band and not (band.isascii() and band.isdigit() and int(band) <= 20):
        problem = _("段位应为 0 到 20 的整数")
    elif included not in ("", "是", "否"):
        problem = _("随班就读应填 是 或 否")
    elif wish not in wishes or bool(group) != bool(wish):
        problem = _("双胞胎组和意愿（同班、不同班）要一起填")
    if row is None or problem:
        raise Invalid(_("第 %(line)d 行：%(problem)s。") % {"line": at, "problem": problem})
    row.band, row.included = int(band or 0), included == "是"
    row.bond, row.bond_group = wishes[wish], group[:40]
    return row


@transaction.atomic
def set_teams(*, actor: Actor, placement_id: UUID, text: str) -> int:
    """One line a teacher team: 组名, and the class teacher's 人员编号 if there is one. Drawn for the classes."""
    placement = _locked(actor, placement_id, PlacementState.DRAFT)
    teams = []
    for at, line in enumerate([line for line in text.splitlines() if line.strip()][:100], 1):
        name, _tab, head = (part.strip() for part in line.replace("，", "\t").replace(",", "\t").partition("\t"))
        person = register.people().filter(number=head, appointments__organisation_id=placement.school_id,
                                          appointments__valid_to=None).first() if head else None  # fmt: skip
        if head and person is None:
            raise Invalid(_("第 %(line)d 行：本校没有人员编号 %(value)s 的教师。") % {"line": at, "value": head[:20]})
        teams.append({"name": name[:40], "head": head, "head_name": person.name if person else ""})
    if teams and len(teams) != placement.classes:
        raise refusal_of(placing.Impossible("teams", len(teams)))
    placement.teams = teams
    placement.save(update_fields=["teams"])
    _trace(actor, "teams", placement, teams=len(teams))
    return len(teams)


def inputs_of(placement: Placement) -> placing.Inputs:
    """What the draw may know: person numbers, sex, band, seats and wishes. No names."""
    rows = list(placement.pupils.filter(is_late=False).order_by("number"))
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row.bond:
            groups[row.bond, row.bond_group].append(row.number)
    return placing.Inputs(
        classes=placement.classes, reduction=placement.reduction, most_included=placement.most_included,
        teams=tuple(team["name"] for team in placement.teams),
        pupils=tuple(placing.Pupil(number=r.number, sex=r.sex, band=r.band, included=r.included) for r in rows),
        bonds=tuple(placing.Bond(kind=kind, numbers=tuple(numbers)) for (kind, _g), numbers in sorted(groups.items())),
    )  # fmt: skip


@transaction.atomic
def freeze(*, actor: Actor, placement_id: UUID) -> Placement:
    """Seal the list before the seed is known: its digest is shown to everybody who watches the draw."""
    from ..placing.drawing import require_possible

    placement = _locked(actor, placement_id, PlacementState.DRAFT)
    refresh_pupils(placement)
    inputs = inputs_of(placement)
    try:
        require_possible(inputs)
    except placing.Impossible as error:
        raise refusal_of(error) from error
    placement.inputs_sha256 = placing.digest_of(inputs_json(inputs))
    placement.state, placement.frozen_at = PlacementState.FROZEN, clock.now()
    placement.save(update_fields=["inputs_sha256", "state", "frozen_at"])
    _trace(actor, "frozen", placement, inputs_sha256=placement.inputs_sha256, pupils=len(inputs.pupils))
    return placement


@transaction.atomic
def reopen(*, actor: Actor, placement_id: UUID, reason: str) -> None:
    """Back to the draft before anything was drawn; the trail keeps the digest of the list that was shown."""
    placement = _locked(actor, placement_id, PlacementState.FROZEN)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明理由。"))
    _trace(actor, "reopened", placement, inputs_sha256=placement.inputs_sha256, reason=reason.strip()[:200])
    placement.state, placement.inputs_sha256, placement.frozen_at = PlacementState.DRAFT, "", None
    placement.save(update_fields=["inputs_sha256", "state", "frozen_at"])


@transaction.atomic
def draw_placement(*, actor: Actor, placement_id: UUID, seed: str, seed_source: str, witnesses: str) -> Placement:
    """Draw with a seed entered in public and seal the result. Once only: there is no second draw.

    Raises :class:`Conflict` (``list_changed``) when the list is no longer the one whose digest was shown.
    """
    placement = _locked(actor, placement_id, PlacementState.FROZEN)
    told = " ".join(seed.split())
    if not told or len(told) > LONGEST_SEED:
        raise Invalid(_("请输入现场抽出的种子，最多 200 个字符。"), details={"seed": _("请输入现场抽出的种子。")})
    if not witnesses.strip() or not seed_source.strip():
        raise Invalid(_("请写明种子来源和见证人。"), details={"witnesses": _("请写明种子来源和见证人。")})
    inputs = inputs_of(placement)
    if placing.digest_of(inputs_json(inputs)) != placement.inputs_sha256:
        raise Conflict(_("名单与封存时不同，不能抽签。请重新封存名单。"), code="list_changed")
    about = {"school": placement.school.code or "", "grade": placement.grade, "year": placement.year}
    try:
        file = placing.sealed_file(inputs, told, about=about)
    except placing.Impossible as error:
        raise refusal_of(error) from error
    place = {n: (c, at) for c, numbers in enumerate(file["result"]["classes"]) for at, n in enumerate(numbers)}
    rows = list(placement.pupils.all())
    for row in rows:
        row.place, row.position = place[row.number]
    PlacementPupil.objects.bulk_update(rows, ["place", "position"], batch_size=500)
    placement.seed, placement.seed_source, placement.witnesses = (
        told,
        seed_source.strip()[:200],
        witnesses.strip()[:200],
    )
    placement.sealed, placement.sha256, placement.state = file, file["sha256"], PlacementState.SEALED
    placement.drawn_at, placement.drawn_by = clock.now(), actor.name
    placement.save()
    _trace(actor, "sealed", placement, sha256=placement.sha256, inputs_sha256=placement.inputs_sha256, seed=told,
           notes=file["result"]["notes"])  # fmt: skip
    return placement


@transaction.atomic
def apply_placement(*, actor: Actor, placement_id: UUID) -> Placement:
    """Write the sealed classes into the register; teams bring their class teachers."""
    placement = _locked(actor, placement_id, PlacementState.SEALED)
    members: list[list[UUID]] = [[] for _ in range(placement.classes)]
    for row in placement.pupils.order_by("place", "position", "id"):
        if row.place is not None:
            members[row.place].append(row.person_id)
    placement.class_ids = [str(one) for one in _seat(actor, placement, members)]
    placement.state, placement.applied_at = PlacementState.APPLIED, clock.now()
    placement.save(update_fields=["class_ids", "state", "applied_at"])
    _trace(actor, "applied", placement, sha256=placement.sha256, pupils=sum(map(len, members)))
    return placement


def _seat(actor: Actor, placement: Placement, members: list[list[UUID]]) -> tuple[UUID, ...]:
    numbers = {team["head"]: at for at, team in enumerate(placement.teams) if team.get("head")}
    heads: dict[int, UUID] = {}
    if numbers:
        people = dict(register.people().filter(number__in=numbers).values_list("number", "id"))
        drawn = {team: c for c, team in enumerate(placement.sealed["result"]["teams"])}
        heads = {drawn[at]: people[number] for number, at in numbers.items() if number in people}
    return registry.seat_classes(
        actor=actor,
        school_id=placement.school_id,
        year=placement.year,
        grade=placement.grade,
        members=members,
        heads=heads,
    )


@transaction.atomic
def add_late(*, actor: Actor, placement_id: UUID, number: str) -> int:
    """Place one who came after the draw: smallest class, then by the seed; chained to the sealed file. Returns the class."""
    placement = _locked(actor, placement_id, PlacementState.SEALED, PlacementState.APPLIED)
    fresh = {n: (person, sex) for person, n, sex in _unseated(placement)}
    if number not in fresh or placement.pupils.filter(number=number).exists():
        told = _("这个人员编号不是本年级还没有班级的学生，或已在分班名单里。")
        raise Invalid(told, details={"number": told})
    late = [(one["number"], one["class"]) for one in placement.sealed["late"]]
    inputs, members = inputs_of(placement), placement.sealed["result"]["classes"]
    chosen = placing.place_late(inputs, placement.seed, members, late, number)
    placement.sealed["late"] = chained(placement.sha256, [*late, (number, chosen)])
    person, sex = fresh[number]
    PlacementPupil.objects.create(
        placement=placement,
        person_id=person,
        number=number,
        sex=sex,
        place=chosen,
        position=9000 + len(late),
        is_late=True,
    )
    placement.save(update_fields=["sealed"])
    if placement.state == PlacementState.APPLIED:
        _seat(actor, placement, [[person] if c == chosen else [] for c in range(placement.classes)])
    _trace(actor, "late", placement, sha256=placement.sealed["late"][-1]["sha256"], place=chosen + 1)
    return chosen
