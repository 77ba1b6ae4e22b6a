"""The detectors that only weigh a rate: a row each.

The means and spreads of a `Rate` are judged, not fitted (see `signals.rates`); where a spread is
0.5 and more, most accounts are near none or near all.
"""

from dataclasses import dataclass

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.account.texts import Count
from distillgate.fingerprint.intents import Intent
from distillgate.signals.detector import AccountDetector, Find, Finding, Reads
from distillgate.signals.rates import Rate, weigh_asked, weigh_trait
from distillgate.signals.signal import Doubt, Family


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    counts: Trait | tuple[Count, Intent]
    """A trait of conduct; or the texts of an account that ask for something."""
    rate: Rate
    asks: str
    says: str
    """The sentence, filled from what was counted: `share` of texts; `hits` of `trials`."""
    doubt: Doubt
    family: Family = Family.CONTENT
    indicator: int | None = None

    def detector(self) -> AccountDetector:
        if isinstance(self.counts, Trait):
            reads, find = Reads.CONDUCT, self._conduct(self.counts)
        else:
            reads, find = Reads.TEXTS, self._texts(*self.counts)
        return AccountDetector(
            name=self.name, family=self.family, asks=self.asks, doubt=self.doubt, find=find,
            reads=reads, indicator=self.indicator,
        )  # fmt: skip

    def _conduct(self, trait: Trait) -> Find:
        rate, says = self.rate, self.says

        def find(account: Account, now: float) -> Finding | None:
            found = weigh_trait(account, trait, rate, now)
            if found is None:
                return None
            llr, tally = found
            text = says.format(hits=tally.hits, trials=tally.trials)
            return Finding(llr, text, tally.since, tally.until)

        return find

    def _texts(self, count: Count, ask: Intent) -> Find:
        rate, says = self.rate, self.says

        def find(account: Account, now: float) -> Finding | None:  # noqa: ARG001
            found = weigh_asked(account, count, ask, rate)
            if found is None:
                return None
            llr, share = found
            return Finding(llr, says.format(share=share))

        return find


