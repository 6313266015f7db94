"""What bench/run makes of figures, without running anything: verdicts, tables, charts, publishing.

Run it alone: python3 tests/bench/report_test.py
"""

import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from report import goals, results  # noqa: E402
from report.charts import Series, goals_chart, growth_chart, ticks  # noqa: E402
from report.cluster import is_spread, owners_in, shard_of, split_state  # noqa: E402
from report.errors import CannotMeasure  # noqa: E402
from report.goal_table import GOALS, GOALS_BY_ID  # noqa: E402
from report.goals import Goal, Measurement, evaluate, exit_code  # noqa: E402
from report.holdfast_server import url_in  # noqa: E402
from report.load import arguments_of, check_answers, result_in  # noqa: E402
from report.machine import processor_ticks, withheld_since, withheld_warning  # noqa: E402
from report.parts import PARTS  # noqa: E402
from report.parts.redis import with_shares  # noqa: E402
from report.parts.tail import kept_up  # noqa: E402
from report.racers import verify  # noqa: E402
from report.table import figure_text, markdown_table, number_text, plain_table  # noqa: E402
from report.turns import take_turns  # noqa: E402

FASTER = Goal("a", "p", "rate", "seed", "ours/theirs", "more", 8, 15)
CHEAPER = Goal("b", "p", "CPU", "seed", "theirs/ours", "more", 10, 18)
SMALLER = Goal("c", "p", "memory", "", "none", "less", 400, 250, "MiB")
NONE_WRONG = Goal("d", "p", "wrong", "", "none", "less", 0, None, "races")

MACHINE = {"cores": 2, "processor": "<A & B>", "memory_gib": 1.5, "data_filesystem": "ext4",
           "kernel": "6", "commit": "0123456789abcdef", "load_average": 0.1, "withheld": 0.0}
ABOUT = {"time": "2026-01-02T03:04:05Z", "parts": [], "quick": False, "whole": True, "rounds": 3,
         "seconds": 1.0}


def judged(goal, ours, theirs=()):
    return evaluate(goal, Measurement(goal.id, list(ours), list(theirs), "/s"))


class Verdicts(unittest.TestCase):
    def test_a_goal_is_met_from_its_value_on_and_its_stretch_likewise(self):
        for ours, status in ((79, goals.NOT_MET), (80, goals.MET), (149, goals.MET),
                             (150, goals.STRETCH)):
            self.assertEqual(judged(FASTER, [ours], [10]).status, status)

    def test_less_cpu_is_the_peers_in_ratio_to_ours(self):
        row = judged(CHEAPER, [2], [30])
        self.assertEqual((row.value, row.status), (15, goals.MET))

    def test_of_a_bound_less_is_better(self):
        self.assertEqual([judged(SMALLER, [value]).status for value in (401, 400, 250)],
                         [goals.NOT_MET, goals.MET, goals.STRETCH])

    def test_none_wrong_is_met_by_none_alone(self):
        self.assertEqual(judged(NONE_WRONG, [0]).status, goals.MET)
        self.assertEqual(judged(NONE_WRONG, [1]).status, goals.NOT_MET)

    def test_the_value_is_the_median_of_the_rounds_ratios_and_their_spread_is_the_noise(self):
        row = judged(FASTER, [100, 90, 200], [10, 10, 10])
        self.assertEqual(row.value, 10)
        self.assertAlmostEqual(row.noise, 1.1)

    def test_a_round_that_a_peer_missed_makes_no_ratio(self):
        self.assertEqual(judged(FASTER, [100, 900], [10]).value, 10)
        self.assertEqual(judged(FASTER, [100], [0]).status, goals.NOT_MEASURED)

    def test_what_was_not_measured_has_a_reason_and_no_value(self):
        row = evaluate(FASTER, Measurement("a", [1.0], why_not="the seed does not start"))
        self.assertEqual((row.status, row.ours, row.value, row.attained, row.note),
                         (goals.NOT_MEASURED, 1.0, None, None, "the seed does not start"))
        self.assertEqual(evaluate(FASTER, None).status, goals.NOT_MEASURED)

    def test_how_far_a_goal_is_attained_is_above_one_where_it_is_met(self):
        self.assertEqual(judged(FASTER, [160], [10]).attained, 2)
        self.assertEqual(judged(SMALLER, [200]).attained, 2)
        self.assertIsNone(judged(NONE_WRONG, [0]).attained)

    def test_the_exit_code_tells_unmet_before_unmeasured_before_met(self):
        met, unmet = judged(SMALLER, [1]), judged(SMALLER, [999])
        unmeasured = evaluate(SMALLER, None)
        self.assertEqual(exit_code([met]), 0)
        self.assertEqual(exit_code([met, unmeasured]), 1)
        self.assertEqual(exit_code([met, unmeasured, unmet]), 3)


