"""p99 of reads and of holds when each side is loaded with half of its own maximum.

The load is open: requests come on a fixed schedule, and a late answer counts from the time when its
request was due.
"""

from collections.abc import Callable

from report.bench import Bench
from report.errors import CannotMeasure
from report.parts.hold import Holder
from report.parts.read import TICKETS
from report.shop import Shop
from report.turns import Turn, take_turns

KEEPS_UP = 0.9
# From here on the generator's own lateness is what a p99 tells of.
OWN_LAG_MAX = 0.8
OWN_LAG_MIN_US = 5_000


def run(bench: Bench) -> None:
    with bench.holdfast() as server:
        shops: dict[str, Callable[[], Shop]] = {"Holdfast": lambda: bench.shop_of(server),
                                                "seed": bench.seed_shop}
        for what, make in (("hold", holding), ("read", reading)):
            bench.say(f"  {what}s")
            turns = take_turns(
                bench.rounds,
                {name: (lambda make=make, shop_of=shop_of: make(bench, shop_of()))
                 for name, shop_of in shops.items()}, bench.say)
            bench.compare(f"tail.{what}", turns, "seed", "latency_us.p99", "ms", 1e-3)
            bench.figures[f"tail.{what}"] = turns.results


def holding(bench: Bench, shop: Shop) -> Turn:
    """A turn of holds at half of the shop's maximum, which is measured first if it isn't known."""
    holder = Holder(bench, shop)
    if (shop.name, "hold") not in bench.maxima:
        seen = [holder.hold(bench.pick(2, 0.7), 0.5)["per_second"] for _ in range(2)]
        bench.note_maximum(shop.name, "hold", seen)
    rate = bench.maxima[shop.name, "hold"] / 2
    return lambda: kept_up(holder.hold(bench.pick(5, 1), 0.5, rate=int(rate)), rate)


def reading(bench: Bench, shop: Shop) -> Turn:
    """The same with reads."""
    state = shop.prepare(TICKETS)
    if (shop.name, "read") not in bench.maxima:
        seen = [shop.run("read", state=state, seconds=bench.pick(2, 0.7), warmup=0.5)["per_second"]
                for _ in range(2)]
        bench.note_maximum(shop.name, "read", seen)
    rate = bench.maxima[shop.name, "read"] / 2
    return lambda: kept_up(shop.run("read", state=state, seconds=bench.pick(4, 1), warmup=0.5,
                                    rate=int(rate)), rate)


def kept_up(result: dict[str, object], rate: float) -> dict[str, object]:
    """The result, if the offered rate was reached: the tail of an overloaded server is no tail."""
    reached = result["per_second"]
    assert isinstance(reached, (int, float))
    if reached < rate * KEEPS_UP:
        raise CannotMeasure(f"only {reached:.0f} of {rate:.0f} requests a second were answered")
    lag = figure_in(result, "send_lag_us")
    if lag > OWN_LAG_MIN_US and lag > figure_in(result, "latency_us") * OWN_LAG_MAX:
        raise CannotMeasure(f"the load generator itself was late: {lag / 1000:.0f} ms at p99")
    return result


def figure_in(result: dict[str, object], distribution: str) -> float:
    """The p99 of one of a result's distributions."""
    found = result[distribution]
    assert isinstance(found, dict)
    return float(found["p99"])
