"""Reads of one ticket and of the list, against the seed's and against servers that only answer."""

from collections.abc import Callable
from contextlib import ExitStack

from report.bench import Bench
from report.load import check_answers
from report.shop import Shop
from report.turns import Turn, take_turns

TICKETS = 1000


def run(bench: Bench) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(bench.holdfast())
        ours = bench.shop_of(server)
        one = {"Holdfast": shop_turn(bench, lambda: ours, "read"),
               "seed": shop_turn(bench, bench.seed_shop, "read"),
               "Beast floor": peer_turn(bench, stack, "holdfast-peer-beast"),
               "raw epoll": peer_turn(bench, stack, "holdfast-peer-epoll")}
        bench.say("  one ticket")
        turns = take_turns(bench.rounds, one, bench.say)
        bench.compare("read.one.cpu", turns, "seed", "cpu_seconds_per_1000", "us CPU", 1000)
        bench.compare("read.one.rate", turns, "Beast floor", "per_second", "/s")
        bench.compare("read.epoll", turns, "raw epoll", "per_second", "/s")
        bench.compare("read.one.seed", turns, "seed", "per_second", "/s")
        for name in ("Holdfast", "seed"):
            if name not in turns.failures:
                bench.note_maximum(name, "read", turns.values(name, "per_second"))
        bench.figures["read.one"] = turns.results

        bench.say("  the list")
        lists = {"Holdfast": shop_turn(bench, lambda: ours, "list"),
                 "seed": shop_turn(bench, bench.seed_shop, "list"),
                 "Beast floor": one["Beast floor"]}
        turns = take_turns(bench.rounds, lists, bench.say)
        bench.compare("read.list.cpu", turns, "seed", "cpu_seconds_per_1000", "us CPU", 1000)
        bench.compare("read.list.rate", turns, "Beast floor", "per_second", "/s")
        bench.figures["read.list"] = turns.results


def shop_turn(bench: Bench, shop_of: Callable[[], Shop], scenario: str) -> Callable[[], Turn]:
    """Makes a turn of reading what a shop has been given to sell."""
    def make() -> Turn:
        shop = shop_of()
        state = shop.prepare(TICKETS)
        return lambda: shop.run(scenario, state=state, seconds=bench.pick(4, 1),
                                warmup=bench.pick(0.7, 0.3))
    return make


def peer_turn(bench: Bench, stack: ExitStack, name: str, *arguments: str) -> Callable[[], Turn]:
    """Makes a turn of asking a server that only answers."""
    def make() -> Turn:
        peer = bench.peers.start(name, *arguments)
        stack.callback(peer.stop)

        def turn() -> dict[str, object]:
            result = bench.load.run("raw", peer.url, path="/", seconds=bench.pick(4, 1),
                                    warmup=bench.pick(0.7, 0.3), cpu_of=peer.pids)
            check_answers(result, ("200",))
            return result
        return turn
    return make
