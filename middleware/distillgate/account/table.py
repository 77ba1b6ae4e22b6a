"""The bounded table of accounts. Eviction weighs risk: throwaway accounts flush no record."""

from collections.abc import Callable, Iterator

from distillgate.account.account import Account
from distillgate.account.recent import Recent
from distillgate.records import Record, decoder, encode

_STANDING = 1000.0
"""What somebody's word, or a restriction, is worth: more than any risk."""


_MOSTLY_ZERO = ("risk", "held_until", "pardoned_until", "lifted_until")


class _Piece(Record):
    """Some accounts, the longest idle first."""

    spared: bool
    accounts: list[Account]
    evicted: int = 0


class AccountTable:
    """Accounts by name, at most `limit` of them.

    When full, the longest idle one that is worth nothing goes: no risk, no restriction, no pardon.
    Up to half of the room is for those that are; past that, of a few that are idle the least
    worthy. So an attacker's record, and a pardon, outlive any number of newcomers. `place` hashes a
    name under a key: nobody can choose names that crowd one part of the table.
    """

    def __init__(self, limit: int, place: Callable[[str], int]) -> None:
        self.limit = limit
        self._accounts: Recent[str, Account] = Recent(limit, place=place, worth=_worth)
        self.numbers: dict[int, int] = {}
        """While a state is read: one object for each number (`campaign.membership_index`)."""
        self.evicted = 0
        """How many accounts were forgotten for want of room."""

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts)

    def get(self, name: str) -> Account | None:
        """Look an account up without counting it as used."""
        return self._accounts.get(name)

    def touch(self, name: str) -> Account | None:
        """Look an account up and count it as used."""
        return self._accounts.use(name)

    def put(self, account: Account) -> None:
        """Add an account, evicting another where there is no room."""
        self.evicted += len(self._accounts.put(account.name, account))

    def pop(self, name: str) -> Account | None:
        """Forget an account."""
        return self._accounts.pop(name)

    def dump(self) -> Iterator[bytes]:
        """Write all accounts."""
        for spared, entries in self._accounts.pieces():
            yield encode(_Piece(spared, [account for _, account in entries], self.evicted))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Piece = _READ(piece)
        self.evicted = written.evicted
        for account in written.accounts:
            self._share(account)
            self._accounts.restore(account.name, account, spared=written.spared)

    def _share(self, account: Account) -> None:
        """Let an account share its numbers with all others: each that was read is an object."""
        account.principal = self.numbers.setdefault(account.principal, account.principal)
        for name in _MOSTLY_ZERO:
            if not getattr(account, name):
                setattr(account, name, 0.0)


def _worth(account: Account) -> float:
    """Weigh a record: what somebody said of it, what was done, what speaks against it.

    Times are compared with the account's own: there is no clock here, and a pardon that has run out
    since is worth little room.
    """
    said = max(account.pardoned_until, account.lifted_until, account.held_until)
    standing = account.restriction or said > account.last_seen
    return account.risk + _STANDING * bool(standing)


_READ = decoder(_Piece)
