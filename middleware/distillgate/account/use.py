"""One exchange, added to what is remembered of how its account is used."""

from distillgate.account.account import Account
from distillgate.account.conduct import AFTER, HALF_LIFE_DAYS, Conduct, ConductSettings, Trait, Word
from distillgate.account.habit import Habit, Surge, uses
from distillgate.account.releases import Releases, learn_pivot
from distillgate.account.windows import HOUR
from distillgate.fingerprint.conversation import Conversation
from distillgate.fingerprint.observation import Observation, Sent
from distillgate.fingerprint.origin import Origin

_SPACING = 600
"""Seconds between two occurrences of a request that comes again and again..."""
_PATIENCE = 26 * 3600
"""...and for how long it is watched for: a daily suite is one."""
_AGAIN = 3


def learn_carried(conduct: Conduct, sent: Sent, now: float) -> None:
    """Add what one request carries."""
    probe, carried = sent.probe, sent.carried
    single = probe is not None and probe.single_token and not probe.tokens
    conduct.count(Trait.PROBE, probe is not None, now)
    conduct.count(Trait.SINGLE, single and carried.short, now)
    if carried.words is not None:
        conduct.count(Trait.VOCABULARY, carried.words, now)
        return
    conduct.words[Word.SCRIPTS] |= 1 << carried.script
    if sent.system:
        conduct.mark(Word.SYSTEMS, 2, sent.system[0])
    if carried.tools is not None:
        _tools(conduct, carried.tools, now)
    _conversation(conduct, sent.conversation, now)
    _canary(conduct, sent.conversation.now & _HALF or 1, now)


def _tools(conduct: Conduct, names: int, now: float) -> None:
    new = conduct.mark(Word.TOOLS, 4, names)
    conduct.count(Trait.TOOLS, new, now)
    if conduct.marked(Word.TOOLS, 4) > 64:  # too full to tell new from old
        conduct.clear(((Word.TOOLS, 4),))


def _conversation(conduct: Conduct, found: Conversation, now: float) -> None:
    """Count whether a conversation is the latest one, and whether it began here."""
    opening = found.opening
    if found.goes_on:
        conduct.count(Trait.INTERLEAVED, opening & _HALF != conduct.words[Word.LATEST], now)
    conduct.words[Word.LATEST] = opening & _HALF
    # A Bloom filter of openings. Full, it knows everything, and says nothing more.
    if conduct.marked(Word.OPENINGS, 8) > 128:
        return
    known = [conduct.mark(Word.OPENINGS, 8, part) for part in (opening, opening >> 32)]
    if any(known):
        conduct.count(Trait.FOREIGN, found.goes_on, now)


def _canary(conduct: Conduct, asked: int, now: float) -> None:
    """Watch a few requests for whether they come again and again, well apart."""
    words, seconds = conduct.words, conduct.seconds(now)
    free = None
    for place in range(Word.CANARIES, Word.CANARIES + 8, 2):
        times, at = words[place + 1] >> 24, (words[place + 1] & 0xFFFFFF) * 60
        if words[place] == asked:
            if seconds - at >= _SPACING:
                words[place + 1] = times + 1 << 24 | seconds // 60 & 0xFFFFFF
                if times + 1 == _AGAIN:
                    conduct.count(Trait.CANARY, True, now)
                    words[place] = 0
            return
        if words[place] and seconds - at > _PATIENCE:
            conduct.count(Trait.CANARY, False, now)
            words[place] = 0
        if not words[place]:
            free = place
    if free is not None:
        words[free], words[free + 1] = asked, 1 << 24 | seconds // 60 & 0xFFFFFF


_SOON = 120
"""Seconds within which a refused request comes again, if it does."""
_HALF = 0xFFFFFFFF


def learn_pathways(
    conduct: Conduct, origin: Origin, asked: int, now: float, *, refused: bool
) -> None:
    """Add one request's way here; `asked` is the hash of what it asks."""
    if origin.nearby:
        conduct.mark(Word.NETWORKS, 2, origin.nearby)
    if origin.agent:
        conduct.mark(Word.AGENTS, 2, origin.agent)
    if origin.scrubbed is not None:
        conduct.count(Trait.SCRUBBED, origin.scrubbed, now)
    if origin.declared:
        conduct.add(Word.DECLARED, 1)
    way = (origin.nearby ^ origin.agent) & _HALF
    _comeback(conduct, asked & _HALF, way, now, refused=refused)


