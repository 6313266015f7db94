"""Memory: an idle watcher, a live ticket's actor, a million tickets that are known."""

from pathlib import Path

from report.bench import Bench
from report.errors import CannotMeasure
from report.holdfast_server import HoldfastServer
from report.load import Result
from report.shop import Shop
from report.touch import touch
from report.turns import take_turns

WATCHERS, WATCHERS_QUICK = 10_000, 500
KNOWN, KNOWN_QUICK = 1_000_000, 10_000
LIVE, LIVE_QUICK = 100_000, 2_000
ACTOR_BYTES_MIN = 200
# What is live shall stay so, as a shop of this size would set it.
SETTINGS = {"LIVE_ENTITIES_MAX": "400000", "ENTITY_IDLE_SECONDS": "86400"}


def run(bench: Bench) -> None:
    bench.say("  idle watchers")
    watch(bench)
    bench.say("  bare actors")
    try:
        bare = bench.peers.figures("holdfast-peer-actors", "--actors",
                                   str(bench.count(LIVE, LIVE_QUICK)), "--seconds", "1")
    except CannotMeasure as error:
        bare = {"failed": str(error)}
    bench.figures["memory.bare_actors"] = bare
    known = bench.count(KNOWN, KNOWN_QUICK)
    with bench.holdfast(**SETTINGS) as server:
        bench.say(f"  listing {known:,} tickets")
        state = list_tickets(bench.shop_of(server), known)
        fill(bench, server, state, bare)


def list_tickets(shop: Shop, count: int) -> Path:
    """So many tickets of one seller."""
    return shop.prepare(count, users=9)


def watch(bench: Bench) -> None:
    """What 10,000 watchers that hear nothing cost, on a fresh server each round."""
    watchers = bench.count(WATCHERS, WATCHERS_QUICK)
    options = {"watchers": watchers, "watchers_only": True, "seconds": 1, "warmup": 1}

    def ours() -> Result:
        with bench.holdfast() as server:
            return checked(bench.load.run("watch", server.url, cpu_of=[server.pid], **options))

    def beast() -> Result:
        peer = bench.peers.start("holdfast-peer-beast")
        try:
            return checked(bench.load.run("watch", peer.url, cpu_of=peer.pids, protocol="raw",
                                          **options))
        finally:
            peer.stop()

    turns = take_turns(bench.rounds, {"Holdfast": lambda: ours, "Beast": lambda: beast},
                       bench.say)
    bench.figures["memory.watchers"] = turns.results
    field, kib = "resident_bytes_per_watcher", 1 / 1024
    try:
        beside = turns.values("Beast", field, kib) if "Beast" not in turns.failures else []
        bench.record("memory.watcher", turns.values("Holdfast", field, kib), beside, "KiB")
    except CannotMeasure as error:
        bench.not_measured("memory.watcher", str(error))


def checked(result: Result) -> Result:
    """The result, if every watcher stayed."""
    if result["watchers_lost"]:
        raise CannotMeasure(f"{result['watchers_lost']} watchers were lost")
    return result


def fill(bench: Bench, server: HoldfastServer, state: Path, bare: Result) -> None:
    """A server started on a million tickets: with none live, then with 100,000."""
    live = bench.count(LIVE, LIVE_QUICK)
    seconds = server.restart()
    idle_kib = server.settled_kib()
    bench.record("memory.idle", [idle_kib / 1024], unit="MiB", note=f"ready in {seconds:.2f} s")
    bench.say(f"  making {live:,} live")
    touch(server, state, live)
    live_kib = server.settled_kib()
    bench.record("memory.known", [live_kib / 1024], unit="MiB",
                 note=f"{KNOWN_QUICK:,} and {live:,}" if bench.quick else "")
    each = (live_kib - idle_kib) * 1024 / live
    bench.figures["memory.known"] = {"idle_kib": idle_kib, "live_kib": live_kib, "live": live,
                                     "bytes_per_live_ticket": each, "start_seconds": seconds}
    if "failed" in bare:
        bench.not_measured("memory.actor", str(bare["failed"]))
    elif each < ACTOR_BYTES_MIN:
        bench.not_measured("memory.actor", f"{each:.0f} bytes each: the tickets are not live")
    else:
        bench.record("memory.actor", [each], [bare["resident_bytes_per_actor"]], "bytes")
