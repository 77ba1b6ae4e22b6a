"""The bounded table of accounts. Eviction weighs risk: throwaway accounts flush no record."""

from collections.abc import Iterator
from zlib import crc32

from distillgate.account.account import Account
from distillgate.account.recent import Recent


class AccountTable:
    """Accounts by name, at most `limit` of them.

    When full, the longest idle of about a thousand that has no risk goes (where there is none, the
    least risky); those passed over count as fresh again, so that an attacker's record outlives any
    number of newcomers (the second chance of CLOCK, with risk as the reference bit).
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._accounts: Recent[str, Account] = Recent(limit, place=_place)
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
        while len(near := self._accounts.shard(account.name)) >= self._accounts.room:
            self._evict(near)
        self._accounts.put(account.name, account)

    def _evict(self, near: dict[str, Account]) -> None:
        idle = []
        for account in near.values():
            idle.append(account)
            if account.risk <= 0.0:
                break
        least = min(idle, key=lambda account: account.risk)
        for account in idle:
            if account is least:
                break
            self._accounts.use(account.name)
        self._accounts.pop(least.name)
        self.evicted += 1


def _place(name: str) -> int:
    return crc32(name.encode("utf-8", "surrogatepass"))
