"""What becomes of one exchange's bytes: the decision made concrete, for a surface to do."""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct, field

from distillgate.actions.appeal import AppealSettings, Kind, Ticket, link
from distillgate.actions.bands import Band, Measure, measures
from distillgate.actions.binding import BindingSettings, Replay, strip
from distillgate.actions.dependents import settle
from distillgate.actions.determinism import determinism
from distillgate.actions.draft import Draft
from distillgate.actions.effect import Cause, cause_of
from distillgate.actions.limits import Added, LimitNames
from distillgate.actions.mark.measure import MarkSettings, mark
from distillgate.actions.pace import PaceSettings, pace
from distillgate.actions.parameters import ParametersSettings, parameters
from distillgate.actions.refuse import ChallengeSettings, kind_of, no_replay, refuse
from distillgate.actions.route import RouteSettings, route
from distillgate.errors import WireError
from distillgate.policy.decision import EXEMPT, Decision
from distillgate.records import FrozenStruct
from distillgate.settings import Settings
from distillgate.wire.event import Edit
from distillgate.wire.exchange import Exchange
from distillgate.wire.refusal import Refusal
from distillgate.wire.shorten import ReasoningSettings


def reasoning(draft: Draft, settings: ReasoningSettings) -> None:
    """Shorten the reasoning of the answer. What it cost stays in the usage."""
    make = draft.measured.reasoning
    if make is not None:
        draft.edit = make(settings)


class ActionsSettings(Settings):
    """How actions look from outside."""

    bands: list[Band] = [Band(measures=["parameters", "determinism"])]
    """Which measures a restricted exchange meets: the first band that matches it decides."""
    parameters: ParametersSettings = ParametersSettings()
    """The measure `parameters`: what a request may still ask for."""
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
    appeal: AppealSettings = AppealSettings()
    """Where a customer who was held back may ask for a review."""
    contact: str = ""
    """Where a customer asks about a refusal: an address or a link, named in its text."""
    header: str = "x-distillgate"
    """Response header that says what was done; empty sends none."""


class Known(FrozenStruct, frozen=True):
    """What measures go by beside their settings."""

    secret: bytes
    """Keys the marks: whoever has it can tell them."""
    limits: LimitNames
    """What the upstream was seen to take."""
    at: float = 0.0
    """When the exchange was judged."""


_MEASURES: dict[Measure, Callable[[Draft, ActionsSettings, Known], None]] = {
    "parameters": lambda draft, s, known: parameters(draft, s.parameters, known.limits),
    "determinism": lambda draft, *_: determinism(draft),
    "reasoning": lambda draft, s, _: reasoning(draft, s.reasoning),
    "route": lambda draft, s, _: route(draft, s.route),
    "pace": lambda draft, s, _: pace(draft, s.pace),
    "mark": lambda draft, s, known: mark(draft, s.mark, known.secret),
}

_IDENTITY = [(b"accept-encoding", b"identity")]
"""An answer that is to be changed must come as plain text."""


class Plan(Struct):
    """Forward (as it came, or changed), or answer with `refusal`.

    The surface does nothing but this; in shadow mode it is always the empty plan.
    """

    refusal: Refusal | None = None
    body: bytes | None = None
    """The request body to forward instead of the one that came."""
    request_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Headers to forward in place of those of the same names."""
    label: str = ""
    """The action, and the response header that names what was done for it; empty sends none."""
    header: str = ""
    reference: str = ""
    """The exchange's reference, for a second header beside that one."""
    done: list[str] = field(default_factory=list)
    """What was done to the request."""
    cause: Cause = ""
    """Why anything is done."""
    measures: tuple[str, ...] = ()
    """The measures that changed something of the request."""
    added: Added | None = None
    """The limit that was added, where the upstream may know it by another name."""
    edit: Edit | None = None
    """What to change in the answer."""
    pace: PaceSettings | None = None
    """How fast to pass a streamed answer on."""

    def headers(self, *, edited: bool = False) -> list[tuple[bytes, bytes]]:
        """Return the headers to add to the answer: they name what was done, and nothing else.

        No header without a measure: it would say when throttling begins.
        """
        done = [*self.done, "reasoning"] if edited else self.done
        if not done or not self.header:
            return []
        name = self.header.encode()
        said = (name, f"{self.label}; {', '.join(done)}".encode())
        return [said, (name + b"-reference", self.reference.encode())] if self.reference else [said]


