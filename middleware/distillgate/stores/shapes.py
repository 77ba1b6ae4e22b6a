"""Which classes a record may be made of, and of which fields: nothing else is written or read.

A number stands for each class in a file for good: never give one to another class. A field that is
added to a class takes its default when an older file is read, one that is gone is left out there.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from distillgate.account.account import Account, AccountSettings
from distillgate.account.bucket import Buckets
from distillgate.account.conduct import Conduct
from distillgate.account.distinct import Distinct
from distillgate.account.habit import Habit
from distillgate.account.probing import Probing
from distillgate.account.skeleton import Skeleton
from distillgate.account.texts import Texts
from distillgate.account.windows import Usage
from distillgate.actions.binding import Bound
from distillgate.campaign.evidence import Core, Evidence, Return, Rhythm
from distillgate.campaign.exchangeability import Intraclass, Spread
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.life import Counted, Life
from distillgate.campaign.links import Met
from distillgate.campaign.loads import Loads
from distillgate.campaign.memory import Imprint
from distillgate.campaign.repeats import Repeats
from distillgate.policy.group_budget import Pool


class Shape(NamedTuple):
    """One class that records are made of."""

    kind: type[Any]
    blank: Callable[[], Any] | None = None
    """Makes one whose fields have their defaults, where the class needs more than its fields."""
    without: frozenset[str] = frozenset()
    """Fields that hold only while the process runs."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are kept."""
        if is_dataclass(self.kind):
            names = tuple(field.name for field in fields(self.kind))
        else:
            names = getattr(self.kind, "_fields", None) or self.kind.__slots__
        return tuple(name for name in names if name not in self.without)

    @property
    def lengths(self) -> dict[str, int]:
        """Elements of each field that is an array of fixed length: another length is another
        meaning.
        """
        if self.blank is None:
            return {}
        made = self.blank()
        return {
            name: len(value)
            for name in self.fields
            if isinstance(value := getattr(made, name.removeprefix("_"), None), array | Usage)
        }


class Value(NamedTuple):
    """One class whose values are told by a plain one."""

    kind: type[Any]
    plain: Callable[[Any], Any]
    made: Callable[[Any], Any]


SHAPES: Mapping[int, Shape] = {
    1: Shape(
        Account,
        lambda: Account("", 0, 0.0, AccountSettings()),
        frozenset({"in_flight", "turn"}),
    ),
    4: Shape(Conduct, lambda: Conduct(0.0, 1)),
    5: Shape(Buckets, Buckets),
    6: Shape(
        Group,
        lambda: Group(Key(Kind.USE, 0), 0.0, sample=1, due=1),
        frozenset({"rows", "queued"}),
    ),
    7: Shape(Repeats, lambda: Repeats(1)),
    8: Shape(Life),
    9: Shape(Counted),
    10: Shape(Evidence),
    11: Shape(Core),
    12: Shape(Rhythm),
    13: Shape(Spread),
    14: Shape(Intraclass),
    15: Shape(Loads),
    16: Shape(Return),
    17: Shape(Imprint),
    18: Shape(Pool, lambda: Pool("")),
    19: Shape(Bound),
    20: Shape(Met),
}
VALUES: Mapping[int, Value] = {
    101: Value(Usage, bytes, Usage),
    102: Value(Distinct, bytes, Distinct),
    103: Value(Skeleton, bytes, Skeleton),
    104: Value(Kind, str, Kind),
    106: Value(list, tuple, list),
    107: Value(Counter, dict, Counter),
    108: Value(Probing, bytes, Probing),
    109: Value(Texts, bytes, Texts.of),
    110: Value(Habit, bytes, Habit),
}
