"""Makes tickets live without changing them: their own seller orders them, which their actors refuse.
"""

import socket
from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import HoldfastServer
from report.racers import read_state

AT_ONCE, ANSWER_S = 32, 20
REFUSED = b"HTTP/1.1 403"


def touch(server: HoldfastServer, state_path: Path, count: int) -> None:
    """Has `count` tickets of a state with one seller refuse their own seller."""
    state = read_state(state_path)
    if len(state.sellers) != 1 or len(state.tickets) < count:
        raise CannotMeasure("tickets of one seller are needed, as many as shall be live")
    host = server.url.removeprefix("http://")
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), ANSWER_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for first in range(0, count, AT_ONCE):
            batch = state.tickets[first:min(first + AT_ONCE, count)]
            connection.sendall(b"".join(order_of(host, state.sellers[0], each)
                                        for each in batch))
            read_refusals(connection, len(batch))


def order_of(host: str, cookie: str, ticket: str) -> bytes:
    """The bytes of an order."""
    body = f'{{"ticketId":"{ticket}"}}'
    return (f"POST /api/orders HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body}").encode()


def read_refusals(connection: socket.socket, count: int) -> None:
    """Reads so many answers, which all must be refusals."""
    text = b""
    while text.count(b'"own_ticket"') < count:
        received = connection.recv(65536)
        if not received:
            raise CannotMeasure("the server closed the connection")
        text += received
        if text.count(b"HTTP/1.1 ") > text.count(REFUSED):
            raise CannotMeasure(f"the server did not refuse: {text[:200]!r}")
