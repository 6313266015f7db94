"""What it costs that a request starts on a node that lacks its shard, and what further nodes cost.

All on one machine, so further nodes bring no cores: that they hold more isn't to be expected, and what
they cost is told.
"""

from pathlib import Path

from report.bench import Bench
from report.cluster import Cluster, split_state
from report.errors import CannotMeasure
from report.load import Result
from report.parts.hold import CONNECTIONS, FIRST_GUESS
from report.parts.redis import with_shares
from report.parts.tail import kept_up
from report.shop import Shop
from report.turns import Turn, take_turns

FEW_CONNECTIONS = 8
LOW_RATE, LOW_RATE_QUICK = 500, 200
WARMUP_S = 0.3
OWN, OTHER = "own shard", "other shard"
SIZES = (1, 2, 3)
STEADY_RATE, STEADY_RATE_QUICK = 1_500, 500
# Few, since signing up takes longer than listing tickets.
USERS = 9


def run(bench: Bench) -> None:
    with bench.cluster(2) as cluster:
        bench.say("  of own shards and of others")
        start_anywhere(bench, cluster)
        bench.say("  one to three nodes")
        spread_out(bench, cluster)


# -- on the wrong node


def start_anywhere(bench: Bench, cluster: Cluster) -> None:
    """Sends everything to the first node: requests of its own shards, and of the second's."""
    first = cluster.nodes[0]
    shop = Shop("first node", bench.load, bench.processes, lambda: first.url,
                lambda: cluster.pids)
    owners = cluster.owners()
    own, other = split(bench, shop, owners)
    for id_, scenario, expected in (("hold", "hold", "201"), ("read", "order-read", "200")):
        turns = take_turns(bench.rounds, {
            OTHER: lambda: calling(bench, cluster, shop, scenario, expected, other),
            OWN: lambda: calling(bench, cluster, shop, scenario, expected, own)}, bench.say)
        for key in ("p50", "p99"):
            bench.compare(f"cluster.{id_}.{key}", turns, OWN, f"latency_us.{key}", "ms", 1e-3,
                          OTHER)
        bench.compare(f"cluster.{id_}.cpu", turns, OWN, "nodes_cpu_per_1000", "us CPU", 1000,
                      OTHER)
        bench.figures[f"cluster.{id_}"] = turns.results
    if cluster.owners() != owners:
        raise CannotMeasure("shards have moved meanwhile")


def split(bench: Bench, shop: Shop, owners: list[str]) -> tuple[Path, Path]:
    """Tickets of the first node's shards, and of the other's, enough for all turns."""
    each = (bench.pick(1.5, 1) + WARMUP_S) * low_rate(bench) * bench.rounds + 64 * bench.rounds
    state = shop.prepare(int(each * 2.2) + 200, USERS)
    made = [split_state(state, owners, owner, state.with_name(f"{state.stem}-{owner}"))
            for owner in ("n1", "n2")]
    return made[0], made[1]


def low_rate(bench: Bench) -> int:
    """Requests a second that leave the machine idle most of the time."""
    return bench.count(LOW_RATE, LOW_RATE_QUICK)


def calling(bench: Bench, cluster: Cluster, shop: Shop, scenario: str, expected: str,
            state: Path) -> Turn:
    """A turn of few requests a second."""
    rate = low_rate(bench)
    return lambda: with_shares(kept_up(
        shop.run(scenario, (expected,), state=state, rate=rate, connections=FEW_CONNECTIONS,
                 seconds=bench.pick(1.5, 1), warmup=WARMUP_S), rate), cluster.redis.pid)


# -- several nodes


def spread_out(bench: Bench, cluster: Cluster) -> None:
    """The same load on one, two and three nodes; then as much as they can take."""
    holder = NodesHolder(bench, cluster)
    turns = take_turns(bench.rounds, {
        name_of(size): (lambda size=size: lambda: holder.hold(size)) for size in SIZES}, bench.say)
    for size in SIZES[1:]:
        bench.compare(f"cluster.cpu.{size}", turns, name_of(1), "cpu_seconds_per_1000", "us CPU",
                      1000, name_of(size))
        bench.compare(f"cluster.rate.{size}", turns, name_of(1), "most_per_second", "/s",
                      ours=name_of(size))
    bench.figures["cluster.nodes"] = turns.results


def name_of(size: int) -> str:
    """A contender's name."""
    return f"{size} nodes" if size > 1 else "1 node"


class NodesHolder:
    """Holds with so many nodes as are asked for, the connections spread over all of them."""

    def __init__(self, bench: Bench, cluster: Cluster) -> None:
        self._bench = bench
        self._cluster = cluster
        self._shop = bench.cluster_shop(cluster)
        self._most = float(FIRST_GUESS[self._shop.name])

    def hold(self, size: int) -> Result:
        """Holds at a fixed rate, then without one."""
        bench = self._bench
        self._cluster.resize(size)
        rate, seconds = bench.count(STEADY_RATE, STEADY_RATE_QUICK), bench.pick(1.5, 1)
        tickets = rate * (seconds + WARMUP_S) + self._most * 1.5 * (1 + WARMUP_S)
        state = self._shop.prepare(int(tickets), USERS)
        options = {"state": state, "warmup": WARMUP_S, "connections": CONNECTIONS}
        steady = kept_up(self._shop.run("hold", ("201",), rate=rate, seconds=seconds, **options),
                         rate)
        most = self._shop.run("hold", ("201",), seconds=1, **options)["per_second"]
        self._most = max(self._most, most)
        return {**with_shares(steady, self._cluster.redis.pid), "most_per_second": most}
