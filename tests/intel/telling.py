"""A community for tests, and telling an engine of a template."""

from collections.abc import Sequence
from typing import Any

from tests.engine.conftest import chat

from distillgate.account.windows import DAY
from distillgate.campaign.reports import Report
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Feed
from distillgate.intel.community import Community, create, moment
from distillgate.intel.recognise import Recogniser
from distillgate.intel.sketch import NORMALISER, segments
from distillgate.intel.stix import Draft, extended

LABS: Community = create("labs", 0.0)
NAME = "indicator--00000000-0000-4000-8000-000000000001"


def report(prompt: str, until: float, name: str = NAME, source: str = "another lab") -> Report:
    """Return what another lab tells of a prompt."""
    lines = segments(chat("nobody", prompt).request, LABS.newest)
    return Report(name, source, LABS.newest.id, tuple(map(bytes.fromhex, sorted(lines))), until)


def bundle(
    sender: str, now: float, opinion: str | None = None, names: Sequence[str] = ("x",)
) -> dict[str, Any]:
    """Return a bundle of a template by each name, and perhaps an opinion on the last."""
    draft, made = Draft(LABS.newest, sender, "green", now), ""
    for number, name in enumerate(names):
        told = {"key": LABS.newest.id, "normaliser": NORMALISER, "lines": [f"{number:032x}"]}
        made = draft.add(
            "indicator", name, valid_from=moment(now - 60), valid_until=moment(now + 1e6),
            extensions=extended(told),
        )  # fmt: skip
    if opinion is not None:
        draft.add("opinion", made, opinion=opinion, object_refs=[made])
    return draft.bundle()


def indicator(name: str = "x") -> str:
    """Return the identifier of the indicator of a template by that name."""
    objects = bundle("a lab", 0.0, names=(name,))["objects"]
    return next(str(one["id"]) for one in objects if one["type"] == "indicator")


def tell(engine: Engine, prompt: str, now: float, days: float = 14.0) -> None:
    """Let an engine look for a prompt that another lab told of."""
    listen(engine)
    engine.hand(Feed(now, "test", (report(prompt, now + days * DAY),)))


def listen(engine: Engine) -> None:
    """Hand an engine the community's keys."""
    engine.recognise = Recogniser(LABS, lambda: engine.state.groups.reports)
