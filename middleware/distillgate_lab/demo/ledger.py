"""What became of everybody, as the clients saw it: statuses and headers, nothing from inside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from distillgate_lab.demo.call import Account

HEADER = "x-distillgate"


class Fate(StrEnum):
    """What a client got for one request."""

    FULL = "answered"
    """The whole answer, and nothing said of a restriction."""
    CUT = "cut"
    """An answer, of a request that was made smaller."""
    AWAY = "turned away"
    """429 or 403."""
    FAILED = "failed"
    """Anything else: the play itself is broken."""

    @property
    def restricted(self) -> bool:
        """Return whether the gate held the account back."""
        return self in (Fate.CUT, Fate.AWAY)


def fate(status: int, headers: Mapping[str, str]) -> Fate:
    """Read what happened off an answer."""
    if status in (403, 429):
        return Fate.AWAY
    if status != 200:
        return Fate.FAILED
    return Fate.CUT if headers.get(HEADER) else Fate.FULL


@dataclass(slots=True)
class Row:
    """The sums of one kind of account."""

    kind: str
    honest: bool
    accounts: int = 0
    restricted: int = 0
    full: int = 0
    cut: int = 0
    away: int = 0
    failed: int = 0

    @property
    def requests(self) -> int:
        """Requests sent."""
        return self.full + self.cut + self.away + self.failed

    def __add__(self, other: "Row") -> "Row":
        return Row(
            self.kind,
            self.honest,
            *(
                getattr(self, name) + getattr(other, name)
                for name in ("accounts", "restricted", "full", "cut", "away", "failed")
            ),
        )


_COLUMN = {
    Fate.FULL: "full",
    Fate.CUT: "cut",
    Fate.AWAY: "away",
    Fate.FAILED: "failed",
}


class Ledger:
    """Sums up a play as it goes on."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._rows: dict[str, Row] = {}
        self.restricted: list[str] = []
        """Names of the accounts that were ever restricted, in that order."""
        self.alarm: int | None = None
        """Requests of the campaign before its first account was restricted."""
        for account in accounts:
            row = self._rows.setdefault(account.kind, Row(account.kind, account.honest))
            row.accounts += 1

    def rows(self, *, honest: bool) -> list[Row]:
        """Return the sums by kind."""
        return [row for row in self._rows.values() if row.honest == honest]

    def total(self, *, honest: bool) -> Row:
        """Return the sums of all the honest, or of the campaign."""
        return sum(self.rows(honest=honest), Row("", honest))

    def enter(self, account: Account, got: Fate) -> bool:
        """Enter one request; True where it is the first time its account is restricted."""
        row = self._rows[account.kind]
        name = _COLUMN[got]
        setattr(row, name, getattr(row, name) + 1)
        if not got.restricted or account.name in self.restricted:
            return False
        if not account.honest and self.alarm is None:
            self.alarm = row.requests - 1
        self.restricted.append(account.name)
        row.restricted += 1
        return True