_ROWS = (
    _Row(
        name="reasoning",
        counts=(Count.REASONING, Intent.REASONING),
        rate=Rate(honest=0.06),
        asks="how many of an account's own texts ask for the reasoning",
        says="{share:.0%} of its varying texts ask for the reasoning",
        doubt=Doubt(
            "teachers, auditors and evaluation harnesses ask for the reasoning too",
            "fewer of its own texts ask for the reasoning to be written out",
        ),
        indicator=7,
    ),
    _Row(
        name="grading",
        counts=(Count.GRADING, Intent.GRADING),
        rate=Rate(honest=0.05),
        asks="how many have answers graded, by a rubric or in pairs",
        says="{share:.0%} of its varying texts have answers graded",
        doubt=Doubt(
            "evaluation teams have answers judged by a model every day",
            "fewer of its own texts ask for marks",
        ),
    ),
    _Row(
        name="trace_cleaning",
        counts=(Count.CLEANING, Intent.CLEANING),
        rate=Rate(honest=0.02, harvest=0.6),
        asks="how many have captured reasoning put in order, as one disclosed campaign did",
        says="{share:.0%} of its varying texts have reasoning or transcripts put in order",
        doubt=Doubt(
            "editors, support teams and transcription services have transcripts tidied too",
            "fewer of its own texts are reasoning to be put in order",
        ),
    ),
    _Row(
        name="instruction_generation",
        counts=(Count.GENERATION, Intent.GENERATION),
        rate=Rate(honest=0.06),
        asks="how many have tasks and questions made up, as self-instruct pipelines begin",
        says="{share:.0%} of its varying texts have tasks or questions made up",
        doubt=Doubt(
            "teachers have exercises made up, testers test cases",
            "fewer of its own texts ask for new tasks",
        ),
    ),
    _Row(
        name="round_the_clock",
        family=Family.CONDUCT,
        counts=Trait.SLEEPLESS,
        # People always rest, services never; harvests are paced to last, most without a night.
        rate=Rate(0.15, 0.67, 0.6, 0.4, least=3.0, ceiling=0.6),
        asks="whether busy days go without a rest",
        says="{hits:.0f} of {trials:.0f} busy days had requests in 20 or more hours: "
        "no rest as people take it",
        doubt=Doubt(
            "services, nightly suites and products with users everywhere never rest either",
            "the work pauses a few hours a day, or the account is declared a service by its plan",
        ),
        indicator=1,
    ),
    _Row(
        name="throughput",
        family=Family.CONDUCT,
        counts=Trait.HEAVY,
        # Few outgrow their plan, and stay there; cheap plans are what a harvest is bought on.
        rate=Rate(0.05, 0.67, 0.4, 0.5, least=3.0, ceiling=0.6),
        asks="whether it uses far more than its plan is for",
        says="on {hits:.0f} of {trials:.0f} days it used more tokens than its plan is for: "
        "an enterprise's throughput on another plan",
        doubt=Doubt(
            "a small team may simply have much to do, as after a migration or in a backfill",
            "the account moves to a plan for that volume, or the operator raises the plan's figure",
        ),
        indicator=4,
    ),
    _Row(
        name="scrubbed_metadata",
        family=Family.CONDUCT,
        counts=Trait.SCRUBBED,
        # A program does so always or never; relays rewrite headers to fit the account.
        rate=Rate(0.1, 0.71, 0.4, 0.56, least=24.0, ceiling=0.5),
        asks="whether clients do not tell themselves",
        says="{hits:.0f} of {trials:.0f} requests do not tell their client, "
        "or claim a vendor's without its headers",
        doubt=Doubt(
            "company gateways and hand-written clients send no or rewritten client headers too",
            "the client's own headers are passed on",
        ),
        indicator=6,
    ),
    _Row(
        name="countermeasure_probing",
        family=Family.CONDUCT,
        counts=Trait.CANARY,
        # People repeat nearly nothing, a monitor nearly all; a quality harness a share.
        rate=Rate(0.12, 0.71, 0.3, 0.2, least=8.0, ceiling=0.5),
        asks="whether a few requests come again and again between others that never do",
        says="{hits:.0f} of {trials:.0f} watched requests came again and again, "
        "between others that never do: as one checks answers for countermeasures",
        doubt=Doubt(
            "health checks and drift monitors beside other work repeat a few requests too",
            "the repeated checks move to an account of their own, or end",
        ),
        indicator=10,
    ),
    _Row(
        name="tool_trajectories",
        counts=Trait.TOOLS,
        # An application's few sets recur; function-calling data draws a new one for every task.
        rate=Rate(0.06, 0.5, 0.6, 0.25, least=24.0, ceiling=0.7),
        asks="whether nearly every request brings a new set of tools",
        says="{hits:.0f} of {trials:.0f} requests with tools bring a set of tools not seen before: "
        "drawn from a library, not an application's own",
        doubt=Doubt(
            "a gateway for many developers' agents, and a benchmark of tool use, offer many sets "
            "too",
            "each application behind the account names its end user or has a key of its own",
        ),
    ),
    _Row(
        name="replayed_history",
        counts=Trait.FOREIGN,
        # Most begin theirs here, routers half; replays bring every conversation along.
        rate=Rate(0.15, 0.5, 0.8, 0.33, least=16.0, ceiling=0.7),
        asks="whether conversations arrive with answers that were not given here",
        says="{hits:.0f} of {trials:.0f} conversations arrived with answers in them "
        "that were not given here",
        doubt=Doubt(
            "routers over providers, trimmed histories and benchmarks of dialogue bring such turns "
            "too",
            "conversations begin and go on here, or fewer foreign ones are sent",
        ),
    ),
    _Row(
        name="logprob_sweep",
        family=Family.SURFACE,
        counts=Trait.SINGLE,
        # One way of reading out a model (Finlayson et al. 2024, arXiv:2403.09539); honest
        # accounts do so hardly ever, a few (lexical scoring) always.
        rate=Rate(0.02, 0.77, 0.4, 0.5, least=48.0, ceiling=0.5),
        asks="whether it reads probabilities after one word after the other; weak",
        says="{hits:.0f} of {trials:.0f} requests read one token's probabilities "
        "after a prompt of hardly a word",
        doubt=Doubt(
            "lexical and psycholinguistic scoring reads probabilities of single words too",
            "log-probabilities are left out, or the words are scored in one request",
        ),
    ),
    _Row(
        name="embeddings_harvest",
        family=Family.SURFACE,
        counts=Trait.VOCABULARY,
        # Whole texts are what everybody has embedded; a few have only keywords.
        rate=Rate(0.08, 0.71, 0.5, 0.5, least=48.0, ceiling=0.5),
        asks="whether it has the vocabulary embedded word by word; weak",
        says="{hits:.0f} of {trials:.0f} requests for embeddings are of nothing "
        "but single words: a walk over the vocabulary",
        doubt=Doubt(
            "keyword and tag collections are embedded word by word too",
            "whole texts are embedded, or the words are sent once",
        ),
    ),
)

RATES = tuple(row.detector() for row in _ROWS)
