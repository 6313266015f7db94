"""One run of bench/run: the servers, the load generator, how long things may take, what was seen."""

import sys
import time
from pathlib import Path
from statistics import median

from report.cluster import Cluster
from report.errors import CannotMeasure
from report.goals import Measurement, Row, evaluate
from report.goal_table import GOALS_BY_ID, goals_of
from report.holdfast_server import HoldfastServer
from report.load import Load
from report.peers import Peer, Peers
from report.processes import Processes
from report.shop import Shop
from report.turns import Turns

ROUNDS, ROUNDS_QUICK = 3, 1


class Bench:
    """What a part is given. `figures` collects whatever shall be in the JSON without a row."""

    def __init__(self, root: Path, quick: bool, began: float) -> None:
        self.root = root
        self.quick = quick
        self.began = began
        self.build = root / "build" / "bench"
        self.processes = Processes()
        self.load = Load(self.build / "holdfast-load")
        self.peers = Peers(self.processes, self.build, root)
        self.seen: dict[str, Measurement] = {}
        self.figures: dict[str, object] = {}
        self.maxima: dict[tuple[str, str], float] = {}

    @property
    def rounds(self) -> int:
        return ROUNDS_QUICK if self.quick else ROUNDS

    def pick(self, full: float, quick: float) -> float:
        """One of two: for the whole measurement, for the smoke."""
        return quick if self.quick else full

    def count(self, full: int, quick: int) -> int:
        """The same for whole numbers."""
        return quick if self.quick else full

    def say(self, text: str) -> None:
        """Says what is being done, with the time since the start."""
        print(f"[{time.monotonic() - self.began:4.0f}s] {text}", file=sys.stderr, flush=True)

    # -- Servers ------------------------------------------------------------------------------

    def holdfast(self, **settings: str) -> HoldfastServer:
        """A server on a fresh data directory, to be entered with `with`."""
        return HoldfastServer(self.processes, self.build / "holdfast",
                              self.root / "frontend" / "dist", settings)

    def shop_of(self, server: HoldfastServer) -> Shop:
        """Holdfast as something that the load generator can use."""
        return Shop("Holdfast", self.load, self.processes, lambda: server.url,
                    lambda: [server.pid])

    def cluster(self, size: int = 1) -> Cluster:
        """So many nodes over a fresh Redis, to be entered with `with`."""
        return Cluster(self.processes, self.root / "bench" / "peers" / "redis", self.holdfast, size)

    def cluster_shop(self, cluster: Cluster) -> Shop:
        """All nodes that there are at the time; the CPU is theirs and Redis's."""
        return Shop("Holdfast on Redis", self.load, self.processes, lambda: cluster.urls,
                    lambda: cluster.pids)

    def seed_shop(self) -> Shop:
        """The seed, likewise; CannotMeasure if it does not start."""
        seed = self.peers.express()
        return Shop("seed", self.load, self.processes, lambda: seed.url, lambda: seed.pids)

    def lean_seed_shop(self, seed: Peer) -> Shop:
        """The seed that sweeps, which peers.lean_express() started."""
        return Shop("leaner seed", self.load, self.processes, lambda: seed.url,
                    lambda: seed.pids)

    # -- What was seen ------------------------------------------------------------------------

    def record(self, goal_id: str, ours: list[float], theirs: list[float] | None = None,
               unit: str = "", note: str = "") -> None:
        """Keeps the figures of a goal."""
        assert goal_id in GOALS_BY_ID, goal_id
        self.seen[goal_id] = Measurement(goal_id, ours, theirs or [], unit, note)

    def not_measured(self, goal_id: str, why: str) -> None:
        """Keeps why there are no figures."""
        assert goal_id in GOALS_BY_ID, goal_id
        self.seen[goal_id] = Measurement(goal_id, why_not=why)

    def compare(self, goal_id: str, turns: Turns, theirs: str, key: str, unit: str,
                scale: float = 1, ours: str = "Holdfast", note: str = "") -> None:
        """Keeps one field of what two contenders' turns gave."""
        found: list[list[float]] = []
        why = ""
        for name in (ours, theirs):
            try:
                found.append(turns.values(name, key, scale))
            except CannotMeasure as error:
                found.append([])
                why = why or str(error)
        self.record(goal_id, found[0], found[1], unit, note)
        self.seen[goal_id].why_not = why

    def note_maximum(self, contender: str, what: str, rates: list[float]) -> None:
        """Remembers the rate of a closed loop, half of which other parts load with."""
        if rates:
            self.maxima[contender, what] = median(rates)

    def give_up(self, part: str, why: str) -> None:
        """Marks the goals of a part that have no figures yet."""
        for goal in goals_of(part):
            if goal.id not in self.seen:
                self.not_measured(goal.id, why)

    def rows_of(self, part: str) -> list[Row]:
        return [evaluate(goal, self.seen.get(goal.id)) for goal in goals_of(part)]

    def close(self) -> None:
        """Ends every process and removes every directory."""
        try:
            self.peers.close()
        finally:
            self.processes.close()
