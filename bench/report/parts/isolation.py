"""Reads' p99 while people sign in without pause, against the same reads alone."""

from report.bench import Bench
from report.parts.read import TICKETS
from report.turns import take_turns

RATE, RATE_QUICK = 4_000, 1_000
SIGN_IN_CONNECTIONS = 4


def run(bench: Bench) -> None:
    with bench.holdfast() as server:
        shop = bench.shop_of(server)
        state = shop.prepare(TICKETS)
        turns = take_turns(bench.rounds, {
            "Holdfast": lambda: lambda: shop.run(
                "mixed-sign-in", state=state, rate=bench.count(RATE, RATE_QUICK),
                seconds=bench.pick(4, 1), warmup=0.5,
                sign_in_connections=SIGN_IN_CONNECTIONS)}, bench.say)
    # Each run measures the reads alone first, then with sign-ins.
    turns.results["alone"] = [result["alone"] for result in turns.results.get("Holdfast", [])]
    bench.compare("isolation.p99", turns, "alone", "latency_us.p99", "ms", 1e-3)
    bench.figures["isolation"] = turns.results
