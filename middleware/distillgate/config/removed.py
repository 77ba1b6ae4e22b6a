"""What became of settings that earlier versions had, for whoever's file still names them."""

from collections.abc import Mapping

from distillgate.config.document import KeyPath

_CONSTANT = "no setting any more, but a constant: every gate has the default it had"
_WEIGHED = (
    "no setting any more: what a detector weighs is a constant beside it, `calibrate` takes back "
    "what is too much for your traffic"
)
_CONSTANTS = (
    "account.conduct.after", "account.conduct.half_life_days", "account.distinct_size",
    "account.habit", "account.half_life_days", "account.releases", "actions.binding.hours",
    "actions.binding.max_references", "actions.mark.shortest", "actions.pace.max_seconds",
    "actions.pace.max_streams", "actions.parameters.max_choices", "asgi.backlog",
    "asgi.body.max_decoded_bytes", "asgi.body.thread_bytes", "asgi.threads", "campaign.candidates",
    "campaign.distinctive", "campaign.links", "campaign.memory.max_imprints",
    "campaign.memory.overlap", "campaign.min_units", "campaign.quiet_days", "campaign.sample",
    "campaign.templates", "fingerprint", "governance.audit.lines", "governance.webhook.seconds",
    "policy.group_budget.least_floor", "policy.ladder.family_counts", "policy.throttle.jitter",
    "policy.throttle.max_wait", "policy.throttle.spacing", "proxy.backlog", "record.queue",
    "record.settle", "telemetry.log.lines", "telemetry.log.repeat_seconds", "tokenizer.entries",
    "tokenizer.exact_bytes", "tokenizer.inline_bytes", "tokenizer.piece",
    "tokenizer.waiting_bytes",
)  # fmt: skip
_OF_GROUPS = (
    "elicitation", "even_loads", "exchangeability", "life_cycle", "links", "repeats", "returned",
    "shared_key",
)  # fmt: skip
_OF_ACCOUNTS = (
    "breadth", "countermeasure_probing", "elicitation_search", "embeddings_harvest", "expansion",
    "failover", "grading", "instruction_generation", "known_template", "logprob_sweep",
    "many_clients", "no_ramp", "novelty", "parameter_extraction", "pivot", "reasoning", "relay",
    "replayed_history", "round_the_clock", "scrubbed_metadata", "throughput", "tool_trajectories",
    "trace_cleaning", "variants",
)  # fmt: skip
_WORK_LIST = ("distinct", "compressing", "conversing", "compress_ratio", "below", "above")

REMOVED: Mapping[str, str] = {
    "store": "it is `log.path` now",
    "fleet": "it is `log.url` now",
    "proxy.journal_bytes": "it is `log.snapshot_entries` now",
    "actions.determinism": f"{_CONSTANT}; `actions.bands` says who meets it",
    "policy.ladder.release": "a restriction lasts `policy.ladder.hold_hours`",
    "campaign.max_groups": "a tenth of `account.max_accounts`",
    "campaign.max_members": "twice `account.max_accounts`",
    **dict.fromkeys(_CONSTANTS, _CONSTANT),
    **dict.fromkeys((f"signals.{name}" for name in _OF_GROUPS), _WEIGHED),
    **dict.fromkeys(
        (f"signals.{name}" for name in _OF_ACCOUNTS),
        f"{_WEIGHED}, and `signals.off` turns a detector off",
    ),
    **dict.fromkeys(
        ("campaign.examine", "risk.caps", "risk.linked", "signals.work_list.declared"),
        "no setting any more: it was measured on public text, and everything else rests on it",
    ),
    **dict.fromkeys(
        (f"signals.work_list.{name}" for name in _WORK_LIST),
        "what one actor may take is counted in `signals.work_list.value_tokens` now",
    ),
    **dict.fromkeys(
        ("policy.group_budget.output_tokens", "policy.group_budget.days"),
        "past its budget an actor gets `policy.group_budget.refill` of it a day",
    ),
}
"""What became of each key, or section, that is gone."""


def became_of(path: KeyPath, removed: Mapping[str, str] = REMOVED) -> str | None:
    """Return what became of the key at `path`, or of a section above it; None: nobody had it."""
    above = (".".join(map(str, path[:end])) for end in range(1, len(path) + 1))
    return next((removed[name] for name in above if name in removed), None)
