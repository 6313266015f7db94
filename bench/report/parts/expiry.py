"""Twenty thousand deadlines within two seconds: how late the last ticket comes free."""

from report.bench import Bench
from report.errors import CannotMeasure

ORDERS, ORDERS_QUICK = 20_000, 1_000
WINDOW_S = 2


def run(bench: Bench) -> None:
    orders = bench.count(ORDERS, ORDERS_QUICK)
    # Long enough that all orders are made before the first deadline.
    results = []
    for _ in range(bench.rounds):
        with bench.holdfast(ORDER_WINDOW_SECONDS="4") as server:
            shop = bench.shop_of(server)
            state = shop.prepare(orders)
            result = shop.run("deadlines", (), state=state, orders=orders, window=WINDOW_S,
                              within_s=120)
        results.append(result)
        wrong = result["missing"] + result["unconfirmed"] + result["early"]
        if wrong or result["orders"] < orders:
            raise CannotMeasure(f"of {result['orders']} orders, {result['missing']} never came "
                                f"free, {result['early']} too early, {result['unconfirmed']} were "
                                "not confirmed")
    spread = max(result["deadlines_within_seconds"] for result in results)
    note = f"{orders:,} within {spread:.1f} s"
    bench.record("expiry.last", [r["lateness_us"]["max"] / 1000 for r in results], unit="ms",
                 note=note)
    bench.record("expiry.median", [r["lateness_us"]["p50"] / 1000 for r in results], unit="ms")
    bench.figures["expiry"] = results