class GoalTable(unittest.TestCase):
    def test_every_goal_has_an_id_of_its_own_and_a_part_that_measures_it(self):
        self.assertEqual(len(GOALS_BY_ID), len(GOALS))
        self.assertLessEqual({goal.part for goal in GOALS}, {part.name for part in PARTS})

    def test_a_stretch_is_harder_than_its_goal(self):
        for goal in GOALS:
            if goal.goal is not None and goal.stretch is not None:
                self.assertTrue(goals.reaches(goal.better, goal.stretch, goal.goal), goal.id)

    def test_a_whole_run_takes_less_than_a_quarter_of_an_hour(self):
        self.assertLess(sum(part.budget_s for part in PARTS if part.in_all), 900)


class Tables(unittest.TestCase):
    def test_numbers_keep_three_digits(self):
        told = {12345.6: "12,346", 99.94: "99.9", 5.0: "5", 0.5: "0.5", 0.00831: "0.00831",
                0.0069754: "0.00698", 0: "0"}
        self.assertEqual({value: number_text(value) for value in told}, told)
        self.assertEqual(figure_text(8, "x"), "8x")
        self.assertEqual(figure_text(5.9, "KiB"), "5.9 KiB")
        self.assertEqual(figure_text(120, "/s"), "120/s")

    def test_columns_stand_below_each_other(self):
        lines = plain_table([judged(FASTER, [100], [10]), judged(SMALLER, [300])]).splitlines()
        at = lines[0].index("result")
        self.assertEqual([line[at - 2:at] for line in lines], ["  "] * 4)
        self.assertTrue(lines[2][at:].startswith("met"))

    def test_a_reason_with_a_bar_does_not_break_the_markdown_table(self):
        row = evaluate(FASTER, Measurement("a", why_not="it said: a | b"))
        self.assertIn("a \\| b", markdown_table([row]).splitlines()[2])


class Charts(unittest.TestCase):
    def test_the_chart_of_goals_is_well_formed_and_shows_every_verdict_in_words(self):
        rows = [judged(FASTER, [100], [10]), judged(CHEAPER, [100], [10]),
                judged(NONE_WRONG, [0]), evaluate(SMALLER, None)]
        chart = goals_chart(rows, "<A & B>")
        root = xml.fromstring(chart)
        words = " ".join("".join(each.itertext()) for each in root.iter())
        self.assertIn("NOT MET", words)
        self.assertIn("<A & B>", words)
        self.assertEqual(chart.count('class="met"'), 1)

    def test_a_figure_beyond_the_scale_stays_inside_the_picture(self):
        root = xml.fromstring(goals_chart([judged(FASTER, [1e9], [1]), judged(FASTER, [1], [1e9])],
                                          ""))
        width = float(root.get("width"))
        for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
            begin = float(bar.get("x", "0"))
            self.assertGreaterEqual(begin, 0)
            self.assertLessEqual(begin + float(bar.get("width")), width)

    def test_the_charts_of_growth_are_well_formed_also_with_one_point_or_none(self):
        series = [Series("rate", "tickets", "/s", [(1e3, 5.0), (1e6, 4.0)]),
                  Series("one", "watchers", "ms", [(1, 0.0)]), Series("none", "x", "s", [])]
        self.assertEqual(growth_chart(series, "m").count("<polyline"), 2)
        xml.fromstring(growth_chart(series, "m"))
        xml.fromstring(growth_chart([], "m"))

    def test_ticks_are_the_ones_twos_and_fives_that_are_shown(self):
        self.assertEqual([round(tick, 3) for tick in ticks(0.4, 6)], [0.5, 1, 2, 5])


