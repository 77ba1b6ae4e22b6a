"""The document of the page *Health*: is the gate itself well?"""

from prometheus_client.parser import text_string_to_metric_families

from distillgate.admin.console.source import Document, Source


def health_document(source: Source, metrics: bytes) -> Document:
    """Return the gate's own counts, read off its metrics, and what does not work right now."""
    state = source.engine.state
    return {
        "at": source.now,
        "mode": source.mode,
        "killed": state.killed,
        **source.more,
        "losing": list(source.losing),
        "remembered": {
            "accounts": len(state.accounts),
            "evicted": state.accounts.evicted,
            "groups": len(state.groups),
            "campaigns": len(state.actors),
        },
        "decision_seconds": _mean(metrics),
        "counts": _counts(metrics),
    }


def _counts(metrics: bytes) -> list[Document]:
    """Return every counter and gauge of ours, with its labels; of exchanges only those that came.

    All their labels stand at 0 from the start, for alerts: a hundred rows that say nothing.
    """
    return [
        {
            "name": sample.name,
            "about": family.documentation,
            "labels": ", ".join(f"{name} {value}" for name, value in sorted(sample.labels.items())),
            "value": sample.value,
        }
        for family in text_string_to_metric_families(metrics.decode())
        if family.name.startswith("distillgate_") and family.type in ("counter", "gauge")
        for sample in family.samples
        if not sample.name.endswith("_created")
        if sample.value or family.name != "distillgate_exchanges"
    ]


def _mean(metrics: bytes) -> Document | None:
    """Return how long a decision took on average; None where none was timed."""
    for family in text_string_to_metric_families(metrics.decode()):
        if family.name == "distillgate_decision_seconds":
            values = {sample.name: sample.value for sample in family.samples}
            count = values.get(f"{family.name}_count", 0.0)
            if count:
                mean = values[f"{family.name}_sum"] / count
                return {"mean": mean, "decisions": count}
    return None
