"""What changes in a household between an export and its delta: at most one thing, and none in most households."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from idp.adapters.fiction.draw import Draw
from idp.people.population import Adult, Child, Standing, fictional_mobile

PHONE = 0.015  # below the share of phones at which an import asks (guarantee 18)
MOVE = 0.010
UNLINK = 0.005
DELETION = 0.005


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `children` are those of the household afterwards, with their ties."""

    children: tuple[Child, ...]
    corrected: Adult | None = None  # with another phone
    moved: int | None = None  # the slot of a child who goes to another school
    unlinked: Adult | None = None  # who no longer answers for one of the children
    deleted: Adult | None = None  # whom the school no longer knows


def draw_change(draw: Draw, children: Sequence[Child]) -> Change | None:
    """Return what changes, None in most households. `draw` has begun the household.

    The first guardian of a child always stays.
    """
    before = tuple(children)
    point = draw.fraction()
    if point < PHONE:
        return _correct(draw, before)
    if point < PHONE + MOVE:
        return Change(before, moved=draw.pick(before).slot)
    if point < PHONE + MOVE + UNLINK:
        return _unlink(draw, before)
    if point < PHONE + MOVE + UNLINK + DELETION:
        return _delete(draw, before)
    return None


def _correct(draw: Draw, children: tuple[Child, ...]) -> Change:
    adult = draw.pick(draw.pick(children).ties).adult
    return Change(
        children, corrected=replace(adult, mobile=fictional_mobile(adult.household, adult.slot, corrected=True))
    )


def _unlink(draw: Draw, children: tuple[Child, ...]) -> Change | None:
    child = draw.pick(children)
    if len(child.ties) < 2:
        return None
    gone = child.ties[-1].adult
    after = tuple(replace(one, ties=one.ties[:-1]) if one is child else one for one in children)
    return Change(after, unlinked=gone)


def _delete(draw: Draw, children: tuple[Child, ...]) -> Change | None:
    first = {tie.adult.slot for child in children for tie in child.ties if tie.standing is Standing.FIRST}
    others = {tie.adult.slot: tie.adult for child in children for tie in child.ties if tie.adult.slot not in first}
    if not others:
        return None
    gone = draw.pick(list(others.values()))
    after = tuple(
        replace(child, ties=tuple(tie for tie in child.ties if tie.adult.slot != gone.slot)) for child in children
    )
    return Change(after, deleted=gone)
