"""How holds, memory, start and list grow with the tickets known and with the watchers connected."""

from pathlib import Path

from report.bench import Bench
from report.errors import CannotMeasure
from report.holdfast_server import HoldfastServer
from report.shop import Shop

TICKETS, TICKETS_QUICK = (1_000, 100_000, 1_000_000), (1_000, 5_000)
WATCHERS, WATCHERS_QUICK = (1, 1_000, 10_000), (1, 100)
HELD = 60_000
WATCHED_CHANGES = 20

Points = dict[str, list[tuple[float, float]]]


def run(bench: Bench) -> None:
    by_tickets: Points = {"hold rate": [], "memory": [], "start to ready": [], "list p50": []}
    for tickets in TICKETS_QUICK if bench.quick else TICKETS:
        bench.say(f"  {tickets:,} tickets")
        try:
            with bench.holdfast() as server:
                grow_tickets(bench, server, tickets, by_tickets)
        except CannotMeasure as error:
            bench.say(f"  not measured: {error}")
    by_watchers: Points = {"hold rate, all watched": [], "memory": [],
                           "live delay p50": []}
    for watchers in WATCHERS_QUICK if bench.quick else WATCHERS:
        bench.say(f"  {watchers:,} watchers")
        try:
            with bench.holdfast() as server:
                grow_watchers(bench, server, watchers, by_watchers)
        except CannotMeasure as error:
            bench.say(f"  not measured: {error}")
    units = {"memory": "MiB", "start to ready": "s", "list p50": "ms", "live delay p50": "ms"}
    bench.figures["growth"] = [
        {"what": what, "over": over, "unit": units.get(what, "/s"), "points": points}
        for over, series in (("tickets known", by_tickets), ("watchers", by_watchers))
        for what, points in series.items()]


def grow_tickets(bench: Bench, server: HoldfastServer, tickets: int, points: Points) -> None:
    """A server that knows so many tickets: started again, then loaded."""
    shop = bench.shop_of(server)
    known = shop.prepare(tickets)
    points["start to ready"].append((tickets, server.restart()))
    points["memory"].append((tickets, server.settled_kib() / 1024))
    seconds, warmup = bench.pick(3, 0.5), 0.3
    listed = shop.run("list", state=known, seconds=seconds, warmup=warmup, connections=1)
    points["list p50"].append((tickets, listed["latency_us"]["p50"] / 1000))
    # The tickets to be held are those known where there are enough, else further ones.
    state = known if tickets >= HELD else shop.prepare(bench.count(HELD, 10_000))
    points["hold rate"].append((tickets, hold_rate(shop, state, seconds)))


def hold_rate(shop: Shop, state: Path, seconds: float) -> float:
    """Holds a second, of fresh tickets."""
    rate = shop.run("hold", ("201",), state=state, seconds=seconds, warmup=0.3)["per_second"]
    return float(rate)


def grow_watchers(bench: Bench, server: HoldfastServer, watchers: int, points: Points) -> None:
    """A server with so many watchers: its memory when they are idle, holds that all of them see."""
    shop = bench.shop_of(server)
    seconds = bench.pick(3, 0.5)
    idle = shop.run("watch", (), watchers=watchers, watchers_only=True, seconds=1, warmup=0.5)
    points["memory"].append((watchers, idle["resident_bytes_after"] / 2**20))
    state = shop.prepare(bench.count(HELD, 10_000))
    watched = shop.run("hold-watched", ("201",), state=state, watchers=watchers, seconds=seconds,
                       warmup=0.3, within_s=120)
    points["hold rate, all watched"].append((watchers, watched["per_second"]))
    gentle = shop.run("watch", ("201",), state=shop.prepare(2000), watchers=watchers,
                      rate=WATCHED_CHANGES, seconds=seconds, warmup=0.5, within_s=120)
    points["live delay p50"].append((watchers, gentle["live"]["delay_us"]["p50"] / 1000))
