"""The draw: included pupils, even shares, who is who by the seed, then the wishes by swaps among equals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .flowing import Cell, even, share_of, weighted
from .values import MOST_BANDS, MOST_CLASSES, MOST_PUPILS, Bond, Inputs, Placed, Pupil, rank


class Impossible(ValueError):
    """No draw can satisfy this; ``rule`` says what stands in the way, ``number`` how many."""

    def __init__(self, rule: str, number: int = 0) -> None:
        super().__init__(f"{rule} {number}")
        self.rule, self.number = rule, number


def require_possible(inputs: Inputs) -> None:
    """Raise :class:`Impossible` for what no seed can satisfy."""
    numbers, k = [pupil.number for pupil in inputs.pupils], inputs.classes
    if not 1 <= k <= MOST_CLASSES or not k <= len(numbers) <= MOST_PUPILS:
        raise Impossible("classes", k)
    if len(set(numbers)) != len(numbers):
        raise Impossible("repeated", len(numbers) - len(set(numbers)))
    if any(not 0 <= pupil.band <= MOST_BANDS for pupil in inputs.pupils):
        raise Impossible("band", MOST_BANDS)
    if inputs.teams and len(inputs.teams) != k:
        raise Impossible("teams", len(inputs.teams))
    if not 0 <= inputs.reduction <= 20 or inputs.included > k * inputs.most_included:
        raise Impossible("included", inputs.included)
    known, seen = set(numbers), Counter[str]()
    included = {pupil.number for pupil in inputs.pupils if pupil.included}
    for bond in inputs.bonds:
        seen.update(bond.numbers)
        if len(set(bond.numbers)) < 2 or not set(bond.numbers) <= known or bond.kind not in ("together", "apart"):
            raise Impossible("bond", len(bond.numbers))
        if bond.kind == "apart" and len(bond.numbers) > k:
            raise Impossible("apart", len(bond.numbers))
        if bond.kind == "together" and len(set(bond.numbers) & included) > inputs.most_included:
            raise Impossible("included", len(set(bond.numbers) & included))
    if any(count > 1 for count in seen.values()):
        raise Impossible("bond", max(seen.values()))


def draw(inputs: Inputs, seed: str) -> Placed:
    """Place every pupil. The same inputs and seed give the same classes on every machine."""
    require_possible(inputs)
    return _Draw(inputs, seed).run()


class _Draw:
    def __init__(self, inputs: Inputs, seed: str) -> None:
        self.inputs, self.seed = inputs, seed
        self.by_number = {pupil.number: pupil for pupil in inputs.pupils}
        self.order = sorted(range(inputs.classes), key=lambda c: rank(seed, "class", c))
        self.class_of: dict[str, int] = {}
        self.bonded = {number for bond in inputs.bonds for number in bond.numbers}

    def run(self) -> Placed:
        self._place_included()
        quotas = self._quotas()
        for group, quota in self._groups(quotas):
            self._deal(group, quota)
        for bond in sorted(self.inputs.bonds, key=lambda bond: sorted(bond.numbers)):
            self._tie(bond)
        members: list[list[str]] = [[] for _ in range(self.inputs.classes)]
        for number in sorted(self.class_of, key=lambda number: rank(self.seed, "place", number)):
            members[self.class_of[number]].append(number)
        teams = sorted(range(len(self.inputs.teams)), key=lambda team: rank(self.seed, "team", team))
        found = spreads(self.inputs, members)
        return Placed(members=members, teams=teams, notes=[(what, n) for what, n in found if n > 1])

    # ---- 随班就读 --------------------

    def _place_included(self) -> None:
        held: Counter[int] = Counter()
        bonds = {number: bond for bond in self.inputs.bonds for number in bond.numbers}
        included = [pupil.number for pupil in self.inputs.pupils if pupil.included]
        tied = {n for n in included if n in bonds and bonds[n].kind == "together"}
        for number in sorted(included, key=lambda n: (n not in tied, rank(self.seed, "included", n))):
            mates = (
                {self.class_of[m] for m in bonds[number].numbers if m in self.class_of} if number in bonds else set()
            )
            choices = [c for c in self.order if held[c] < self.inputs.most_included]
            if mates and bonds[number].kind == "together":
                choices = [c for c in choices if c in mates]
            elif mates:
                choices = [c for c in choices if c not in mates]
            if not choices:
                raise Impossible("included", len(included))
            chosen = min(choices, key=lambda c: (held[c], self.order.index(c)))
            self.class_of[number] = chosen
            held[chosen] += 1
        self.held = held

    def _quotas(self) -> dict[int, int]:
        """Ordinary pupils of each class: even seats, less those that 随班就读 takes."""
        k, cost = self.inputs.classes, 1 + self.inputs.reduction
        seats = len(self.inputs.pupils) + self.inputs.reduction * self.inputs.included
        base, extra = divmod(seats, k)
        quotas = {c: base + (at < extra) - self.held[c] * cost for at, c in enumerate(self.order)}
        if min(quotas.values()) < 0:
            raise Impossible("reduction", self.inputs.reduction)
        return quotas

    # ---- even shares --------------------

    def _groups(self, quotas: dict[int, int]) -> Iterator[tuple[list[int], dict[Cell, int]]]:
        """Classes with equally many included pupils, and what all of them together get."""
        left = Counter(pupil.cell for pupil in self.inputs.pupils if not pupil.included)
        groups: dict[int, list[int]] = defaultdict(list)
        for c in self.order:
            groups[self.held[c]].append(c)
        for held in sorted(groups, reverse=True):
            group = groups[held]
            wanted, whole = sum(quotas[c] for c in group), sum(left.values())
            part = share_of(
                left, weighted(wanted, whole), lambda node, held=held: rank(self.seed, f"group{held}", node),  # type: ignore[misc]
                (wanted, wanted),
            )  # fmt: skip
            left -= Counter(part)
            yield group, part

    def _deal(self, group: Sequence[int], part: dict[Cell, int]) -> None:
        """Even shares within the group; the seed says who."""
        waiting: dict[Cell, list[str]] = {}
        for cell, count in part.items():
            free = [p.number for p in self.inputs.pupils if p.cell == cell and p.number not in self.class_of]
            waiting[cell] = sorted(free, key=lambda number: rank(self.seed, "pupil", number))[:count]
        left = dict(part)
        for at, c in enumerate(group):
            share = share_of(left, even(len(group) - at), lambda node, c=c: rank(self.seed, f"share{c}", node))  # type: ignore[misc]
            for cell, count in share.items():
                for _one in range(count):
                    self.class_of[waiting[cell].pop(0)] = c
                left[cell] -= count

    # ---- wishes --------------------

    def _tie(self, bond: Bond) -> None:
        numbers = sorted(bond.numbers, key=lambda number: rank(self.seed, "bond", number))
        if bond.kind == "together":
            self._join(numbers)
        else:
            self._part(numbers)

    def _join(self, numbers: Sequence[str]) -> None:
        fixed = [self.class_of[n] for n in numbers if self.by_number[n].included]
        here = [self.class_of[n] for n in numbers]
        targets = fixed[:1] or list(dict.fromkeys([*here, *self.order]))
        for strict in (2, 1, 0):
            for target in targets:
                swaps = self._swaps(target, [n for n in numbers if self.class_of[n] != target], strict)
                if swaps is not None:
                    self._swap(swaps)
                    return
        raise Impossible("together", len(numbers))

    def _part(self, numbers: Sequence[str]) -> None:
        kept: dict[int, str] = {self.class_of[n]: n for n in numbers if self.by_number[n].included}
        for number in numbers:
            if self.by_number[number].included:
                continue
            here = self.class_of[number]
            if here not in kept:
                kept[here] = number
                continue
            others = {self.class_of[n] for n in numbers}
            targets = [c for c in self.order if c not in kept and c not in others]
            targets += [c for c in self.order if c not in kept and c in others]
            for strict in (2, 1, 0):
                found = next(((c, s) for c in targets if (s := self._swaps(c, [number], strict)) is not None), None)
                if found:
                    self._swap(found[1])
                    kept[found[0]] = number
                    break
            else:
                raise Impossible("apart", len(numbers))

    def _swaps(self, target: int, movers: Iterable[str], strict: int) -> list[tuple[str, str]] | None:
        """A partner in the class for each mover: of the same cell (2), the same sex (1), anybody (0)."""
        taken: set[str] = set()
        swaps = []
        for mover in movers:
            own = self.by_number[mover]
            partners = [
                n for n, c in self.class_of.items()
                if c == target and n not in self.bonded and n not in taken and not self.by_number[n].included
                and (strict == 0 or self.by_number[n].sex == own.sex) and (strict < 2 or self.by_number[n].cell == own.cell)
            ]  # fmt: skip
            if not partners:
                return None
            partner = min(partners, key=lambda n: rank(self.seed, "swap", n))
            taken.add(partner)
            swaps.append((mover, partner))
        return swaps

    def _swap(self, swaps: Iterable[tuple[str, str]]) -> None:
        for one, other in swaps:
            self.class_of[one], self.class_of[other] = self.class_of[other], self.class_of[one]


def spreads(inputs: Inputs, members: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """Largest minus smallest count over the classes: ``size`` (seats, with those kept free), ``sex:1``, ``band:3``.

    Sex and band are counted among ordinary pupils and compared between classes with equally many included ones.
    """
    by_number = {pupil.number: pupil for pupil in inputs.pupils}
    classes = [[by_number[number] for number in numbers] for numbers in members]
    held = [sum(pupil.included for pupil in one) for one in classes]
    seats = [len(one) + inputs.reduction * count for one, count in zip(classes, held, strict=True)]
    found = [("size", max(seats) - min(seats))]
    for what, values, key in (
        ("sex", sorted({p.sex for p in inputs.pupils}), lambda p: p.sex),
        ("band", sorted({p.band for p in inputs.pupils}), lambda p: p.band),
    ):
        for value in values:
            counts: dict[int, list[int]] = defaultdict(list)
            for one, count in zip(classes, held, strict=True):
                counts[count].append(sum(key(p) == value and not p.included for p in one))
            found.append((f"{what}:{value}", max(max(group) - min(group) for group in counts.values())))
    return found


def place_late(
    inputs: Inputs, seed: str, members: Sequence[Sequence[str]], late: Sequence[tuple[str, int]], number: str
) -> int:
    """The class of one who comes later: the smallest by seats, among equals by the seed. ``late``: (number, class) before."""
    by_number: dict[str, Pupil] = {pupil.number: pupil for pupil in inputs.pupils}
    if number in by_number or number in {one for one, _c in late}:
        raise Impossible("repeated", 1)
    seats = [len(one) + inputs.reduction * sum(by_number[n].included for n in one) for one in members]
    for _number, c in late:
        seats[c] += 1
    return min(range(inputs.classes), key=lambda c: (seats[c], rank(seed, "late", f"{number}|{c}")))
