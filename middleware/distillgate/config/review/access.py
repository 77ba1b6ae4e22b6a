"""Who is let in to the operator's pages and to the customers' own, as it cannot be meant."""

from collections.abc import Iterator
from ipaddress import ip_network

from distillgate.config.review.finding import Finding
from distillgate.config.review.surface import APIS
from distillgate.config.schema import Config


def review(config: Config) -> Iterator[Finding]:
    """Review people, the proxy that vouches for them, and the page for appeals."""
    yield from _people(config)
    yield from _proxy(config)
    yield from _appeal(config)


def _people(config: Config) -> Iterator[Finding]:
    admin, own = config.admin, config.admin.address
    if own is not None and own[1] == config.proxy.port:
        text = "has the port that clients use: the two are told apart by it"
        yield Finding(("admin", "listen"), text, fatal=True)
    if admin.people and admin.key is None:
        text = "are let in nowhere: without `admin.key` there are no pages"
        yield Finding(("admin", "people"), text, fatal=True)
    holders: dict[str, str] = {}
    for name, person in admin.people.items():
        where = ("admin", "people", name)
        if person.key is None and not admin.proxy.trusted:
            text = "has no key, and no proxy in `admin.proxy.trusted` vouches for anybody"
            yield Finding(where, text, fatal=True)
        if person.key is not None and (other := holders.setdefault(person.key, name)) != name:
            yield Finding(where, f"has the key of `{other}`: one key is one person's", fatal=True)


def _proxy(config: Config) -> Iterator[Finding]:
    proxy = config.admin.proxy
    if proxy.trusted and not config.admin.people:
        text = "vouches for nobody: `admin.people` is empty"
        yield Finding(("admin", "proxy", "trusted"), text)
    for at, network in enumerate(proxy.trusted):
        if network != "unix" and ip_network(network, strict=False).prefixlen == 0:
            text = f"`{network}` is everybody: any client may say that it is one of `admin.people`"
            yield Finding(("admin", "proxy", "trusted", at), text, fatal=True)


def _appeal(config: Config) -> Iterator[Finding]:
    appeal, where = config.actions.appeal, ("actions", "appeal", "url")
    if not appeal.url:
        return
    if config.key is None:
        yield Finding(where, "needs `key`: without it no link outlives a restart", fatal=True)
    if f"{appeal.path}/".startswith((*APIS, f"{config.admin.path}/")):
        text = "is under a path of the APIs or of the operator's pages: give it one of its own"
        yield Finding(where, text, fatal=True)
    if appeal.url.startswith("http:"):
        yield Finding(where, "is plain HTTP: whoever listens reads what customers write")
