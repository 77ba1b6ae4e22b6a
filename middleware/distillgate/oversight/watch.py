"""Tells when a campaign appears, grows and ends: what a security team subscribes to."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from distillgate.oversight.campaigns import Campaign

GREW = 1.5
"""How much larger than when it was last told a campaign is told again."""
Change: TypeAlias = Literal["appeared", "grew", "ended"]


class _Told(NamedTuple):
    codes: frozenset[str]
    """Its groups, by which it is known again."""
    accounts: int
    document: dict[str, Any]


class CampaignWatch:
    """Compares the campaigns of now with those that were told."""

    def __init__(self) -> None:
        self._told: list[_Told] = []

    def compare(self, found: list[Campaign]) -> Iterator[tuple[Change, dict[str, Any]]]:
        """Return what changed since the last look, each with what is known of the campaign."""
        before, self._told = self._told, []
        for one in found:
            codes = frozenset(tie.code for tie in one.ties)
            same = [told for told in before if told.codes & codes]
            told = max((t.accounts for t in same), default=0)
            accounts = len(one.members)
            document = one.document()
            if not same:
                yield "appeared", document
            elif accounts >= GREW * told:
                yield "grew", {**document, "accounts_before": told}
            else:
                accounts = told
            self._told.append(_Told(codes, accounts, document))
        now = frozenset[str]().union(*(told.codes for told in self._told))
        for gone in before:
            if not gone.codes & now:
                yield "ended", gone.document
