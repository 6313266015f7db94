"""Nodes of Holdfast over one Redis of their own, all on this machine.

Redis syncs every write before it answers, as the nodes demand. Which node has which shard is asked of
a node, as an admin would.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import HoldfastServer
from report.private_server import PrivateServer, free_port
from report.processes import Processes

SPREAD_S, PAUSE_S = 30, 0.05
ADMIN = {"email": "bench@example.com", "password": "a password for measuring"}
SLOTS = 16384


class Cluster:
    """The nodes, to be entered with `with`. `make_node` makes one from its settings."""

    def __init__(self, processes: Processes, redis_script: Path,
                 make_node: Callable[..., HoldfastServer], size: int = 1) -> None:
        self._processes = processes
        self._script = redis_script
        self._make_node = make_node
        self._size = size
        self._admin = ""
        self._started = 0
        self.nodes: list[HoldfastServer] = []

    def __enter__(self) -> "Cluster":
        self._directory = self._processes.directory("ledger")
        self.redis = PrivateServer(self._processes, self._script, "Redis", str(free_port()))
        try:
            self.resize(self._size)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        while self.nodes:
            self.nodes.pop().stop()
        self.redis.stop()
        self._processes.remove(self._directory)

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    @property
    def pids(self) -> list[int]:
        """The nodes' pids, then Redis's."""
        return [*(node.pid for node in self.nodes), self.redis.pid]

    def resize(self, size: int) -> None:
        """Adds nodes, or ends the last ones, and waits until the shards are spread over those left.
        """
        while len(self.nodes) > size:
            self.nodes.pop().stop()
        while len(self.nodes) < size:
            self._started += 1
            node = self._make_node(
                STORE="redis", REDIS_URL=self.redis.url, NODE_NAME=f"n{self._started}",
                CLUSTER_ADDRESS="127.0.0.1", CLUSTER_PORT="0", DRAIN_SECONDS="0",
                TEST_PAYMENTS_LEDGER=str(self._directory / "payments"),
                ADMIN_EMAILS=ADMIN["email"])
            self.nodes.append(node)
            node.start()
        self._admin = self._admin or become_admin(self.nodes[0])
        deadline = time.monotonic() + SPREAD_S
        while not is_spread(self.state(), size):
            if time.monotonic() > deadline:
                raise CannotMeasure(f"the shards were not spread over {size} nodes in "
                                    f"{SPREAD_S} s: {self.state()['nodes']}")
            time.sleep(PAUSE_S)

    def state(self) -> dict:
        """What the first node says of all."""
        connection = http.client.HTTPConnection(self.nodes[0].url.removeprefix("http://"),
                                                timeout=5)
        try:
            connection.request("GET", "/api/admin/cluster", headers={"Cookie": self._admin})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise CannotMeasure(f"GET /api/admin/cluster was answered {answer.status}")
        return json.loads(text)

    def owners(self) -> list[str]:
        """The node that has each shard."""
        return owners_in(self.state())


def is_spread(state: dict, size: int) -> bool:
    """Whether so many nodes are there, linked, with an equal part of the shards each."""
    nodes = state["nodes"]
    counts = [len([each for each in state["shards"] if each["node"] == node["name"]])
              for node in nodes]
    return (len(nodes) == size and all(node["ready"] for node in nodes)
            and all(len(node["linkedTo"]) == size - 1 for node in nodes)
            and sum(counts) == len(state["shards"]) and max(counts) - min(counts) <= 1)


def owners_in(state: dict) -> list[str]:
    """The node that has each shard, by the shards' numbers."""
    return [each["node"] for each in sorted(state["shards"], key=lambda each: each["shard"])]


def shard_of(id_: str, shards: int) -> int:
    """The shard that an id belongs to: 12 bits of its slot follow the version, two the variant."""
    slot = int(id_[15:18], 16) << 2 | int(id_[19], 16) & 3
    return slot * shards // SLOTS


def split_state(state: Path, owners: list[str], owner: str, target: Path) -> Path:
    """Copies what `prepare` wrote, of the tickets only those whose shard that node has."""
    def is_wanted(line: str) -> bool:
        kind, _, id_ = line.partition("\t")
        return kind != "ticket" or owners[shard_of(id_, len(owners))] == owner

    lines = [line for line in state.read_text(encoding="utf-8").splitlines() if is_wanted(line)]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path(f"{target}.used").write_text("0\n", encoding="utf-8")
    return target


def become_admin(node: HoldfastServer) -> str:
    """Makes an admin as the command line does, and signs in; the cookie."""
    request = json.dumps({"command": "admin.create", **ADMIN}) + "\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(30)
        connection.connect(str(node.data_dir / "admin.sock"))
        connection.sendall(request.encode())
        answer = connection.makefile("r", encoding="utf-8").readline()
    if not json.loads(answer or "{}").get("ok"):
        raise CannotMeasure(f"no admin could be made: {answer.strip() or 'no answer'}")
    client = http.client.HTTPConnection(node.url.removeprefix("http://"), timeout=10)
    try:
        client.request("POST", "/api/users/signin", json.dumps(ADMIN),
                       {"Content-Type": "application/json"})
        signed_in = client.getresponse()
        signed_in.read()
    finally:
        client.close()
    cookies = [value.partition(";")[0] for name, value in signed_in.getheaders()
               if name.lower() == "set-cookie"]
    if signed_in.status != 200 or not cookies:
        raise CannotMeasure(f"the admin could not sign in: {signed_in.status}")
    return "; ".join(cookies)