def _comeback(conduct: Conduct, asked: int, way: int, now: float, *, refused: bool) -> None:
    words, at = conduct.words, Word.REFUSED
    seconds = conduct.seconds(now)
    if words[at] == asked and asked and seconds - words[at + 2] <= _SOON:
        conduct.count(Trait.FAILOVER, words[at + 1] != way, now)
        words[at] = 0
    if refused:
        words[at], words[at + 1], words[at + 2] = asked, way, seconds


BUSY_DAY = 48
"""Requests from which a day shows whether there was a rest."""
SLEEPLESS_HOURS = 20
"""Hours with requests in a day without a rest."""
_WEEK = (
    (Word.NETWORKS, 2),
    (Word.AGENTS, 2),
    (Word.SYSTEMS, 2),
    (Word.SCRIPTS, 1),
    (Word.DECLARED, 1),
)
"""What is begun anew every seventh day."""


def learn_rhythm(
    conduct: Conduct, tokens: int, plan: str | None, now: float, settings: ConductSettings
) -> None:
    """Add one request to the day and the hour; close the day before."""
    words, day = conduct.words, conduct.day(now)
    if day > words[Word.DAY]:
        _close(conduct, plan, now, settings)
        conduct.fade(day - words[Word.DAY])
        if day // 7 > words[Word.DAY] // 7:
            conduct.clear(_WEEK)
        words[Word.DAY] = day
        words[Word.HOURS] = words[Word.TODAY] = words[Word.TOKENS] = 0
    words[Word.HOURS] |= 1 << int(now // HOUR) % 24
    conduct.add(Word.TODAY, 1)
    conduct.add(Word.TOKENS, tokens)
    _hour(conduct, now)


def _close(conduct: Conduct, plan: str | None, now: float, settings: ConductSettings) -> None:
    words = conduct.words
    if words[Word.TODAY] >= BUSY_DAY:
        rested = words[Word.HOURS].bit_count() < SLEEPLESS_HOURS
        conduct.count(Trait.SLEEPLESS, not rested, now)
    if plan is not None:
        much = settings.plan_tokens.get(plan, settings.heavy_tokens)
        conduct.count(Trait.HEAVY, words[Word.TOKENS] > much, now)


def _hour(conduct: Conduct, now: float) -> None:
    words, hour = conduct.words, conduct.seconds(now) // int(HOUR)
    if hour == 0:
        conduct.add(Word.FIRST_HOUR, 1)
    if hour > words[Word.HOUR]:
        words[Word.HOUR], words[Word.THIS_HOUR] = hour, 0
    conduct.add(Word.THIS_HOUR, 1)
    words[Word.BUSIEST_HOUR] = max(words[Word.BUSIEST_HOUR], words[Word.THIS_HOUR])


def learn_use(
    account: Account,
    seen: Observation,
    releases: Releases,
    now: float,
    settings: ConductSettings,
) -> None:
    """Add one exchange; an account that sent little so far has no conduct to add it to."""
    sent, answer, release = seen.sent, seen.answer, None
    if sent.model and answer.given:
        release = releases.learn(sent.model, account.principal, now)
    conduct = account.conduct
    if conduct is None:
        if account.exchanges < AFTER:
            return
        conduct = Conduct(account.first_seen, HALF_LIFE_DAYS)
        account.conduct = conduct
    tokens = (answer.prompt_tokens or 0) + answer.output_tokens
    learn_rhythm(conduct, tokens, seen.account.plan, now, settings)
    asked, refused = sent.conversation.now, answer.turned_away
    learn_pathways(conduct, sent.origin, asked, now, refused=refused)
    learn_carried(conduct, sent, now)
    newest = releases.newest(now)
    if newest is not None:
        learn_pivot(conduct, account.exchanges, newest, release is newest, now)


def learn_habit(payer: Account, seen: Observation, now: float) -> Surge | None:
    """Add one exchange to what its key is used for; return what the owner should hear of.

    It is the key's that pays, whoever its end users are.
    """
    sent = seen.sent
    if not seen.answer.given or (payer.conduct is None and seen.payer is None):
        return None
    habit = payer.habit or Habit.begun(now)
    payer.habit, burst = habit.learn(uses(sent.model, sent.operation), now)
    return burst and Surge(payer.name, now, sent.model, sent.operation, *burst)


def learn_retry(account: Account, seen: Observation, now: float) -> None:
    """Add a request that came a moment ago and failed: all it tells is where it comes from now."""
    if account.conduct is not None:
        sent, refused = seen.sent, seen.answer.turned_away
        learn_pathways(account.conduct, sent.origin, sent.conversation.now, now, refused=refused)
