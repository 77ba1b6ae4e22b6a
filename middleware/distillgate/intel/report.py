"""A campaign as it is told to a community: counts of many, keyed hashes, and how sure one is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from distillgate.account.windows import DAY, HOUR
from distillgate.engine.engine import Engine
from distillgate.intel.community import Key, moment
from distillgate.intel.sketch import NORMALISER, Sketches, values
from distillgate.intel.stix import Draft, Object, extended
from distillgate.oversight.campaigns import Campaign
from distillgate.risk.fuse import fuse
from distillgate.traffic.log import Line
from distillgate.wire.exchange import Exchange

LEAST = 10
"""Accounts below which nothing is counted, by default: no figure is of fewer."""
VALID_DAYS = 14.0
"""How long an indicator is valid: a pool of accounts and its prompt change within weeks."""
_LISTED = 500
"""Accounts whose pseudonyms a report has, at most."""
_NETWORK_BITS = {4: 24, 6: 48}


class Sent(NamedTuple):
    """What of one exchange a report may count: no text."""

    lines: frozenset[int]
    """Hashes of its lines under the community's seed, which are not told as they are."""
    model: str
    operation: str
    network: str
    hour: float

    @classmethod
    def of(cls, exchange: Exchange, at: float, key: Key) -> "Sent":
        """Read an exchange of a moment."""
        request = exchange.request
        return cls(
            lines=frozenset(values(request, key)),
            model=request.model or "",
            operation=request.operation.name,
            network=_network(exchange.client.ip),
            hour=hour_of(at),
        )


def hour_of(at: float) -> float:
    """Return the hour of a moment: to the second it would be one account's."""
    return at - at % HOUR


@dataclass(slots=True)
class Seen:
    """What was seen of one campaign."""

    sketches: Sketches
    exchanges: int = 0
    first: float = float("inf")
    last: float = 0.0
    used: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Accounts by model, call and network, each under its own prefix."""
    accounts: set[str] = field(default_factory=set)

    def add(self, account: str, sent: Sent) -> None:
        """Count one exchange of one of its accounts."""
        self.accounts.add(account)
        self.exchanges += 1
        self.first, self.last = min(self.first, sent.hour), max(self.last, sent.hour)
        self.sample(account, sent)

    def sample(self, account: str, sent: Sent) -> None:
        """Look at one exchange of those that are counted otherwise."""
        self.sketches.add(account, sent.lines)
        self.used[f"model {sent.model}"].add(account)
        self.used[f"operation {sent.operation}"].add(account)
        if sent.network:
            hashed = self.sketches.key.digest("network", sent.network.encode())
            self.used[f"network {hashed}"].add(account)

    def common(self, what: str, k: int) -> list[str]:
        """Return what at least `k` accounts used of a kind."""
        return sorted(
            name.removeprefix(f"{what} ")
            for name, accounts in self.used.items()
            if name.startswith(f"{what} ") and len(accounts) >= k
        )


class Evidence(NamedTuple):
    """How sure one is of a campaign, and of those that one finds in general."""

    families: Mapping[str, float]
    """Nats by family."""
    false_alarms: float
    """Share of honest accounts that one may restrict in a month."""


def gather(
    scored: Iterable[tuple[Line, str]], campaigns: Iterable[Campaign], key: Key
) -> dict[str, Seen]:
    """Read what a log has of campaigns, by their references; each line with whom it counts for."""
    of = {name: one.code for one in campaigns for name in one.members}
    found: dict[str, Seen] = {}
    for line, account in scored:
        code = of.get(account)
        if code is not None:
            sent = Sent.of(line.exchange, line.ts, key)
            found.setdefault(code, Seen(Sketches(key))).add(account, sent)
    return found


def weighed(campaign: Campaign, engine: Engine) -> Evidence:
    """Return the evidence of the group that a campaign is shown by."""
    lead, settings = campaign.lead(engine), engine.settings.risk
    return Evidence({} if lead is None else fuse(lead.signals, settings).families, settings.budget)


def tell(draft: Draft, campaign: Campaign, seen: Seen, evidence: Evidence, k: int) -> bool:
    """Add a campaign to a report. Return whether it is of enough accounts to be told at all."""
    key, accounts = seen.sketches.key, sorted(seen.accounts)
    if len(accounts) < k:
        return False
    code = draft.add(
        "campaign", campaign.code,
        name=f"distillation campaign {key.digest('object', campaign.code.encode())[:8]}",
        first_seen=moment(seen.first), last_seen=moment(seen.last),
        extensions=extended(_figures(campaign, seen, evidence, k)),
    )  # fmt: skip
    draft.techniques(code)
    _observed(draft, code, seen, [key.digest("account", name.encode()) for name in accounts])
    _indicate(draft, code, campaign, seen.sketches.template(k), key, seen.last)
    if networks := seen.common("network", k):
        made = draft.add(
            "infrastructure", campaign.code, name="networks", infrastructure_types=["unknown"],
            extensions=extended({"key": key.id, "networks": networks}),
        )  # fmt: skip
        draft.relate(code, "uses", made)
    return True


def _figures(campaign: Campaign, seen: Seen, evidence: Evidence, k: int) -> Object:
    told = len(seen.accounts)
    ties = {tie.kind: min(told, tie.accounts) for tie in campaign.ties if tie.accounts >= k}
    return {
        "key": seen.sketches.key.id,
        "accounts": told,
        "exchanges": seen.exchanges,
        "shared": ties,
        "models": seen.common("model", k),
        "operations": seen.common("operation", k),
        "evidence": {name: round(nats, 2) for name, nats in evidence.families.items()},
        "false_alarms": evidence.false_alarms,
    }


def _observed(draft: Draft, campaign: str, seen: Seen, pseudonyms: list[str]) -> None:
    times = {"first_observed": moment(seen.first), "last_observed": moment(seen.last)}
    data = draft.add(
        "observed-data", campaign, number_observed=min(seen.exchanges, 999_999_999),
        object_refs=[draft.account(name) for name in sorted(pseudonyms)[:_LISTED]], **times,
    )  # fmt: skip
    draft.add(
        "sighting", campaign, sighting_of_ref=campaign, count=min(seen.exchanges, 999_999_999),
        first_seen=moment(seen.first), last_seen=moment(seen.last),
        observed_data_refs=[data], where_sighted_refs=[draft.sender],
    )  # fmt: skip


def _indicate(
    draft: Draft, campaign: str, found: Campaign, template: list[str], key: Key, last: float
) -> None:
    """Add the indicator: half of these lines in a request."""
    if not template:
        return
    lines = ", ".join(f"'{value}'" for value in template)
    made = draft.add(
        "indicator", found.code,
        name="template of a distillation campaign", indicator_types=["malicious-activity"],
        pattern=f"[x-distillgate-request:lines IN ({lines})]", pattern_type="stix",
        pattern_version="2.1",
        valid_from=moment(last), valid_until=moment(last + VALID_DAYS * DAY),
        extensions=extended({"key": key.id, "normaliser": NORMALISER, "lines": template}),
    )  # fmt: skip
    draft.relate(made, "indicates", campaign)


def _network(address: str | None) -> str:
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if not found.is_global:  # behind a proxy that hides its clients everybody has the same
        return ""
    return str(ip_network(f"{found}/{_NETWORK_BITS[found.version]}", strict=False))
