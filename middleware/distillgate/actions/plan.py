"""What becomes of one exchange's bytes: the decision made concrete, for a surface to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from distillgate.actions.bands import Band, Measure, measures
from distillgate.actions.binding import BindingSettings, Replay, strip
from distillgate.actions.determinism import DeterminismSettings, determinism
from distillgate.actions.draft import Draft
from distillgate.actions.mark.measure import MarkSettings, mark
from distillgate.actions.pace import PaceSettings, pace
from distillgate.actions.parameters import ParametersSettings, parameters
from distillgate.actions.reasoning.measure import reasoning
from distillgate.actions.reasoning.shorten import ReasoningSettings
from distillgate.actions.refuse import ChallengeSettings, no_replay, refuse
from distillgate.actions.rewrite import Edit
from distillgate.actions.route import RouteSettings, route
from distillgate.errors import WireError
from distillgate.policy.decision import Decision
from distillgate.settings import Settings
from distillgate.wire.document import write
from distillgate.wire.exchange import Exchange
from distillgate.wire.refusal import Refusal


class ActionsSettings(Settings):
    """How actions look from outside."""

    bands: list[Band] = [Band(measures=["parameters", "determinism"])]
    """Which measures a restricted exchange meets: the first band that matches it decides."""
    parameters: ParametersSettings = ParametersSettings()
    """The measure `parameters`: what a request may still ask for."""
    determinism: DeterminismSettings = DeterminismSettings()
    """The measure `determinism`: answers that do not repeat."""
    reasoning: ReasoningSettings = ReasoningSettings()
    """The measure `reasoning`: how much of it stays in the answer."""
    route: RouteSettings = RouteSettings()
    """The measure `route`: another model, named in the answer."""
    pace: PaceSettings = PaceSettings()
    """The measure `pace`: how fast a streamed answer comes."""
    challenge: ChallengeSettings = ChallengeSettings()
    """How an account is asked to verify itself."""
    mark: MarkSettings = MarkSettings()
    """The measure `mark`: which answers of a suspected group carry its provenance mark."""
    binding: BindingSettings = BindingSettings()
    """Sealed reasoning that comes back where it does not belong; whoever sends it."""
    throttle_status: Literal[429, 403, 409, 422] = 429
    """The status of "slow down". 429 is right for clients. A gateway with several deployments in
    front takes 429 for an upstream's fault and rests the deployment for everybody: give it 403."""
    contact: str = ""
    """Where a customer asks about a refusal: an address or a link, named in its text."""
    header: str = "x-distillgate"
    """Response header that says what was done; empty sends none."""


_MEASURES: dict[Measure, Callable[[Draft, ActionsSettings, bytes], None]] = {
    "parameters": lambda draft, settings, _: parameters(draft, settings.parameters),
    "determinism": lambda draft, settings, _: determinism(draft, settings.determinism),
    "reasoning": lambda draft, settings, _: reasoning(draft, settings.reasoning),
    "route": lambda draft, settings, _: route(draft, settings.route),
    "pace": lambda draft, settings, _: pace(draft, settings.pace),
    "mark": lambda draft, settings, secret: mark(draft, settings.mark, secret),
}

_IDENTITY = [(b"accept-encoding", b"identity")]
"""An answer that is to be changed must come as plain text."""


@dataclass(slots=True)
class Plan:
    """Forward (as it came, or changed), or answer with `refusal`.

    The surface does nothing but this; in shadow mode it is always the empty plan.
    """

    refusal: Refusal | None = None
    body: bytes | None = None
    """The request body to forward instead of the one that came."""
    request_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Headers to forward in place of those of the same names."""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Headers to add to the answer: what was done to it."""
    edit: Edit | None = None
    """What to change in the answer."""
    pace: PaceSettings | None = None
    """How fast to pass a streamed answer on."""


def plan(
    exchange: Exchange,
    decision: Decision,
    settings: ActionsSettings,
    secret: bytes,
    replay: Replay | None = None,
) -> Plan:
    """Make a decision concrete. What is not enforced changes nothing.

    `secret` keys the marks: whoever has it can tell them. `replay` is sealed reasoning of the
    request that belongs elsewhere, in enforce mode: what becomes of it needs no suspicion, and
    whoever is spared a restriction is not spared that.
    """
    sealed = "off" if replay is None or decision.code == "exempt" else replay.answer
    restricted = decision.enforced and decision.action.restricts
    if not restricted and sealed not in ("strip", "refuse"):
        return Plan()
    if restricted and decision.refused:
        answer = _refuse(exchange, decision, settings)
        return Plan(refusal=answer)
    if sealed == "refuse":
        return Plan(refusal=no_replay(exchange, settings.contact))
    draft = _draft(exchange, decision)
    if restricted:
        for name in measures(exchange, decision, settings.bands):
            _MEASURES[name](draft, settings, secret)
    if replay is not None and sealed == "strip":
        strip(draft, replay.seals)
    try:
        body = write(draft.document) if draft.changed else None
    except WireError:
        # What cannot be rewritten must not pass as it is for that reason.
        return Plan(refusal=_refuse(exchange, decision, settings))
    # No header without a measure: it would say when throttling begins.
    done = f"{decision.action.label}; {', '.join(draft.done)}" if draft.done else ""
    return Plan(
        body=body,
        request_headers=_IDENTITY if draft.edit is not None else [],
        headers=_header(done, settings) if done else [],
        edit=draft.edit,
        pace=draft.pace,
    )


def _refuse(exchange: Exchange, decision: Decision, settings: ActionsSettings) -> Refusal:
    return refuse(
        exchange,
        decision,
        settings.challenge,
        settings.contact,
        throttle_status=settings.throttle_status,
    )


def _draft(exchange: Exchange, decision: Decision) -> Draft:
    request = exchange.request
    return Draft(
        request,
        path=exchange.path,
        group=decision.group_code,
        document=dict(request.document),
    )


def _header(text: str, settings: ActionsSettings) -> list[tuple[bytes, bytes]]:
    return [(settings.header.encode(), text.encode())] if settings.header else []
