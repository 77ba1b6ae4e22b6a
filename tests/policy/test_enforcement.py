from distillgate.account.account import Account
from distillgate.policy.decision import Action
from distillgate.policy.enforcement import ACTED_ON, EnforcementSettings, KeyedRandom, not_enforced
from distillgate.policy.group_budget import Pool

DRAW = KeyedRandom(b"key")
AT_ONCE = {"onset_exchanges": 0.0}


def account(name: str) -> Account:
    return Account.new(name, 1, 0.0)


def acted_on(settings: EnforcementSettings, count: int = 2000) -> set[int]:
    who = account("a")
    return {i for i in range(count) if not not_enforced(who, (Pool(f"g-{i}"),), DRAW, settings)}


def test_by_default_every_actor_is_acted_on_once_its_onset_is_over() -> None:
    pool = Pool("g-1")
    pool.restricted = 2001

    assert not_enforced(account("a"), (pool,), DRAW, EnforcementSettings()) == ""


def test_a_roll_out_grows_and_lets_nobody_go() -> None:
    shares = [0.0, 0.05, 0.25, 1.0]
    found = [acted_on(EnforcementSettings(rollout=share, **AT_ONCE)) for share in shares]

    assert [len(f) / 2000 for f in (found[0], found[3])] == [0.0, 1.0]
    assert 0.03 < len(found[1]) / 2000 < 0.07
    assert 0.22 < len(found[2]) / 2000 < 0.28
    assert found[0] <= found[1] <= found[2] <= found[3]


def test_a_share_of_the_restricted_accounts_is_held_out_whatever_their_group() -> None:
    settings = EnforcementSettings(hold_out=0.1, **AT_ONCE)
    held = [
        [not_enforced(account(f"a-{i}"), (Pool(key),), DRAW, settings) for i in range(2000)]
        for key in ("g-1", "g-2")
    ]

    assert held[0] == held[1]
    assert 150 < held[0].count("hold_out") < 250


def test_the_onset_is_drawn_for_each_actor_and_passes() -> None:
    settings = EnforcementSettings(onset_exchanges=100.0)
    onsets = []
    for i in range(500):
        pool = Pool(f"g-{i}")
        while not_enforced(account("a"), (pool,), DRAW, settings):
            pool.restricted += 1
        onsets.append(pool.restricted)

    assert max(onsets) <= 100
    for quarter in range(4):
        assert 90 < sum(25 * quarter < onset <= 25 * (quarter + 1) for onset in onsets) < 160


def test_the_actor_restricted_the_longest_decides() -> None:
    settings = EnforcementSettings(onset_exchanges=1000.0)
    new, old = Pool("g-1"), Pool("g-2")
    old.restricted = 1001

    assert not_enforced(account("a"), (new,), DRAW, settings) == "onset"
    assert not_enforced(account("a"), (new, old), DRAW, settings) == ""


def test_who_was_acted_on_has_no_second_onset() -> None:
    who = account("a")
    who.restriction = ACTED_ON + Action.THROTTLE

    assert not_enforced(who, (Pool("g-1"),), DRAW, EnforcementSettings(onset_exchanges=1e9)) == ""
    assert not_enforced(who, (Pool("g-1"),), DRAW, EnforcementSettings(hold_out=1.0)) == "hold_out"
    assert not_enforced(who, (Pool("g-1"),), DRAW, EnforcementSettings(rollout=0.0)) == "rollout"


def test_who_is_held_alone_for_what_a_group_did_draws_nothing_anew() -> None:
    settings = EnforcementSettings(rollout=0.5, **AT_ONCE)
    for i in range(50):
        who, own = account(f"a-{i}"), (Pool(f"a-{i}"),)
        who.restriction = int(Action.THROTTLE)
        assert not_enforced(who, own, DRAW, settings, held=True) == "held"
        who.restriction += ACTED_ON
        assert not_enforced(who, own, DRAW, settings, held=True) == ""


def test_a_share_is_drawn_by_name_and_key() -> None:
    draw, other = KeyedRandom(b"key"), KeyedRandom(b"another")

    assert draw.share("a", 1) == KeyedRandom(b"key").share("a", 1)
    assert (
        len({draw.share("a", 1), draw.share("a", 2), draw.share("b", 1), other.share("a", 1)}) == 4
    )


def test_shares_are_even() -> None:
    draw = KeyedRandom(b"key")
    shares = [draw.share(i) for i in range(4000)]

    assert all(0.0 <= share < 1.0 for share in shares)
    for tenth in range(10):
        assert 320 < sum(int(share * 10) == tenth for share in shares) < 480


def test_no_name_breaks_it() -> None:
    assert 0.0 <= KeyedRandom(b"k" * 200).share("\ud800", "", None) < 1.0
