"""The campaigns, each alone; on any of the three infrastructures."""

from distillgate_lab.scenarios.campaigns import lists, probing, sessions
from distillgate_lab.scenarios.campaigns.ring import Campaign, run
from distillgate_lab.scenarios.scene import Scene

CAMPAIGNS: dict[str, Campaign] = {
    "one heavy account": Campaign(lists.templated, accounts=1, each=4_000),
    "50 accounts": Campaign(lists.templated, accounts=50, each=150),
    "500 accounts": Campaign(lists.templated),
    "5,000 accounts": Campaign(lists.templated, accounts=5_000, each=6),
    "25,000 accounts, 1:10": Campaign(lists.templated, accounts=2_500, each=51, days=2.0),
    "fixed reasoning prompt": Campaign(lists.reasoning),
    "rubric grading": Campaign(lists.rubric),
    "self-instruct": Campaign(lists.generated),
    "evolved instructions": Campaign(lists.evolved),
    "rejection sampling": Campaign(lists.sampled),
    "tool trajectories": Campaign(sessions.trajectories),
    "trace cleaning": Campaign(sessions.cleaning, accounts=270, each=28),
    "stored sessions": Campaign(sessions.stored),
    "live relay": Campaign(sessions.relay),
    "cross-session replay": Campaign(sessions.cross_session),
    "elicitation search": Campaign(probing.search, accounts=60, each=125),
    "parameter extraction": Campaign(probing.parameters, accounts=50, each=150),
    "embeddings harvest": Campaign(lists.embeddings, accounts=100, each=75),
    "topic shards": Campaign(lists.bare, sharded=True),
    "paraphrase an account": Campaign(lists.bare, wrapped=True),
    "no shared wrapper": Campaign(lists.bare),
    "real-chat replay": Campaign(lists.chats),
    "5 % ordinary": Campaign(lists.reasoning, mix=0.05),
    "25 % ordinary": Campaign(lists.reasoning, mix=0.25),
    "50 % ordinary": Campaign(lists.reasoning, mix=0.5, each=20),
    "jittered and diurnal": Campaign(lists.reasoning, diurnal=True),
    "inside a popular tool": Campaign(lists.inside, client=lists.tool_client),
    "slow": Campaign(lists.reasoning, each=10, days=11.0),
    "failover": Campaign(lists.bare, failover=0.05),
    "succession": Campaign(
        lists.reasoning, accounts=400, each=20, days=10.0, stages=2, failover=0.02
    ),
}

ALL = "all together"


def attack(scene: Scene, kind: str, infrastructure: str) -> None:
    """Write one kind of campaign, or all of them at once."""
    for name, plan in CAMPAIGNS.items():
        if kind in (name, ALL):
            scene.label = name
            run(scene, plan, infrastructure)


__all__ = ["ALL", "CAMPAIGNS", "Campaign", "attack"]
