"""The parts of a run, in the order they are run in."""

from collections.abc import Callable
from dataclasses import dataclass

from report.bench import Bench
from report.parts import (checkout, cluster, contended, expiry, growth, hold, isolation, live,
                          memory, read, redis, restart, tail)


@dataclass(frozen=True)
class Part:
    """`budget_s` is what the part should take on two cores; `quick_s` likewise with --quick."""
    name: str
    what: str
    run: Callable[[Bench], None]
    budget_s: int
    quick_s: int
    in_all: bool = True


PARTS: list[Part] = [
    Part("read", "reads of one ticket and of the list", read.run, 80, 10),
    Part("hold", "durable holds of fresh tickets", hold.run, 110, 16),
    Part("contended", "16 racers a ticket; winners after kill -9; what a loser costs",
         contended.run, 120, 15),
    Part("checkout", "list, order, pay", checkout.run, 35, 6),
    Part("tail", "p99 at half of one's own maximum", tail.run, 90, 14),
    Part("live", "live messages to 1,000 and 10,000 watchers", live.run, 110, 20),
    Part("memory", "memory of watchers, actors, a million tickets", memory.run, 120, 12),
    Part("expiry", "20,000 deadlines in two seconds", expiry.run, 35, 8),
    Part("restart", "ready after kill -9 with 100,000 live orders", restart.run, 40, 6),
    Part("isolation", "reads while people sign in without pause", isolation.run, 35, 6),
    Part("redis", "durable holds with the Redis store", redis.run, 30, 8),
    Part("cluster", "requests that start on the wrong node; one to three nodes", cluster.run, 60,
         25),
    Part("growth", "how figures grow with tickets and watchers", growth.run, 300, 20,
         in_all=False),
]

PARTS_BY_NAME = {part.name: part for part in PARTS}
