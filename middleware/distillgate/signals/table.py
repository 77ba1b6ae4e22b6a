"""The detectors that only weigh a rate: a row each.

A row of `_texts` counts an account's varying texts that ask for something, one of `_trait` a trait
of its conduct. Its sentence is filled from what was counted: `share`, `hits`, `trials`. The means
and spreads of a `Rate` are judged, not fitted (see `signals.rates`); where a spread is 0.5 and
more, most accounts are near none or near all.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.account.texts import Count
from distillgate.fingerprint.asks import Ask
from distillgate.signals.detector import Detector, Finding, Reads
from distillgate.signals.rates import Rate, weigh_asked, weigh_trait
from distillgate.signals.signal import Doubt, Family


def _texts(
    name: str, counted: tuple[Count, Ask], rate: Rate, *, asks: str, says: str, doubt: Doubt, indicator: int|None = None
) -> Detector:
    count, ask = counted

    def find(account: Account, now: float) -> Finding | None:  # noqa: ARG001
        found = weigh_asked(account, count, ask, rate)
        if found is None:
            return None
        llr, share = found
        return Finding(llr, says.format(share=share))

    return Detector(name, Family.CONTENT, asks, doubt, find, Reads.TEXTS, indicator)


def _trait(
    name: str,
    family: Family,
    trait: Trait,
    rate: Rate,
    *,
    asks: str,
    says: str,
    doubt: Doubt,
    indicator: int | None = None,
) -> Detector:
    def find(account: Account, now: float) -> Finding | None:
        found = weigh_trait(account, trait, rate, now)
        if found is None:
            return None
        llr, tally = found
        text = says.format(hits=tally.hits, trials=tally.trials)
        return Finding(llr, text, tally.since, tally.until)

    return Detector(name, family, asks, doubt, find, Reads.CONDUCT, indicator)


RATES: tuple[Detector, ...] = (
    _texts(
        "reasoning",
        (Count.REASONING, Ask.REASONING),
        Rate(honest=0.06),
        asks="how many of an account's own texts ask for the reasoning",
        says="{share:.0%} of its varying texts ask for the reasoning",
        doubt=Doubt(
            "teachers, auditors and evaluation harnesses ask for the reasoning too",
            "fewer of its own texts ask for the reasoning to be written out",
        ),
        indicator=7,
    ),
    _texts(
        "grading",
        (Count.GRADING, Ask.GRADING),
        Rate(honest=0.05),
        asks="how many have answers graded, by a rubric or in pairs",
        says="{share:.0%} of its varying texts have answers graded",
        doubt=Doubt(
            "evaluation teams have answers judged by a model every day",
            "fewer of its own texts ask for marks",
        ),
    ),
    _texts(
        "trace_cleaning",
        (Count.CLEANING, Ask.CLEANING),
        Rate(honest=0.02, harvest=0.6),
        asks="how many have captured reasoning put in order; one disclosed campaign did little else",
        says="{share:.0%} of its varying texts have reasoning or transcripts put in order",
        doubt=Doubt(
            "editors, support teams and transcription services have transcripts tidied too",
            "fewer of its own texts are reasoning to be put in order",
        ),
    ),
    _texts(
        "instruction_generation",
        (Count.GENERATION, Ask.GENERATION),
        Rate(honest=0.06),
        asks="how many have tasks and questions made up, as self-instruct pipelines begin",
        says="{share:.0%} of its varying texts have tasks or questions made up",
        doubt=Doubt(
            "teachers have exercises made up, testers test cases",
            "fewer of its own texts ask for new tasks",
        ),
    ),
    _trait(
        "round_the_clock",
        Family.CONDUCT,
        Trait.SLEEPLESS,
        # People always rest, services never; harvests are paced to last, most without a night.
        Rate(0.15, 0.67, 0.6, 0.4, least=3.0, ceiling=0.6),
        asks="whether busy days go without a rest",
        says="{hits:.0f} of {trials:.0f} busy days had requests in 20 or more hours: "
        "no rest as people take it",
        doubt=Doubt(
            "services, nightly suites and products with users everywhere never rest either",
            "the work pauses a few hours a day, or the account is declared a service by its plan",
        ),
        indicator=1,
    ),
    _trait(
        "throughput",
        Family.CONDUCT,
        Trait.HEAVY,
        # Few outgrow their plan, and stay there; cheap plans are what a harvest is bought on.
        Rate(0.05, 0.67, 0.4, 0.5, least=3.0, ceiling=0.6),
        asks="whether it uses far more than its plan is for",
        says="on {hits:.0f} of {trials:.0f} days it used more tokens than its plan is for: "
        "an enterprise's throughput on another plan",
        doubt=Doubt(
            "a small team may simply have much to do, as after a migration or in a backfill",
            "the account moves to a plan for that volume, or the operator raises the plan's figure",
        ),
        indicator=4,
    ),
    _trait(
        "scrubbed_metadata",
        Family.CONDUCT,
        Trait.SCRUBBED,
        # A program does so always or never; relays rewrite headers to fit the account.
        Rate(0.1, 0.71, 0.4, 0.56, least=24.0, ceiling=0.5),
        asks="whether clients do not tell themselves",
        says="{hits:.0f} of {trials:.0f} requests do not tell their client, "
        "or claim a vendor's without its headers",
        doubt=Doubt(
            "company gateways and hand-written clients send no or rewritten client headers too",
            "the client's own headers are passed on",
        ),
        indicator=6,
    ),
    _trait(
        "countermeasure_probing",
        Family.CONDUCT,
        Trait.CANARY,
        # People repeat nearly nothing, a monitor nearly all; a quality harness a share.
        Rate(0.12, 0.71, 0.3, 0.2, least=8.0, ceiling=0.5),
        asks="whether a few requests come again and again between others that never do",
        says="{hits:.0f} of {trials:.0f} watched requests came again and again, "
        "between others that never do: as one checks answers for countermeasures",
        doubt=Doubt(
            "health checks and drift monitors beside other work repeat a few requests too",
            "the repeated checks move to an account of their own, or end",
        ),
        indicator=10,
    ),
    _trait(
        "tool_trajectories",
        Family.CONTENT,
        Trait.TOOLS,
        # An application's few sets recur; function-calling data draws a new one for every task.
        Rate(0.06, 0.5, 0.6, 0.25, least=24.0, ceiling=0.7),
        asks="whether nearly every request brings a new set of tools",
        says="{hits:.0f} of {trials:.0f} requests with tools bring a set of tools not seen before: "
        "drawn from a library, not an application's own",
        doubt=Doubt(
            "a gateway for many developers' agents, and a benchmark of tool use, offer many sets "
            "too",
            "each application behind the account names its end user or has a key of its own",
        ),
    ),
    _trait(
        "replayed_history",
        Family.CONTENT,
        Trait.FOREIGN,
        # Most begin theirs here, routers half; replays bring every conversation along.
        Rate(0.15, 0.5, 0.8, 0.33, least=16.0, ceiling=0.7),
        asks="whether conversations arrive with answers that were not given here",
        says="{hits:.0f} of {trials:.0f} conversations arrived with answers in them "
        "that were not given here",
        doubt=Doubt(
            "routers over providers, trimmed histories and benchmarks of dialogue bring such turns "
            "too",
            "conversations begin and go on here, or fewer foreign ones are sent",
        ),
    ),
    _trait(
        "logprob_sweep",
        Family.SURFACE,
        Trait.SINGLE,
        # One way of reading out a model (Finlayson et al. 2024, arXiv:2403.09539); honest
        # accounts do so hardly ever, a few (lexical scoring) always.
        Rate(0.02, 0.77, 0.4, 0.5, least=48.0, ceiling=0.5),
        asks="whether it reads probabilities after one word after the other; weak",
        says="{hits:.0f} of {trials:.0f} requests read one token's probabilities "
        "after a prompt of hardly a word",
        doubt=Doubt(
            "lexical and psycholinguistic scoring reads probabilities of single words too",
            "log-probabilities are left out, or the words are scored in one request",
        ),
    ),
    _trait(
        "embeddings_harvest",
        Family.SURFACE,
        Trait.VOCABULARY,
        # Whole texts are what everybody has embedded; a few have only keywords.
        Rate(0.08, 0.71, 0.5, 0.5, least=48.0, ceiling=0.5),
        asks="whether it has the vocabulary embedded word by word; weak",
        says="{hits:.0f} of {trials:.0f} requests for embeddings are of nothing "
        "but single words: a walk over the vocabulary",
        doubt=Doubt(
            "keyword and tag collections are embedded word by word too",
            "whole texts are embedded, or the words are sent once",
        ),
    ),
)
"""Equally strong reasons are told in this order, before those of the other detectors."""
