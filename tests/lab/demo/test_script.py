from collections import Counter

from distillgate.dialects.registry import match
from distillgate.wire.request import from_document
from distillgate_lab.demo.call import HOUR
from distillgate_lab.demo.script import KINDS, write


def test_the_same_arguments_write_the_same_play() -> None:
    assert write(scale=0.05, campaign_items=60) == write(scale=0.05, campaign_items=60)


def test_the_full_play_has_three_hundred_honest_accounts_and_sixty_of_the_campaign() -> None:
    script = write()
    honest = Counter(account.honest for account in script.accounts)

    assert honest == {True: 300, False: 60}
    assert {account.name for account in script.accounts} == {c.account.name for c in script.calls}
    assert len({account.name for account in script.accounts}) == 360


def test_offices_share_an_address_and_the_campaign_shares_none() -> None:
    accounts = write(scale=1.0, campaign_items=60).accounts
    honest = Counter(account.address for account in accounts if account.honest)
    campaign = Counter(account.address for account in accounts if not account.honest)

    assert sorted(honest.values(), reverse=True)[:4] == [30, 20, 18, 10]
    assert set(campaign.values()) == {1}
    assert not honest.keys() & campaign.keys()


def test_calls_come_in_order_and_nobody_is_early_or_long_after_the_end() -> None:
    script = write(scale=0.1)
    times = [call.at for call in script.calls]

    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < (script.hours + 1) * HOUR


def test_every_call_is_one_the_gate_can_read() -> None:
    for call in write(scale=0.05, campaign_items=60).calls:
        operation = match("POST", call.path)
        assert operation is not None
        assert from_document(operation, call.body).newest


def test_a_play_may_do_without_a_campaign() -> None:
    script = write(scale=0.05, campaign_accounts=0)

    assert all(account.honest for account in script.accounts)
    assert len({account.kind for account in script.accounts}) == len(KINDS)
