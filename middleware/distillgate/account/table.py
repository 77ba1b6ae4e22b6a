"""The bounded table of accounts. Eviction weighs risk: throwaway accounts flush no record."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from distillgate.account.account import Account

_CANDIDATES = 1024
"""Risky accounts passed over for one without risk, at most; a campaign's are often in a row."""


class AccountTable:
    """Accounts by name, at most `limit` of them.

    When full, the longest idle without risk goes (where there is none, the least risky of many
    idle ones); those passed over count as fresh again, so that an attacker's record outlives any
    number of newcomers (the second chance of CLOCK, with risk as the reference bit).
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._accounts: OrderedDict[str, Account] = OrderedDict()
        self.evicted = 0
        """How many accounts were forgotten for want of room."""

    def __len__(self) -> int:
        return len(self._accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def get(self, name: str) -> Account | None:
        """Look an account up without counting it as used."""
        return self._accounts.get(name)

    def touch(self, name: str) -> Account | None:
        """Look an account up and count it as used."""
        account = self._accounts.get(name)
        if account is not None:
            self._accounts.move_to_end(name)
        return account

    def put(self, account: Account) -> None:
        """Add an account, evicting another where the table is full."""
        while len(self._accounts) >= self.limit:
            self._evict()
        self._accounts[account.name] = account

    def _evict(self) -> None:
        idle = []
        for account in islice(self, _CANDIDATES):
            idle.append(account)
            if account.risk <= 0.0:
                break
        least = min(idle, key=lambda account: account.risk)
        for account in idle:
            if account is least:
                break
            self._accounts.move_to_end(account.name)
        del self._accounts[least.name]
        self.evicted += 1
