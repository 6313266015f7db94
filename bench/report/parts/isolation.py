"""Reads' p99 while people sign in without pause, against the same reads alone."""

from report.bench import Bench
from report.parts.read import TICKETS
from report.turns import take_turns

RATE = 2000
SIGN_IN_CONNECTIONS = 4


def run(bench: Bench) -> None:
    with bench.holdfast() as server:
        shop = bench.shop_of(server)
        state = shop.prepare(TICKETS)

        def reads(sign_ins: int) -> dict[str, object]:
            return shop.run("mixed-sign-in", state=state, rate=RATE, seconds=bench.pick(5, 1),
                            warmup=0.5, sign_in_connections=sign_ins)

        turns = take_turns(bench.rounds, {
            "Holdfast": lambda: lambda: reads(SIGN_IN_CONNECTIONS),
            "alone": lambda: lambda: reads(0)}, bench.say)
    bench.compare("isolation.p99", turns, "alone", "latency_us.p99", "ms", 1e-3)
    bench.figures["isolation"] = turns.results
