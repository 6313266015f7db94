"""Durable holds of fresh tickets, against the seed's and against PostgreSQL without HTTP."""

from collections.abc import Callable
from contextlib import ExitStack

from report.bench import Bench
from report.load import Result
from report.shop import Shop
from report.turns import Turn, take_turns

CONNECTIONS = 64
RAW_HOLDS_A_SECOND_MAX = 30_000
FIRST_GUESS = {"Holdfast": 15_000, "Holdfast on Redis": 5_000, "seed": 2_500,
               "leaner seed": 3_000}


class Holder:
    """Holds fresh tickets of one shop, and lists as many beforehand as will be needed."""

    def __init__(self, bench: Bench, shop: Shop) -> None:
        self._bench = bench
        self._shop = shop
        self._per_second = float(FIRST_GUESS[shop.name])
        # The seed's own compiler needs some seconds of load before it is at its best.
        is_ours = shop.name.startswith("Holdfast")
        probe = self.hold(0.5 if is_ours else bench.pick(4, 0.5), 0.2)
        self._per_second = max(probe["per_second"], 200.0)

    def hold(self, seconds: float, warmup: float, **options: object) -> Result:
        """One load on tickets that nobody has asked for before."""
        rate = float(options.get("rate") or 0) or self._per_second * 1.25
        state = self._shop.prepare(int(rate * (seconds + warmup)) + 1000)
        result = self._shop.run("hold", ("201",), state=state, seconds=seconds, warmup=warmup,
                                connections=CONNECTIONS, **options)
        self._per_second = max(self._per_second, result["per_second"])
        return result


def run(bench: Bench) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(bench.holdfast())
        makers: dict[str, Callable[[], Turn]] = {
            "Holdfast": lambda: holding(bench, bench.shop_of(server)),
            "seed": lambda: holding(bench, bench.seed_shop()),
            "leaner seed": lambda: lean_holding(bench, stack),
            "PostgreSQL": lambda: raw_steps(bench)}
        turns = take_turns(bench.rounds, makers, bench.say)
    bench.compare("hold.rate", turns, "seed", "per_second", "/s")
    bench.compare("hold.cpu", turns, "seed", "cpu_seconds_per_1000", "us CPU", 1000)
    bench.compare("hold.lean.rate", turns, "leaner seed", "per_second", "/s")
    bench.compare("hold.lean.cpu", turns, "leaner seed", "cpu_seconds_per_1000", "us CPU", 1000)
    bench.compare("hold.raw", turns, "PostgreSQL", "per_second", "/s")
    for name in ("Holdfast", "seed"):
        if name not in turns.failures:
            bench.note_maximum(name, "hold", turns.values(name, "per_second"))
    bench.figures["hold"] = turns.results


def holding(bench: Bench, shop: Shop) -> Turn:
    """A turn of holding as fast as the shop can."""
    holder = Holder(bench, shop)
    return lambda: holder.hold(bench.pick(4, 1), bench.pick(0.7, 0.3))


def lean_holding(bench: Bench, stack: ExitStack) -> Turn:
    """A turn of the seed that sweeps, which runs no longer than this part."""
    lean = bench.peers.lean_express()
    stack.callback(lean.stop)
    return holding(bench, bench.lean_seed_shop(lean))


def raw_steps(bench: Bench) -> Turn:
    """A turn of the same steps in PostgreSQL alone."""
    url = bench.peers.postgres().url
    pid = bench.peers.postgres().pid
    seconds = bench.count(3, 1)
    return lambda: bench.peers.figures(
        "holdfast-peer-reserve", "--url", url, "--seconds", str(seconds), "--tickets",
        str(RAW_HOLDS_A_SECOND_MAX * seconds), "--cpu-of", str(pid))