def plan(
    exchange: Exchange,
    decision: Decision,
    settings: ActionsSettings,
    known: Known,
    replay: Replay | None = None,
) -> Plan:
    """Make a decision concrete. What is not enforced changes nothing.

    `replay` is sealed reasoning of the request that belongs elsewhere, in enforce mode: what
    becomes of it needs no suspicion, and whoever is spared a restriction is not spared that.

    Of the request's JSON only its text is needed (`Request.source`), and that only if a measure
    looks into it.
    """
    sealed = "off" if replay is None or decision.code == EXEMPT else replay.answer
    restricted, cause = decision.enforced and decision.action.restricts, cause_of(decision)
    if not restricted and sealed not in ("strip", "refuse"):
        return Plan()
    if restricted and decision.refused:
        return Plan(refusal=_refuse(exchange, decision, settings, known), cause=cause)
    if sealed == "refuse":
        appeal = _appeal(exchange, decision, settings, known, "reasoning")
        return Plan(refusal=no_replay(exchange, settings.contact, appeal), cause="binding")
    chosen = measures(exchange, decision, settings.bands) if restricted else ()
    seals = replay.seals if replay is not None and sealed == "strip" else frozenset()
    try:
        return _changed(exchange, decision, settings, known, chosen, seals)
    except WireError:
        # What cannot be rewritten must not pass as it is for that reason.
        return Plan(refusal=_refuse(exchange, decision, settings, known), cause=cause)


def _changed(
    exchange: Exchange,
    decision: Decision,
    settings: ActionsSettings,
    known: Known,
    chosen: Sequence[Measure],
    seals: frozenset[str],
) -> Plan:
    draft = Draft(exchange.request, path=exchange.path, group=decision.group_code)
    applied = []
    for name in chosen:
        changed, draft.changed = draft.changed, False
        _MEASURES[name](draft, settings, known)
        if draft.changed:
            applied.append(name)
        draft.changed |= changed
    if seals:
        strip(draft, seals)
    settle(draft)
    # Of several bodies the measures hold for the one that is sent.
    changed = draft.changed or exchange.request.several
    told = bool(draft.done) or draft.edit is not None
    return Plan(
        body=draft.body.text() if changed else None,
        request_headers=_IDENTITY if draft.edit is not None else [],
        label=decision.action.label if told else "",
        header=settings.header if told else "",
        reference=exchange.id if told else "",
        done=draft.done,
        cause="suspicion" if chosen else "binding" if seals else "",
        measures=(*applied, "binding") if seals else tuple(applied),
        added=draft.added,
        edit=draft.edit,
        pace=draft.pace,
    )


def _refuse(
    exchange: Exchange, decision: Decision, settings: ActionsSettings, known: Known
) -> Refusal:
    return refuse(
        exchange,
        decision,
        settings.challenge,
        settings.contact,
        throttle_status=settings.throttle_status,
        appeal=_appeal(exchange, decision, settings, known, kind_of(decision)),
    )


def _appeal(
    exchange: Exchange, decision: Decision, settings: ActionsSettings, known: Known, kind: Kind
) -> str:
    ticket = Ticket(exchange.id, decision.account, kind, known.at)
    return link(settings.appeal, known.secret, ticket)


def stored(exchange: Exchange, decision: Decision, settings: ActionsSettings) -> Plan:
    """Make a decision concrete for an answer that the upstream kept: it is changed as it was."""
    draft = Draft(exchange.request)
    restricted = decision.enforced and decision.action.restricts
    if restricted and "reasoning" in measures(exchange, decision, settings.bands):
        reasoning(draft, settings.reasoning)
    if draft.edit is None:
        return Plan()
    return Plan(
        request_headers=_IDENTITY,
        label=decision.action.label,
        header=settings.header,
        reference=exchange.id,
        cause="suspicion",
        edit=draft.edit,
    )
