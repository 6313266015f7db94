"""Live messages to many watchers, against a raw epoll broadcaster that sends frames of the same size
as fast as it can. Holdfast is offered twice as many changes as the broadcaster manages, which is
overload: the same runs tell how far behind the last watcher is.
"""

import math
from collections.abc import Callable

from report.bench import Bench
from report.errors import CannotMeasure
from report.load import Result
from report.turns import Turn, take_turns

WATCHERS, WATCHERS_QUICK = (1_000, 10_000), (100, 1_000)
OFFERED = 2
CONNECTIONS = 64


def run(bench: Bench) -> None:
    for label, few in zip(WATCHERS, WATCHERS_QUICK):
        watchers = bench.count(label, few)
        bench.say(f"  {watchers:,} watchers")
        note = f"{watchers:,} watchers" if bench.quick else ""
        try:
            measure(bench, label, watchers, note)
        except CannotMeasure as error:
            for goal in (f"live.{label}", f"live.behind.{label}"):
                bench.not_measured(goal, str(error))


def measure(bench: Bench, label: int, watchers: int, note: str) -> None:
    """Rounds of both with so many watchers."""
    with bench.holdfast() as server:
        shop = bench.shop_of(server)
        state = shop.prepare(100)

        def watch(rate: int, seconds: float) -> Result:
            result = shop.run("watch", ("200",), state=state, watchers=watchers, rate=rate,
                              changes="price", connections=CONNECTIONS, seconds=seconds,
                              warmup=0.5, within_s=90)
            lost = result["watchers_lost"] + result["live"]["missing"]
            if lost:
                raise CannotMeasure(f"{lost} watchers or last states were lost")
            return result

        size = round(watch(5, 1)["live"]["message_bytes"])
        probe = broadcast(bench, watchers, size, 1.0)
        rate = max(1, math.ceil(probe["live"]["messages_per_second"] * OFFERED / watchers))
        bench.say(f"  messages of {size} bytes, {rate} changes a second")
        turns = take_turns(bench.rounds, {
            "Holdfast": lambda: overloaded(watch, rate, bench.pick(4, 1)),
            "raw broadcaster": lambda: lambda: broadcast(bench, watchers, size,
                                                         bench.pick(4, 1))}, bench.say)
    bench.compare(f"live.{label}", turns, "raw broadcaster", "live.messages_per_second", "/s",
                  note=note)
    try:
        behind = turns.values("Holdfast", "live.behind_us.max", 1e-3)
        bench.record(f"live.behind.{label}", behind, unit="ms", note=note)
    except CannotMeasure as error:
        bench.not_measured(f"live.behind.{label}", str(error))
    bench.figures[f"live.{label}"] = turns.results


def overloaded(watch: Callable[[int, float], Result], rate: int, seconds: float) -> Turn:
    """A turn of more changes than can be sent to everybody."""
    return lambda: watch(rate, seconds)


def broadcast(bench: Bench, watchers: int, size: int, seconds: float) -> Result:
    """The broadcaster alone, as fast as it can."""
    peer = bench.peers.start("holdfast-peer-broadcast", "--rate", "0", "--bytes", str(size),
                             "--watchers", str(watchers))
    try:
        return bench.load.run("watch", peer.url, protocol="raw", watchers=watchers,
                              seconds=seconds, warmup=0.5, cpu_of=peer.pids)
    finally:
        peer.stop()
