"""Whole campaigns and whole crowds, from the first exchange on."""

from itertools import islice

import pytest
from tests.engine.conftest import ANSWER, Start, World, chat

from distillgate.account.windows import DAY
from distillgate.campaign.jobs import complete, run_slice
from distillgate.engine.entries import Order
from distillgate.engine.settings import EngineSettings
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Client, Outcome

RULES = "You are a careful marker of short answers.\nGive the mark first and two reasons after it."
SEEDS = pytest.mark.parametrize("seed", [1, 2])


def restricted(decisions: list[Decision]) -> set[str]:
    return {decision.account for decision in decisions if decision.action.restricts}


def names(kind: str, count: int = 60) -> list[str]:
    return [f"{kind}-{i}" for i in range(count)]


def dealt(world: World, accounts: list[str], size: int) -> list[tuple[str, str]]:
    """One list, dealt out at random, behind one template in the turn."""
    return [(world.random.choice(accounts), f"{RULES}\n{text}") for text in world.work_list(size)]


def crowd(world: World, accounts: list[str], size: int) -> list[tuple[str, str]]:
    """Users of the same template, each with subjects and a manner of their own."""
    people = {name: world.person() for name in accounts}
    return [(name, f"{RULES}\n{people[name]()}") for name in world.random.choices(accounts, k=size)]


@SEEDS
def test_a_campaign_dealt_from_one_pool_is_restricted(start: Start, seed: int) -> None:
    world = start(seed)
    accounts = names("c")

    decisions = world.play(dealt(world, accounts, 1200))

    assert len(restricted(decisions[-600:])) >= 57
    assert not restricted(decisions[:100])
    last = decisions[-1]
    assert last.group is not None
    assert last.families["linkage"] > 0
    assert last.families["harvest"] > 0
    assert sum(reason.llr for reason in last.reasons) == pytest.approx(last.risk)
    assert last.group in [actor.id for actor in complete(world.queries.actors())]


@SEEDS
def test_users_of_the_same_template_are_not(start: Start, seed: int) -> None:
    world = start(seed)

    decisions = world.play(crowd(world, names("p"), 1200))

    assert restricted(decisions) == set()
    assert max(decision.action for decision in decisions) <= Action.OBSERVE


def test_a_template_in_the_system_prompt_is_seen_as_well(start: Start) -> None:
    campaign, people = start(4), start(4)
    accounts = names("c")
    for world, texts in (
        (campaign, [(world_account(campaign, accounts), t) for t in campaign.work_list(1200)]),
        (people, [(a, t.removeprefix(RULES)) for a, t in crowd(people, accounts, 1200)]),
    ):
        found = restricted(world.play(texts, system=RULES))
        assert len(found) >= 57 if world is campaign else not found


def world_account(world: World, accounts: list[str]) -> str:
    return world.random.choice(accounts)


@SEEDS
def test_a_campaign_among_the_users_of_its_template_is_told_from_them(
    start: Start, seed: int
) -> None:
    world = start(seed + 4)
    both = dealt(world, names("c"), 1200) + crowd(world, names("p"), 1200)
    world.random.shuffle(both)

    decisions = world.play(both)

    assert len(restricted(decisions) & set(names("c"))) >= 50
    # Who wrote next to nothing yet cannot be told from the campaign: a few are, for a moment.
    harmed = [d for d in decisions if d.action.restricts and d.account.startswith("p")]
    assert len({d.account for d in harmed}) <= 6
    assert len(harmed) <= 0.01 * 1200
    assert not any(d.action.restricts for d in decisions[-400:] if d.account.startswith("p"))


def test_a_stray_account_behind_a_campaigns_template_is_let_out(start: Start) -> None:
    world = start(6)
    stray = world.person()
    own = [("stray", f"{RULES}\n{stray()}") for _ in range(40)]
    traffic = dealt(world, names("c"), 1200)
    for i, one in enumerate(own):
        traffic.insert(30 * i, one)

    found = restricted(world.play(traffic))

    assert len(found) >= 57
    assert "stray" not in found


