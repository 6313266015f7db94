"""Sixteen racers a ticket: attempts a second, one winner each, also when the server is killed amid
races; and what losing costs.
"""

from report.bench import Bench
from report.errors import CannotMeasure
from report.load import Result
from report.racers import race_until_killed
from report.shop import Shop
from report.turns import Turn, take_turns

RACERS, RACES = 16, 100_000
CONNECTIONS = 64
RACES_A_SECOND = {"Holdfast": 2_000, "seed": 250}
LOST = ("200", "201", "409")


def run(bench: Bench) -> None:
    with bench.holdfast() as server:
        ours = bench.shop_of(server)
        bench.say("  races")
        turns = take_turns(bench.rounds, {
            "Holdfast": lambda: racing(bench, ours),
            "seed": lambda: racing(bench, bench.seed_shop())}, bench.say)
        bench.compare("contended.rate", turns, "seed", "per_second", "/s")
        bench.figures["contended"] = turns.results
        try:
            judge_races(bench, ours, turns.results.get("Holdfast", []))
        except CannotMeasure as error:
            bench.not_measured("contended.winners", str(error))
        bench.say("  losers and reads")
        lose(bench, ours)
    bench.say("  kill -9 amid races")
    survive(bench)


def racing(bench: Bench, shop: Shop) -> Turn:
    """A turn of races of `seconds`, on tickets enough for twice the expected rate."""
    seconds, warmup = bench.pick(4, 1), bench.pick(0.5, 0.2)
    tickets = int(RACES_A_SECOND[shop.name] * 2 * (seconds + warmup))

    def turn() -> Result:
        state = shop.prepare(tickets)
        result = shop.run("contended", LOST, state=state, seconds=seconds, warmup=warmup,
                          racers=RACERS, connections=CONNECTIONS)
        if shop.name != "Holdfast" and result["races_with_several_winners"]:
            raise CannotMeasure("the seed sold a ticket twice")
        return result
    return turn


def wrong_races(result: Result) -> int:
    """Races without exactly one winner that the server then confirms."""
    return (result["races_without_winner"] + result["races_with_several_winners"]
            + result["winners_unconfirmed"])


def judge_races(bench: Bench, shop: Shop, raced: list[Result]) -> None:
    """Races on until there were 100,000 in all, and counts those that went wrong."""
    wanted = bench.count(RACES, 1000)
    races = sum(result["races"] for result in raced)
    wrong = sum(wrong_races(result) for result in raced)
    bench.say(f"  {races:,} races so far, on to {wanted:,}")
    if races < wanted:
        rest = wanted - races
        result = shop.run("contended", LOST, state=shop.prepare(rest), seconds=150, warmup=0,
                          racers=RACERS, connections=CONNECTIONS, races=rest)
        races += result["races"]
        wrong += wrong_races(result)
    bench.figures["contended.races"] = {"races": races, "wrong": wrong}
    if wrong == 0 and races < RACES:
        raise CannotMeasure(f"none of {races:,} races went wrong, but {RACES:,} are needed")
    bench.record("contended.winners", [float(wrong)], unit="races", note=f"of {races:,} races")


def lose(bench: Bench, shop: Shop) -> None:
    """CPU of orders that are refused since the ticket is taken, against that of reads."""
    state = shop.prepare(1000)
    seconds, warmup = bench.pick(3, 1), bench.pick(0.5, 0.2)
    turns = take_turns(bench.rounds, {
        "loser": lambda: lambda: shop.run("loser", ("409",), state=state, seconds=seconds,
                                          warmup=warmup, connections=CONNECTIONS),
        "read": lambda: lambda: shop.run("read", ("200",), state=state, seconds=seconds,
                                         warmup=warmup, connections=CONNECTIONS)}, bench.say)
    bench.compare("contended.loser", turns, "read", "cpu_seconds_per_1000", "us CPU", 1000,
                  ours="loser")
    bench.figures["contended.loser"] = turns.results


def survive(bench: Bench) -> None:
    """Kills the server amid races, and asks the one that is started again for each winner."""
    winners = lost = 0
    for _ in range(bench.rounds):
        with bench.holdfast() as server:
            state = bench.shop_of(server).prepare(bench.count(20_000, 2000), users=20)
            outcome = race_until_killed(server, state, RACERS, bench.pick(2.0, 1.0))
            winners += outcome.winners
            lost += outcome.lost
            for problem in outcome.problems[:5]:
                bench.say(f"  {problem}")
    bench.figures["contended.killed"] = {"winners": winners, "lost": lost}
    if winners == 0:
        bench.not_measured("contended.killed", "nobody had won before the server was killed")
    else:
        bench.record("contended.killed", [float(lost)], unit="winners",
                     note=f"of {winners:,} winners, {bench.rounds} kills")
