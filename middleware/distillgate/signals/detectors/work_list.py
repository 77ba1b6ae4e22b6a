"""How far is a linked group, as one actor, into what one actor may take (`signals.allowance`)?"""

from collections.abc import Iterator

from distillgate.signals.allowance import allowance, weight
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


@group_detector(
    Family.HARVEST,
    "how far a group, as one actor, is into what one actor may take",
    Doubt(
        "a company that spreads its own work over keys it has not declared takes much, too",
        "its keys declare one organisation, which gives it a larger budget",
    ),
    turn=Turn.TAKEN,
)
def work_list(case: Case) -> Iterator[Finding]:
    """Weigh what the group took against one actor's budget."""
    taken = case.evidence.taken
    allowed = allowance(taken, case.allowance)
    text = f"as one actor it took about {taken.tokens:,.0f} value tokens of {allowed.tokens:,.0f}"
    if allowed.why:
        text += f"; {allowed.why}"
    yield Finding(weight(taken.tokens / allowed.tokens), text)
