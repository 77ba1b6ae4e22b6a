"""One exchange, added to what is remembered of how its account is used."""

from distillgate.account.account import Account, AccountSettings
from distillgate.account.conduct import AFTER, HALF_LIFE_DAYS, Conduct
from distillgate.account.habit import Habit, HabitSettings, Surge, uses
from distillgate.account.pathways import learn_pathways
from distillgate.account.releases import Releases, learn_pivot
from distillgate.account.rhythm import learn_rhythm
from distillgate.account.traits import learn_carried
from distillgate.fingerprint.observation import Observation


def learn_use(
    account: Account,
    seen: Observation,
    releases: Releases,
    now: float,
    settings: AccountSettings,
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
    learn_rhythm(conduct, tokens, seen.account.plan, now, settings.conduct)
    asked, refused = sent.conversation.now, answer.turned_away
    learn_pathways(conduct, sent.origin, asked, now, refused=refused)
    learn_carried(conduct, sent, now)
    newest = releases.newest(now)
    if newest is not None:
        learn_pivot(conduct, account.exchanges, newest, release is newest, now)


def learn_habit(
    payer: Account, seen: Observation, now: float, settings: HabitSettings
) -> Surge | None:
    """Add one exchange to what its key is used for; return what the owner should hear of.

    It is the key's that pays, whoever its end users are.
    """
    sent = seen.sent
    if not seen.answer.given or (payer.conduct is None and seen.payer is None):
        return None
    habit = payer.habit or Habit.begun(now)
    payer.habit, burst = habit.learn(uses(sent.model, sent.operation), now, settings)
    return burst and Surge(payer.name, now, sent.model, sent.operation, *burst)


def learn_retry(account: Account, seen: Observation, now: float) -> None:
    """Add a request that came a moment ago and failed: all it tells is where it comes from now."""
    if account.conduct is not None:
        sent, refused = seen.sent, seen.answer.turned_away
        learn_pathways(account.conduct, sent.origin, sent.conversation.now, now, refused=refused)