class Publishing(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.docs = pathlib.Path(held.name)

    def result(self, growth=None, **about):
        seen = {"hold.rate": Measurement("hold.rate", [100.0], [10.0], "/s"),
                "tail.read": Measurement("tail.read", why_not="no seed")}
        figures = {"growth": growth} if growth else {}
        return json.loads(json.dumps(
            results.result_of(MACHINE, seen, figures, {**ABOUT, **about})))

    def test_a_whole_run_is_published_between_the_marks_alone(self):
        page = self.docs / "performance.md"
        page.write_text(f"before\n{results.BEGIN}\nearlier figures\n{results.END}\nafter\n", encoding="utf-8")
        results.publish(self.result(), self.docs)
        text = page.read_text(encoding="utf-8")
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.assertNotIn("earlier figures", text)
        self.assertIn("| durable hold: rate | seed |", text)
        self.assertIn("no seed", text)
        xml.parse(self.docs / "images" / "performance.svg")

    def test_growth_joins_the_goals_that_are_published(self):
        growth = [{"what": "rate", "over": "tickets", "unit": "/s", "points": [[1e3, 5], [1e6, 4]]}]
        results.publish(self.result(), self.docs)
        results.publish(self.result(growth, whole=False), self.docs)
        text = (self.docs / "performance.md").read_text(encoding="utf-8")
        self.assertIn("durable hold: rate", text)
        self.assertIn("1k: 5/s, 1M: 4/s", text)
        kept = json.loads((self.docs / "performance-figures.json").read_text(encoding="utf-8"))
        self.assertEqual(set(kept), {"goals", "growth"})

    def test_single_parts_are_not_published(self):
        with self.assertRaises(CannotMeasure):
            results.publish(self.result(whole=False), self.docs)

    def test_a_page_without_the_marks_is_left_as_it_is(self):
        (self.docs / "performance.md").write_text("mine\n", encoding="utf-8")
        with self.assertRaises(CannotMeasure):
            results.publish(self.result(), self.docs)
        self.assertEqual((self.docs / "performance.md").read_text(encoding="utf-8"), "mine\n")

    def test_a_kept_run_gives_the_same_rows_again(self):
        kept = results.rows_in(self.result())
        self.assertEqual([(row.goal.id, row.status) for row in kept],
                         [("hold.rate", goals.MET), ("tail.read", goals.NOT_MEASURED)])


class Machines(unittest.TestCase):
    def test_what_the_host_keeps_back_is_told_where_it_matters(self):
        self.assertNotIn("host", results.machine_text(MACHINE, ABOUT["time"]))
        self.assertIn("8% of the processor time kept back by its host",
                      results.machine_text({**MACHINE, "withheld": 0.08}, ABOUT["time"]))
        self.assertEqual(withheld_warning(0.01), "")
        self.assertIn("8%", withheld_warning(0.08))

    def test_the_share_is_of_what_was_asked_for_since(self):
        worked, stolen = processor_ticks()
        self.assertGreater(worked, 0)
        self.assertGreaterEqual(withheld_since((worked, stolen)), 0)
        self.assertLessEqual(withheld_since((worked - 100, stolen)), 1)


class Tails(unittest.TestCase):
    @staticmethod
    def result(per_second, p99_us, lag_us):
        return {"per_second": per_second, "latency_us": {"p99": p99_us},
                "send_lag_us": {"p99": lag_us}}

    def test_a_rate_that_was_not_reached_has_no_tail(self):
        with self.assertRaisesRegex(CannotMeasure, "only 80 of 100"):
            kept_up(self.result(80, 900, 10), 100)

    def test_the_generators_own_lateness_is_no_tail_of_the_servers(self):
        with self.assertRaisesRegex(CannotMeasure, "itself was late: 300 ms"):
            kept_up(self.result(100, 320_000, 300_000), 100)
        for fine in (self.result(100, 24_000, 12_000), self.result(100, 1_000, 990)):
            self.assertIs(kept_up(fine, 100), fine)


class Turns(unittest.TestCase):
    def test_contenders_take_turns_and_each_begins_a_round(self):
        order = []

        def maker(name):
            return lambda: lambda: order.append(name) or {"per_second": 1}
        take_turns(2, {"a": maker("a"), "b": maker("b")}, lambda _: None)
        self.assertEqual(order, ["a", "b", "b", "a"])

    def test_one_that_fails_leaves_its_reason_and_the_others_go_on(self):
        def failing():
            raise CannotMeasure("it ended")
        turns = take_turns(3, {"a": lambda: failing, "b": lambda: lambda: {"n": {"p99": 2}},
                               "c": failing}, lambda _: None)
        self.assertEqual(turns.failures, {"a": "it ended", "c": "it ended"})
        self.assertEqual(turns.values("b", "n.p99", 0.5), [1, 1, 1])
        for name, key in (("a", "n"), ("b", "n"), ("b", "n.p50"), ("d", "n")):
            with self.assertRaises(CannotMeasure):
                turns.values(name, key)


class Loads(unittest.TestCase):
    def test_options_become_flags(self):
        self.assertEqual(arguments_of({"cpu_of": [1, 2], "watchers_only": True, "rate": None,
                                       "seconds": 0.5, "quiet": False}),
                         ["--cpu-of", "1", "--cpu-of", "2", "--watchers-only", "--seconds", "0.5"])

    def test_unexpected_answers_make_the_figures_worthless(self):
        check_answers({"statuses": {"201": 5000}, "errors": 0}, ("201",))
        for result in ({"statuses": {"201": 100, "503": 1}}, {"statuses": {}},
                       {"statuses": {"201": 100}, "errors": 7}):
            with self.assertRaises(CannotMeasure):
                check_answers(result, ("201",))

    def test_a_load_that_fails_or_says_nothing_is_no_result(self):
        self.assertEqual(result_in("read", 'x\n{"a": 1}\n', "", 0, False), {"a": 1})
        for output, code in (('{"a": 1}', 1), ("", 0), ("[1]", 0), ("{", 0)):
            with self.assertRaises(CannotMeasure):
                result_in("read", output, "why", code, False)

    def test_the_servers_address_is_found_in_its_log(self):
        self.assertEqual(url_in('level=info event=listening url="http://127.0.0.1:1" io_threads=1'),
                         "http://127.0.0.1:1")
        self.assertIsNone(url_in("level=info event=starting"))


def cluster_of(*owners, ready=True):
    """What a node would say of a cluster in which these have the shards 0, 1 and so on."""
    names = sorted(set(owners))
    return {"nodes": [{"name": name, "ready": ready,
                       "linkedTo": [other for other in names if other != name]}
                      for name in names],
            "shards": [{"shard": shard, "node": owner} for shard, owner in enumerate(owners)]}


class Clusters(unittest.TestCase):
    def test_shards_are_spread_once_each_node_has_its_part_and_a_link_to_all_others(self):
        self.assertTrue(is_spread(cluster_of("a", "b", "a", "b"), 2))
        self.assertTrue(is_spread(cluster_of("a", "b", "a"), 2))
        self.assertFalse(is_spread(cluster_of("a", "a", "a", "b"), 2))
        self.assertFalse(is_spread(cluster_of("a", "b"), 3))
        self.assertFalse(is_spread(cluster_of("a", "b", ready=False), 2))
        unlinked = cluster_of("a", "b")
        unlinked["nodes"][0]["linkedTo"] = []
        self.assertFalse(is_spread(unlinked, 2))
        orphaned = cluster_of("a", "b")
        orphaned["shards"].append({"shard": 2, "node": "gone"})
        self.assertFalse(is_spread(orphaned, 2))

    def test_owners_stand_in_the_order_of_their_shards(self):
        state = cluster_of("a", "b", "c")
        state["shards"].reverse()
        self.assertEqual(owners_in(state), ["a", "b", "c"])

    def test_the_shard_is_read_off_the_id(self):
        for slot_bits, slot in (("8000-8", 0), ("8000-b", 3), ("8001-9", 5), ("8fff-b", 16383),
                                ("8800-8", 8192)):
            id_ = f"01977e8a-3c40-{slot_bits}c3d-6f1e2d3c4b5a"
            self.assertEqual(shard_of(id_, 64), slot // 256, id_)
        self.assertEqual(shard_of("01977e8a-3c40-8fff-bc3d-6f1e2d3c4b5a", 1), 0)

    def test_a_state_is_split_by_who_has_its_tickets_and_keeps_its_people(self):
        low, high = ("01977e8a-3c40-8000-8c3d-6f1e2d3c4b5a", "01977e8a-3c40-8fff-bc3d-6f1e2d3c4b5a")
        with tempfile.TemporaryDirectory() as held:
            whole = pathlib.Path(held) / "state"
            whole.write_text(f"head\nseller\ts\tp\tc\nbuyer\tb\tp\tc\nticket\t{low}\n"
                             f"ticket\t{high}\n", encoding="utf-8")
            part = split_state(whole, ["a", "b"], "b", pathlib.Path(held) / "part")
            self.assertEqual(part.read_text(encoding="utf-8").splitlines(),
                             ["head", "seller\ts\tp\tc", "buyer\tb\tp\tc", f"ticket\t{high}"])

    def test_the_cpu_is_told_apart_by_process(self):
        told = with_shares({"cpu_seconds_per_1000_of": {"7": 0.25, "8": 0.5, "9": 1}}, 9)
        self.assertEqual((told["redis_cpu_per_1000"], told["nodes_cpu_per_1000"]), (1, 0.75))


class ScriptedCaller:
    """Answers a winner's questions as if the ticket were held by `order`."""

    def __init__(self, order, status="created"):
        self.order, self.status = order, status

    def call(self, _method, path):
        if path.startswith("/api/tickets/"):
            return 200, {"status": "reserved", "orderId": self.order}
        return 200, {"status": self.status}

    def close(self):
        pass


class Winners(unittest.TestCase):
    def test_a_winner_that_still_holds_the_ticket_is_not_lost(self):
        outcome = verify({"t": [(0, "o")]}, lambda _: ScriptedCaller("o"))
        self.assertEqual((outcome.winners, outcome.lost), (1, 0))

    def test_a_ticket_of_somebody_else_an_order_undone_and_two_winners_count_as_lost(self):
        self.assertEqual(verify({"t": [(0, "o")]}, lambda _: ScriptedCaller("other")).lost, 1)
        self.assertEqual(
            verify({"t": [(0, "o")]}, lambda _: ScriptedCaller("o", "cancelled")).lost, 1)
        self.assertGreaterEqual(
            verify({"t": [(0, "o"), (1, "p")]}, lambda _: ScriptedCaller("o")).lost, 1)


if __name__ == "__main__":
    unittest.main()
