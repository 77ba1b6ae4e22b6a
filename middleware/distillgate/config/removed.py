"""What became of settings that earlier versions had, for whoever's file still names them."""

from collections.abc import Sequence
from typing import NamedTuple

from distillgate.config.document import KeyPath


class Removed(NamedTuple):
    """Keys of one section that are gone, and what became of them."""

    section: str
    """The section's path, dotted; empty at the top."""
    keys: tuple[str, ...]
    what: str


_CONSTANT = "no setting any more, but a constant: every gate has the default it had"
_WEIGHED = (
    "no setting any more: what a detector weighs is a constant beside it, `calibrate` takes back "
    "what is too much for your traffic"
)
_TURNED_OFF = f"{_WEIGHED}, and `signals.off` turns a detector off"
_MEASURED = "no setting any more: it was measured on public text, and everything else rests on it"
_OF_GROUPS = (
    "elicitation",
    "even_loads",
    "exchangeability",
    "life_cycle",
    "links",
    "repeats",
    "returned",
    "shared_key",
)
_DETECTORS = (
    "breadth",
    "countermeasure_probing",
    "elicitation_search",
    "embeddings_harvest",
    "expansion",
    "failover",
    "grading",
    "instruction_generation",
    "known_template",
    "logprob_sweep",
    "many_clients",
    "no_ramp",
    "novelty",
    "parameter_extraction",
    "pivot",
    "reasoning",
    "relay",
    "replayed_history",
    "round_the_clock",
    "scrubbed_metadata",
    "throughput",
    "tool_trajectories",
    "trace_cleaning",
    "variants",
)

REMOVED: tuple[Removed, ...] = (
    Removed("", ("store",), "it is `log.path` now"),
    Removed("", ("fleet",), "it is `log.url` now"),
    Removed("proxy", ("journal_bytes",), "it is `log.snapshot_entries` now"),
    Removed("", ("fingerprint",), _CONSTANT),
    Removed("account", ("releases", "half_life_days", "distinct_size", "habit"), _CONSTANT),
    Removed("account.conduct", ("after", "half_life_days"), _CONSTANT),
    Removed("campaign", ("examine",), _MEASURED),
    Removed(
        "campaign",
        ("templates", "links", "distinctive", "candidates", "sample", "min_units", "quiet_days"),
        _CONSTANT,
    ),
    Removed("campaign.memory", ("max_imprints", "overlap"), _CONSTANT),
    Removed("risk", ("caps", "linked"), _MEASURED),
    Removed("signals.work_list", ("declared",), _MEASURED),
    Removed("policy.group_budget", ("least_floor",), _CONSTANT),
    Removed("policy.throttle", ("max_wait", "spacing", "jitter"), _CONSTANT),
    Removed("actions", ("determinism",), f"{_CONSTANT}; `actions.bands` says who meets it"),
    Removed("actions.parameters", ("max_choices",), _CONSTANT),
    Removed("actions.pace", ("max_seconds",), _CONSTANT),
    Removed("actions.mark", ("shortest",), _CONSTANT),
    Removed("telemetry.log", ("repeat_seconds",), _CONSTANT),
    Removed("signals", _DETECTORS, _TURNED_OFF),
    Removed("signals", _OF_GROUPS, _WEIGHED),
    Removed("policy.ladder", ("family_counts",), _CONSTANT),
    Removed("asgi", ("backlog",), _CONSTANT),
    Removed("asgi.body", ("max_decoded_bytes", "thread_bytes"), _CONSTANT),
    Removed("proxy", ("backlog",), _CONSTANT),
    Removed("governance.audit", ("lines",), _CONSTANT),
    Removed("governance.webhook", ("seconds",), _CONSTANT),
    Removed(
        "tokenizer",
        ("entries", "inline_bytes", "exact_bytes", "waiting_bytes", "piece"),
        _CONSTANT,
    ),
    Removed("telemetry.log", ("lines",), _CONSTANT),
    Removed("record", ("queue", "settle"), _CONSTANT),
    Removed(
        "signals.work_list",
        ("distinct", "compressing", "conversing", "compress_ratio", "below", "above"),
        "what one actor may take is counted in `signals.work_list.value_tokens` now",
    ),
    Removed(
        "policy.group_budget",
        ("output_tokens", "days"),
        "past its budget an actor gets `policy.group_budget.refill` of it a day",
    ),
    Removed("policy.ladder", ("release",), "a restriction lasts `policy.ladder.hold_hours`"),
)


def became_of(path: KeyPath, removed: Sequence[Removed] = REMOVED) -> str | None:
    """Return what became of the key at `path`, or of a section above it; None: nobody had it."""
    parts = tuple(map(str, path))
    for section, keys, what in removed:
        above = tuple(section.split(".")) if section else ()
        if parts[: len(above)] == above and parts[len(above) :][:1] in {(key,) for key in keys}:
            return what
    return None
