"""Whole checkouts: list a ticket, order it, pay for it."""

from report.bench import Bench
from report.shop import Shop
from report.turns import Turn, take_turns

USERS = 72


def run(bench: Bench) -> None:
    with bench.holdfast() as server:
        turns = take_turns(bench.rounds, {
            "Holdfast": lambda: checking_out(bench, bench.shop_of(server)),
            "seed": lambda: checking_out(bench, bench.seed_shop())}, bench.say)
    bench.compare("checkout.rate", turns, "seed", "per_second", "/s")
    bench.figures["checkout"] = turns.results


def checking_out(bench: Bench, shop: Shop) -> Turn:
    """A turn of checkouts as fast as the shop can."""
    state = shop.prepare(1, USERS)
    return lambda: shop.run("checkout", ("200", "201"), state=state, seconds=bench.pick(4, 1),
                            warmup=bench.pick(0.7, 0.3))