def test_no_change_of_client_takes_an_account_out_of_its_campaign(start: Start) -> None:
    world = start(6)
    accounts, groups = names("c"), world.engine.state.groups
    template = world.play(dealt(world, accounts, 1200))[-1].group

    for version in range(9):
        client = Client(user_agent=f"tool-{version}/2.0", headers=(f"x-{version}", "accept"))
        texts = zip(accounts, world.work_list(len(accounts)), strict=True)
        world.play(texts, client=client)

    known = [world.engine.state.known(name) for name in accounts]
    seen = [groups.of_principal(account.principal) for account in known if account is not None]
    assert sum(template in [group.id for group in some] for some in seen) >= 57


def test_what_the_same_accounts_send_behind_two_templates_counts_together(start: Start) -> None:
    world = start(17)
    traffic = dealt(world, names("c"), 330)
    traffic += [
        (account, text.replace(RULES, "Translate the lines below.\nKeep every name as it is."))
        for account, text in dealt(world, names("c"), 330)
    ]
    world.random.shuffle(traffic)

    assert len(restricted(world.play(traffic))) >= 30


def conversations(world: World, count: int, apart: int) -> list[list[dict[str, str]]]:
    """Conversations of people, three turns each, as the requests that carry them.

    One after the other is of another one of `apart` circles of people.
    """
    circles = [[world.person() for _ in range(3)] for _ in range(apart)]
    found = []
    for number in range(count):
        person = world.random.choice(circles[number % apart])
        history: list[dict[str, str]] = []
        for _ in range(3):
            history = [*history, {"role": "user", "content": person()}]
            found.append(history)
            history = [*history, {"role": "assistant", "content": person()}]
    return found


def test_accounts_that_go_on_with_each_others_conversations_are_one_actor(start: Start) -> None:
    relayed, own = start(18), start(18)
    for world in (relayed, own):
        requests = conversations(world, 700, apart=40)
        for i, messages in enumerate(requests):
            account = f"a-{world.random.randrange(40) if world is relayed else i // 3 % 40}"
            decision = world.send(account, "", messages=messages)
        if world is relayed:
            assert decision.families.get("linkage", 0.0) > 2
        else:
            assert not decision.action.restricts
            assert world.queries.summary().actors == 0


def test_a_small_job_on_many_keys_is_left_alone(start: Start) -> None:
    world = start(7)

    assert restricted(world.play(dealt(world, names("c"), 200))) == set()


def test_accounts_that_declare_each_other_are_one(start: Start) -> None:
    world = start(8)

    decisions = world.play(dealt(world, names("c"), 1200), organisation="acme")

    assert restricted(decisions) == set()
    assert world.queries.summary().actors == 0


def test_a_class_that_works_on_the_same_questions_is_left_alone(start: Start) -> None:
    world = start(9)
    questions = list(world.work_list(40))
    people = names("p")
    traffic = [
        (world.random.choice(people), f"{RULES}\n{world.random.choice(questions)}")
        for _ in range(1200)
    ]

    assert restricted(world.play(traffic)) == set()


def test_chats_without_anything_in_common_are_no_group_of_text(start: Start) -> None:
    world = start(10)
    people = {name: world.person() for name in names("p")}

    decisions = world.play((n, people[n]()) for n in world.random.choices(names("p"), k=1200))

    assert restricted(decisions) == set()


def test_the_same_traffic_is_decided_the_same_way(start: Start) -> None:
    runs = []
    for _ in range(2):
        world = start(11)
        traffic = dealt(world, names("c"), 700) + crowd(world, names("p"), 300)
        world.random.shuffle(traffic)
        runs.append(
            [(d.account, d.action, d.risk, d.families, d.group, d.reasons, d.retry_after)
             for d in world.play(traffic)]
        )  # fmt: skip

    assert runs[0] == runs[1]


@SEEDS
def test_answers_may_come_in_any_order(start: Start, seed: int) -> None:
    world = start(seed)
    waiting: list[tuple[float, int, Decision]] = []
    decisions = []
    for order, (account, text) in enumerate(dealt(world, names("c"), 1200)):
        for due, _, one in sorted(w for w in waiting if w[0] <= world.now):
            world.engine.finish(one, ANSWER, due)
        waiting = [w for w in waiting if w[0] > world.now]
        decisions.append(world.engine.begin(chat(account, text), world.now))
        waiting.append((world.now + world.random.uniform(0, 600), order, decisions[-1]))
        world.now += world.random.expovariate(1 / 20)
    world.random.shuffle(waiting)
    for due, _, one in waiting:
        world.engine.finish(one, ANSWER, due)

    assert len(restricted(decisions)) >= 57


