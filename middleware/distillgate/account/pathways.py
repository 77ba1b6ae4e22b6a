"""From where and by which way an account is used: networks, clients, comebacks after refusals."""

import xxhash

from distillgate.account.conduct import Conduct, Trait, Word
from distillgate.wire.exchange import Client, Exchange

_SDKS = ("OpenAI/", "AsyncOpenAI/", "Anthropic/", "AsyncAnthropic/")
"""What the vendors' own clients call themselves; they send `x-stainless-*` headers too."""
_SOON = 120
"""Seconds within which a refused request comes again, if it does."""
_HALF = 0xFFFFFFFF


def learn_pathways(
    conduct: Conduct, exchange: Exchange, asked: int, now: float, *, refused: bool
) -> None:
    """Add one request's way here; `asked` is the hash of what it asks."""
    client = exchange.client
    network = _hash(_network(client.ip)) if client.ip else 0
    agent = _hash(client.user_agent or "")
    if client.ip:
        conduct.mark(Word.NETWORKS, 2, network)
    if client.user_agent:
        conduct.mark(Word.AGENTS, 2, agent)
    if (
        client.headers
    ):  # else nothing is known of the client: that is the log's silence, not its own
        conduct.count(Trait.SCRUBBED, scrubbed(client), now)
    if exchange.attributes.end_user or exchange.request.end_user:
        conduct.add(Word.DECLARED, 1)
    _comeback(conduct, asked & _HALF, (network ^ agent) & _HALF, now, refused=refused)


def scrubbed(client: Client) -> bool:
    """Whether a client was made to tell nothing: no name, or a vendor's without its headers."""
    agent = client.user_agent
    if not agent:
        return True
    return agent.startswith(_SDKS) and not any(h.startswith("x-stainless-") for h in client.headers)


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _network(address: str) -> str:
    """Give an address's network: the first three bytes, or of IPv6 the first three groups."""
    if ":" in address:
        return ":".join(address.split(":", 3)[:3])
    return address.rpartition(".")[0]


def _comeback(conduct: Conduct, asked: int, way: int, now: float, *, refused: bool) -> None:
    words, at = conduct.words, Word.REFUSED
    seconds = conduct.seconds(now)
    if words[at] == asked and asked and seconds - words[at + 2] <= _SOON:
        conduct.count(Trait.FAILOVER, words[at + 1] != way, now)
        words[at] = 0
    if refused:
        words[at], words[at + 1], words[at + 2] = asked, way, seconds
