"""Did others tell of what a group's accounts send, where these show that one hand deals it?

A report answers one question alone: how likely is it that who shares this is a popular tool's user?
It takes back what is held for the accounts of every shared prompt (`shared_key`), never more, so
that the rest has to be shown here. Whoever writes reports can have nobody restricted by them.
"""

from collections.abc import Iterator

from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_WEIGHT = 4.5
"""What a shared prompt counts for its senders: with a report it is as likely a campaign's as a
popular tool's, and the lower bar is just evidence enough of one operator."""


@group_detector(
    Family.INTELLIGENCE,
    "whether others told of the template that accounts share, where their texts show one hand",
    Doubt(
        "a campaign may have used a public prompt, and anybody who has the community's key can "
        "write a report",
        "the report is withdrawn or ends, or the accounts come to differ in what they ask",
    ),
    turn=Turn.SUPPORT,
    of=frozenset({Basis.DRAWN}),
    accuses=True,
)
def reported(case: Case) -> Iterator[Finding]:
    """Weigh a report where no more than it speaks for the lower bar that was reached."""
    told, held_out = case.evidence.reported, case.evidence.held_out
    if told is None or held_out is None or not held_out.lowered:
        return
    text = f"{told.share:.0%} of its exchanges are made from a template that {told.source} told of"
    yield Finding(_WEIGHT, text)
