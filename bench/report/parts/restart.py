"""How long after kill -9 the server is ready again when it has 100,000 live orders."""

from report.bench import Bench
from report.errors import CannotMeasure

ORDERS, ORDERS_QUICK = 100_000, 5_000


def run(bench: Bench) -> None:
    orders = bench.count(ORDERS, ORDERS_QUICK)
    with bench.holdfast() as server:
        shop = bench.shop_of(server)
        state = shop.prepare(orders)
        held = shop.run("hold", ("201",), state=state, seconds=120, warmup=0)
        made = held["statuses"].get("201", 0)
        if made < orders * 0.99:
            raise CannotMeasure(f"only {made} of {orders} orders were made")
        seconds = []
        for _ in range(bench.rounds):
            server.kill()
            seconds.append(server.start())
    bench.record("restart.ready", seconds, unit="s",
                 note=f"{orders:,} orders" if bench.quick else "")
    bench.figures["restart"] = {"orders": made, "seconds": seconds}
