"""The bounded table of accounts. Eviction weighs risk: throwaway accounts flush no record."""

from collections.abc import Callable, Iterable, Iterator

from distillgate.account.account import Account
from distillgate.account.recent import Recent
from distillgate.durable.changed import Changed

_STANDING = 1000.0
"""What somebody's word, or a restriction, is worth: more than any risk."""


class AccountTable:
    """Accounts by name, at most `limit` of them.

    When full, the longest idle one that is worth nothing goes: no risk, no restriction, no pardon.
    Up to half of the room is for those that are; past that, of a few that are idle the least
    worthy. So an attacker's record, and a pardon, outlive any number of newcomers. `place` hashes a
    name under a key: nobody can choose names that crowd one part of the table.
    """

    layout = "Account"

    def __init__(self, limit: int, place: Callable[[str], int]) -> None:
        self.limit = limit
        self.changed: Changed[str] = Changed()
        self._accounts: Recent[str, Account] = Recent(limit, place=place, worth=_worth)
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
        gone = self._accounts.put(account.name, account)
        self.evicted += len(gone)
        self.changed.update(gone)

    def kept(self) -> Iterator[str]:
        """Give every account's name."""
        return self._accounts.keys()

    def dump(self, keys: Iterable[str]) -> Iterator[tuple[str, Account | None]]:
        """Give accounts as they are."""
        return ((name, self._accounts.get(name)) for name in keys)

    def load(self, records: Iterable[tuple[str, Account]]) -> None:
        """Take accounts up, the longest idle first."""
        for _, account in sorted(records, key=lambda record: record[1].last_seen):
            self.put(account)


def _worth(account: Account) -> float:
    """Weigh a record: what somebody said of it, what was done, what speaks against it.

    Times are compared with the account's own: there is no clock here, and a pardon that has run out
    since is worth little room.
    """
    said = max(account.pardoned_until, account.lifted_until, account.held_until)
    standing = account.restriction or said > account.last_seen
    return account.risk + _STANDING * bool(standing)
