"""Rungs out of order, exemptions of everybody or nobody, an enforce mode that enforces nothing."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise

from distillgate.config.review import Finding
from distillgate.config.schema import Config
from distillgate.priors import edition
from distillgate.text import nearest

_EVERYBODY = "*"
_PLACES = ("reference", "account")
"""What a challenge's link may leave a place for."""


def review(config: Config, now: float) -> Iterator[Finding]:
    """Review the policy and what its measures do."""
    yield from _calibration(config)
    yield from _ladder(config)
    yield from _exemptions(config, now)
    yield from _enforcement(config)
    yield from _measures(config)


def _calibration(config: Config) -> Iterator[Finding]:
    found = config.risk.calibration
    if found is not None and found.edition != edition():
        text = f"was not fitted on the weights of this version ({edition()}): calibrate anew"
        yield Finding(("risk", "calibration"), text)


def _ladder(config: Config) -> Iterator[Finding]:
    ladder = config.policy.ladder
    for (below, low), (above, high) in pairwise(ladder.rungs().items()):
        if high <= low:
            text = f"{high:g} is not above `{below.label}` ({low:g}), which would never be taken"
            yield Finding(("policy", "ladder", above.label), text, fatal=True)
    link = config.actions.challenge.link
    if ladder.challenge is not None and not link:
        text = "without `actions.challenge.link` nobody is told where to verify"
        yield Finding(("policy", "ladder", "challenge"), text, fatal=True)
    if link and ladder.challenge is None:
        text = "is never shown: `policy.ladder.challenge` names no risk"
        yield Finding(("actions", "challenge", "link"), text)
    if link and not link.startswith("https://"):
        yield Finding(("actions", "challenge", "link"), "does not begin with https://")
    for name in re.findall(r"{([^}]*)}", link):
        if name not in _PLACES:
            text = f"`{{{name}}}` stands for nothing{nearest(name, _PLACES)}"
            yield Finding(("actions", "challenge", "link"), text, fatal=True)
    if link and "{reference}" not in link:
        text = "has no {reference}: your page cannot know whom it verifies"
        yield Finding(("actions", "challenge", "link"), text)


def _exemptions(config: Config, now: float) -> Iterator[Finding]:
    plans = list(config.policy.plans.named)
    for at, one in enumerate(config.policy.exemptions):
        path = ("policy", "exemptions", at)
        if one.account == one.organisation == one.plan == _EVERYBODY:
            text = "exempts everybody; `mode: shadow` does that, or name an account, organisation"
            yield Finding(path, f"{text} or plan", fatal=True)
        if one.expires is not None and one.expires <= now:
            # Time alone brings this about: it must not keep a gate from starting again.
            yield Finding((*path, "expires"), "is over: it exempts nobody any more")
        yield from _plan((*path, "plan"), one.plan, plans)
        if not one.reason.strip():
            yield Finding((*path, "reason"), "is empty: the log could not say why", fatal=True)
    for name, plan in config.policy.plans.named.items():
        if plan.exempt and plan.verified:
            both = ("policy", "plans", "named", name, "verified")
            yield Finding(both, "does nothing beside `exempt`")


def _plan(path: tuple[str | int, ...], pattern: str, plans: list[str]) -> Iterator[Finding]:
    if pattern != _EVERYBODY and not any(fnmatchcase(plan, pattern) for plan in plans):
        hint = nearest(pattern, plans)
        yield Finding(path, f"`{pattern}` is no plan of `policy.plans.named`{hint}")


def _enforcement(config: Config) -> Iterator[Finding]:
    if config.mode != "enforce":
        return
    how = ("policy", "enforcement")
    if config.policy.enforcement.rollout == 0:
        yield Finding((*how, "rollout"), "0 acts on nobody, though `mode` is enforce")
    if config.policy.enforcement.hold_out == 1:
        yield Finding((*how, "hold_out"), "1 leaves everybody alone, though `mode` is enforce")
    if config.policy.plans.default.exempt:
        path = ("policy", "plans", "default", "exempt")
        yield Finding(path, "exempts every account whose plan is not named")
    if not config.actions.contact:
        yield Finding(("actions", "contact"), "is empty: a refusal names nobody to ask")
    if config.key is None:
        text = "is not set: after each restart every account has a new name, and nothing is kept"
        yield Finding(("key",), text)
    if config.governance.audit.path is None:
        text = "is not set: nothing keeps what was done to whom, and why"
        yield Finding(("governance", "audit", "path"), text)


def _measures(config: Config) -> Iterator[Finding]:
    actions = config.actions
    taken = {measure for band in actions.bands for measure in band.measures}
    if "route" in taken and not actions.route.models:
        text = "is a measure of `actions.bands`, and no model is routed to another"
        yield Finding(("actions", "route", "models"), text, fatal=True)
    if actions.route.models and "route" not in taken:
        yield Finding(("actions", "route", "models"), "is not used: no band has `route`")
    for model, other in actions.route.models.items():
        if model == other:
            yield Finding(("actions", "route", "models", model), "is routed to itself", fatal=True)
    if not taken:
        yield Finding(("actions", "bands"), "take no measure: to degrade does nothing")
    for at, band in enumerate(actions.bands):
        yield from _plan(
            ("actions", "bands", at, "plan"), band.plan, list(config.policy.plans.named)
        )
    for at, band in enumerate(actions.bands[:-1]):
        if _takes_all(band):
            yield Finding(("actions", "bands", at), "matches everybody: those after it never count")


def _takes_all(band: object) -> bool:
    fields = getattr(type(band), "model_fields", {})
    others = [name for name in fields if name != "measures"]
    return all(getattr(band, name) == fields[name].default for name in others)
