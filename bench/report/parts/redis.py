"""Durable holds of one node with the Redis store, against what Redis does with the bare steps.

Both sync every write before it is answered, each in a Redis of its own, and have as much under way.
"""

from contextlib import ExitStack

from report.bench import Bench
from report.cluster import Cluster
from report.load import Result
from report.parts.hold import CONNECTIONS, Holder
from report.private_server import PrivateServer, free_port
from report.turns import Turn, take_turns

PEER = "Lua steps"
PEER_CONNECTIONS = 4
RAW_HOLDS_A_SECOND_MAX = 30_000


def run(bench: Bench) -> None:
    with ExitStack() as stack:
        cluster = stack.enter_context(bench.cluster())
        turns = take_turns(bench.rounds, {"Holdfast": lambda: holding(bench, cluster),
                                          PEER: lambda: raw_steps(bench, stack)}, bench.say)
    bench.compare("redis.steps", turns, PEER, "per_second", "/s")
    bench.compare("redis.cpu.redis", turns, PEER, "redis_cpu_per_1000", "us CPU", 1000)
    bench.record("redis.cpu.node", turns.values("Holdfast", "nodes_cpu_per_1000", 1000),
                 unit="us CPU")
    bench.figures["redis"] = turns.results


def holding(bench: Bench, cluster: Cluster) -> Turn:
    """A turn of holding as fast as the node can."""
    holder = Holder(bench, bench.cluster_shop(cluster))
    return lambda: with_shares(holder.hold(bench.pick(3, 1), 0.3), cluster.redis.pid)


def with_shares(result: Result, redis_pid: int) -> Result:
    """The result with Redis's part of the CPU time, and the nodes'."""
    each = result["cpu_seconds_per_1000_of"]
    redis = each[str(redis_pid)]
    return {**result, "redis_cpu_per_1000": redis,
            "nodes_cpu_per_1000": sum(each.values()) - redis}


def raw_steps(bench: Bench, stack: ExitStack) -> Turn:
    """A turn of the same steps as a script alone, in a Redis that is set up likewise."""
    redis = PrivateServer(bench.processes, bench.root / "bench" / "peers" / "redis", "Redis",
                          str(free_port()))
    stack.callback(redis.stop)
    seconds = bench.count(2, 1)

    def turn() -> Result:
        result = bench.peers.figures(
            "holdfast-peer-reserve-redis", "--url", redis.url, "--seconds", str(seconds),
            "--connections", str(PEER_CONNECTIONS), "--depth",
            str(CONNECTIONS // PEER_CONNECTIONS), "--tickets",
            str(RAW_HOLDS_A_SECOND_MAX * seconds), "--cpu-of", str(redis.pid))
        return {**result, "redis_cpu_per_1000": result["server_cpu_seconds_per_1000"]}
    return turn
