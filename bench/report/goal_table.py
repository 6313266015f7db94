"""The goals themselves: docs/performance.md tells where they come from.

"Seed" is the usual design of such a system (Express, PostgreSQL, Bull on Redis, one process); the
leaner seed has no Bull, it sweeps for orders that are due; "floor" is a server that only answers.
What has no goal is shown because it explains the rest.
"""

from report.goals import Goal

SEED, FLOOR, RAW = "seed", "Beast floor", "raw broadcaster"
LUA_STEPS = "raw Lua reserve steps"
LEAN_SEED = "leaner seed (sweep instead of Bull)"


def _of_seed(id_: str, part: str, what: str, goal: float | None,
             stretch: float | None = None) -> Goal:
    return Goal(id_, part, what, SEED, "ours/theirs", "more", goal, stretch)


def _less_cpu(id_: str, part: str, what: str, goal: float, stretch: float) -> Goal:
    return Goal(id_, part, what, SEED, "theirs/ours", "more", goal, stretch)


def _of_peer(id_: str, part: str, what: str, peer: str, goal: float | None,
             stretch: float | None = None) -> Goal:
    return Goal(id_, part, what, peer, "ours/theirs", "more", goal, stretch)


def _of_own(id_: str, part: str, what: str, other: str) -> Goal:
    """Against something else of Holdfast itself, where less is better."""
    return Goal(id_, part, what, other, "ours/theirs", "less", None)


def _at_most(id_: str, part: str, what: str, unit: str, goal: float | None,
             stretch: float | None = None) -> Goal:
    return Goal(id_, part, what, "", "none", "less", goal, stretch, unit)


GOALS: list[Goal] = [
    _less_cpu("read.one.cpu", "read", "read one ticket: less CPU a request", 8, 11),
    _of_peer("read.one.rate", "read", "read one ticket: rate", FLOOR, 0.5, 0.65),
    _less_cpu("read.list.cpu", "read", "read the list: less CPU a request", 8, 11),
    _of_peer("read.list.rate", "read", "read the list: rate", FLOOR, 0.5, 0.65),
    _of_peer("read.epoll", "read", "read one ticket: rate", "raw epoll", None),
    _of_seed("read.one.seed", "read", "read one ticket: rate", None),

    _of_seed("hold.rate", "hold", "durable hold: rate", 8, 15),
    _less_cpu("hold.cpu", "hold", "durable hold: less CPU a hold", 10, 18),
    _of_peer("hold.lean.rate", "hold", "durable hold: rate", LEAN_SEED, None),
    Goal("hold.lean.cpu", "hold", "durable hold: less CPU a hold", LEAN_SEED, "theirs/ours", "more",
         None),
    _of_peer("hold.raw", "hold", "durable hold: rate", "raw PostgreSQL steps", None),

    _of_seed("contended.rate", "contended", "16 racers a ticket: attempts", 10, 16),
    _at_most("contended.winners", "contended", "races of 100,000 without exactly one winner",
             "races", 0),
    _at_most("contended.killed", "contended", "winners lost by kill -9 amid races", "winners", 0),
    Goal("contended.loser", "contended", "a loser's CPU", "own read", "ours/theirs", "less", 1.5),

    _of_seed("checkout.rate", "checkout", "checkout: list, order, pay", 8, 14),

    Goal("tail.hold", "tail", "p99 of holds at half of own maximum", SEED, "ours/theirs", "less",
         0.2, 0.1),
    Goal("tail.read", "tail", "p99 of reads at half of own maximum", SEED, "ours/theirs", "less",
         0.2, 0.1),

    _of_peer("live.1000", "live", "live messages to 1,000 watchers", RAW, 0.85, 0.95),
    _of_peer("live.10000", "live", "live messages to 10,000 watchers", RAW, 0.85, 0.95),
    _at_most("live.behind.1000", "live", "most behind under overload, 1,000 watchers", "ms",
             250, 100),
    _at_most("live.behind.10000", "live", "most behind under overload, 10,000 watchers", "ms",
             250, 100),

    Goal("memory.watcher", "memory", "an idle watcher, 10,000 connected", "plain Beast", "none",
         "less", 5.9, 3.5, "KiB"),
    Goal("memory.actor", "memory", "a live ticket's actor", "bare actor", "ours/theirs", "less",
         1.4),
    _at_most("memory.known", "memory", "a million tickets known, 100,000 live", "MiB", 400, 250),
    _at_most("memory.idle", "memory", "a million tickets known, none live", "MiB", None),

    _at_most("expiry.last", "expiry", "20,000 deadlines in 2 s: the last one's lateness", "ms",
             200, 100),
    _at_most("expiry.median", "expiry", "20,000 deadlines in 2 s: median lateness", "ms", None),

    _at_most("restart.ready", "restart", "ready after kill -9, 100,000 live orders", "s", 1.0),

    Goal("isolation.p99", "isolation", "reads' p99 while people sign in without pause",
         "own p99 alone", "ours/theirs", "less", 2.0),

    _of_peer("redis.steps", "redis", "Redis store: durable holds", LUA_STEPS, 0.3, 0.5),
    Goal("redis.cpu.redis", "redis", "Redis store: redis-server's CPU a hold", LUA_STEPS,
         "ours/theirs", "less", None),
    _at_most("redis.cpu.node", "redis", "Redis store: the node's CPU a hold", "us CPU", None),

    *(_of_own(f"cluster.{id_}.{key}", "cluster", f"{what} of another node's shard: {figure}",
              "of an own shard")
      for id_, what in (("hold", "hold"), ("read", "read an order"))
      for key, figure in (("p50", "p50"), ("p99", "p99"), ("cpu", "nodes' CPU"))),
    *(_of_own(f"cluster.cpu.{nodes}", "cluster", f"{nodes} nodes and Redis: CPU a hold", "1 node")
      for nodes in (2, 3)),
    *(_of_peer(f"cluster.rate.{nodes}", "cluster", f"{nodes} nodes: holds", "1 node", None)
      for nodes in (2, 3)),
]

GOALS_BY_ID = {goal.id: goal for goal in GOALS}


def goals_of(part: str) -> list[Goal]:
    """The goals that a part measures, in the table's order."""
    return [goal for goal in GOALS if goal.part == part]