def test_a_pardon_lifts_the_groups_evidence_until_it_ends(start: Start) -> None:
    world = start(12)
    traffic = dealt(world, names("c"), 1240)
    decisions = world.play(traffic[:1200])
    assert "c-0" in restricted(decisions)
    texts = [text for _, text in traffic[1200:]]

    world.engine.order(Order(world.now, "pardon", "c-0", world.now + 3600))
    assert world.send("c-0", texts[0]).action is Action.ALLOW
    assert world.send("c-1", texts[1]).action.restricts
    world.now += 3600
    assert restricted(world.play(("c-0", text) for text in texts[2:])) == {"c-0"}


def test_a_pardon_forgets_the_evidence_that_led_there(start: Start) -> None:
    world = start(12)
    world.play(dealt(world, names("c"), 1200))
    person = world.person()
    own = [("c-0", f"{RULES}\n{person()}") for _ in range(20)]

    world.engine.order(Order(world.now, "pardon", "c-0", world.now + 60))
    world.play(own[:10])
    world.now += 60

    assert not restricted(world.play(own[10:]))


def test_a_restricted_campaign_can_be_explained(start: Start) -> None:
    world = start(13)
    last = world.play(dealt(world, names("c"), 1200))[-1]
    assert last.group is not None

    account = world.queries.account(last.account, world.now)
    steps = world.queries.group(last.group)

    assert account is not None
    assert account.group is not None
    assert sum(c.llr for c in account.contributions) == pytest.approx(account.risk)
    assert steps is not None
    group = complete(steps)
    assert group.linked
    assert last.account in group.members
    assert group.strongest
    assert world.queries.name_group(last.group, "winter", world.now)
    assert world.queries.group("winter") is not None


def test_a_campaign_is_explained_in_pieces_while_accounts_come_and_go(start: Start) -> None:
    """An operator's question about all accounts holds up no request longer than one piece."""
    world = start(13, EngineSettings.model_validate({"account": {"max_accounts": 1100}}))
    last = world.play(dealt(world, names("c"), 1200))[-1]
    assert last.group is not None
    steps = world.queries.group(last.group)
    assert steps is not None

    pieces = 1
    while (found := run_slice(steps, 100)) is None:
        pieces += 1
        for number in range(20):
            world.send(f"p-{pieces}-{number}", "hello")

    assert pieces > 10
    assert last.account in found.members
    assert all(name.startswith("c-") for name in found.members)
    listed = world.queries.actors()
    while run_slice(listed, 1) is None:
        world.send(f"p-{pieces}", "hello")


def test_hard_actions_rest_on_two_families(start: Start) -> None:
    world = start(14)
    decisions = world.play(dealt(world, names("c"), 2000))

    hard = [d for d in decisions if d.action > Action.THROTTLE]
    assert all(sum(llr >= 1 for llr in d.families.values()) >= 2 for d in hard)


def test_groups_that_went_quiet_are_forgotten(start: Start) -> None:
    world = start(15)
    world.play(dealt(world, names("c"), 1200))
    before = world.queries.summary()
    assert before.groups > 0
    assert before.actors > 0

    world.now += 60 * DAY
    for i in range(200):
        world.send("somebody", f"hello for the {'x' * i} time")

    after = world.queries.summary()
    assert after.groups < before.groups
    assert after.actors <= after.groups


def test_strangers_with_made_up_keys_cannot_frame_a_private_prompt(start: Start) -> None:
    world = start(16)
    mine = world.work_list(600)
    for text in islice(mine, 300):
        world.send("mine", text, system=RULES)
        world.send(f"fake-{world.random.randrange(50)}", text, system=RULES,
                   outcome=Outcome(status=401))  # fmt: skip

    assert world.queries.summary().groups == 0
