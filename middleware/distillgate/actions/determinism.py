"""Measure: take out the seed, so that the same question is not the same answer each time.

A harvester that asks again with the seed it used before gets its old answer again from the cache or
the sampler, and can tell what a change of its prompt does. Everybody else gets an answer as good.
"""

from distillgate.actions import nested
from distillgate.actions.draft import Draft
from distillgate.settings import Settings


class DeterminismSettings(Settings):
    """What makes answers repeat."""

    strip: list[str] = ["seed", "random_seed", "sampling_seed"]
    """Parameters taken out: OpenAI's and vLLM's name, Mistral's, SGLang's."""


def determinism(draft: Draft, settings: DeterminismSettings) -> None:
    """Take out the seed."""
    for name in settings.strip:
        draft.remove(name)
    if "seed" in settings.strip:
        nested.take_out(draft, draft.measured.fields.seeds, "seed")
