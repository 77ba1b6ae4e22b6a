"""One exchange, added to what is remembered of how its account is used."""

from distillgate.account.account import Account, AccountSettings
from distillgate.account.carried import learn_carried
from distillgate.account.conduct import Conduct
from distillgate.account.pathways import learn_pathways
from distillgate.account.releases import Releases, learn_pivot
from distillgate.account.rhythm import learn_rhythm
from distillgate.fingerprint.fingerprint import Fingerprint
from distillgate.wire.exchange import Exchange, Outcome


def learn_use(
    account: Account,
    exchange: Exchange,
    fingerprint: Fingerprint,
    outcome: Outcome,
    releases: Releases,
    now: float,
    settings: AccountSettings,
) -> None:
    """Add one exchange; an account that sent little so far has no conduct to add it to."""
    model, release = exchange.request.model, None
    if model and 200 <= outcome.status < 300:
        release = releases.learn(model, account.unit, now, settings.releases)
    conduct = account.conduct
    if conduct is None:
        if account.exchanges < settings.conduct.after:
            return
        conduct = Conduct(account.first_seen, settings.conduct.half_life_days)
        account.conduct = conduct
    tokens = (outcome.prompt_tokens or 0) + outcome.output_tokens
    learn_rhythm(conduct, tokens, exchange.plan, now, settings.conduct)
    asked, refused = fingerprint.conversation.now, outcome.turned_away
    learn_pathways(conduct, exchange, asked, now, refused=refused)
    learn_carried(conduct, exchange.request, fingerprint, now)
    newest = releases.newest(now, settings.releases)
    if newest is not None:
        learn_pivot(conduct, account.exchanges, newest, release is newest, now)
