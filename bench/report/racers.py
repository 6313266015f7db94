"""Races that end with kill -9: threads that order the same tickets until the server is gone, and
the question afterwards whether each acknowledged winner still is the winner.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import HoldfastServer

ANSWER_S = 5


@dataclass
class State:
    """What `prepare` of the load generator wrote: people's cookies, and tickets."""
    sellers: list[str]
    buyers: list[str]
    tickets: list[str]


@dataclass
class Outcome:
    """Winners that were told so before the kill, and how many of them are none any more."""
    winners: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)


def read_state(path: Path) -> State:
    """The state file's lines: kind, then fields, separated by tabs."""
    state = State([], [], [])
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if fields[0] == "seller":
            state.sellers.append(fields[-1])
        elif fields[0] == "buyer":
            state.buyers.append(fields[-1])
        elif fields[0] == "ticket":
            state.tickets.append(fields[1])
    if not (state.sellers and state.buyers and state.tickets):
        raise CannotMeasure(f"{path} names no sellers, buyers or tickets")
    return state


class Caller:
    """One person's connection."""

    def __init__(self, url: str, cookie: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"),
                                                      timeout=ANSWER_S)
        self._headers = {"Cookie": cookie, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        text = json.dumps(body) if body is not None else None
        self._connection.request(method, path, text, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else {}

    def close(self) -> None:
        self._connection.close()


def race_until_killed(server: HoldfastServer, state_path: Path, racers: int,
                      seconds: float) -> Outcome:
    """Races over ticket after ticket, kills the server, starts it again, and verifies."""
    state = read_state(state_path)
    if len(state.buyers) < racers:
        raise CannotMeasure(f"{racers} racers need as many buyers, not {len(state.buyers)}")
    won: dict[str, list[tuple[int, str]]] = {}
    guard = threading.Lock()
    started = threading.Barrier(racers + 1)

    def race(buyer: int) -> None:
        caller = Caller(server.url, state.buyers[buyer])
        started.wait(ANSWER_S)
        try:
            for ticket in state.tickets:
                status, order = caller.call("POST", "/api/orders", {"ticketId": ticket})
                if status == 201:
                    with guard:
                        won.setdefault(ticket, []).append((buyer, str(order["id"])))
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the server is gone, as it should be
        finally:
            caller.close()

    threads = [threading.Thread(target=race, args=(buyer,), daemon=True)
               for buyer in range(racers)]
    for thread in threads:
        thread.start()
    started.wait(ANSWER_S)
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join(2 * ANSWER_S)
    server.start()
    return verify(won, lambda buyer: Caller(server.url, state.buyers[buyer]))


def verify(won: dict[str, list[tuple[int, str]]],
           caller_of: Callable[[int], Caller]) -> Outcome:
    """Whether each ticket has the one winner that was acknowledged."""
    outcome = Outcome()
    callers: dict[int, Caller] = {}
    for ticket, winners in won.items():
        outcome.winners += len(winners)
        if len(winners) > 1:
            outcome.lost += len(winners) - 1
            outcome.problems.append(f"ticket {ticket} had {len(winners)} winners")
        for buyer, order in winners:
            caller = callers.setdefault(buyer, caller_of(buyer))
            _, seen = caller.call("GET", f"/api/tickets/{ticket}")
            status, held = caller.call("GET", f"/api/orders/{order}")
            if (seen.get("orderId"), seen.get("status"), status, held.get("status")) != (
                    order, "reserved", 200, "created"):
                outcome.lost += 1
                outcome.problems.append(f"ticket {ticket} is no longer held by order {order}")
    for caller in callers.values():
        caller.close()
    return outcome
