from tests.observing import observe

from distillgate.account.account import Account, AccountSettings
from distillgate.account.conduct import AFTER, Trait
from distillgate.account.releases import Releases
from distillgate.account.use import learn_use
from distillgate.dialects.chat import CHAT
from distillgate.wire.request import from_document

SETTINGS = AccountSettings()


def test_an_account_is_remembered_from_its_eighth_request() -> None:
    account, releases = Account.new("a", 1, 0.0, SETTINGS), Releases()
    request = from_document(CHAT, {"messages": [{"role": "user", "content": "hi"}]})
    for number in range(1, 20):
        account.exchanges = number
        learn_use(account, observe(request), releases, 0.0, SETTINGS)
        assert (account.conduct is None) == (number < AFTER)

    assert account.conduct is not None
    assert account.conduct.words[3 * Trait.PROBE + 1] == 12 * 64
