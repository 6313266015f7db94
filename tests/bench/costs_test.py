"""What bench/paths/costs.py makes of counts, and when it says that something got dearer."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "paths"))
import costs  # noqa: E402

HERE = {"architecture": "x86_64", "build_type": "Release", "compiler": "gcc 12.2.0"}
ELSEWHERE = {**HERE, "compiler": "gcc 13.2.0"}
OTHER_PROCESSOR = {**HERE, "architecture": "aarch64"}


def counted(environment=HERE, **paths):
    """name=(instructions, allocations)"""
    return {"environment": environment,
            "paths": {name: {"operation": "-", "instructions": cost[0], "allocations": cost[1],
                             "bytes": 100} for name, cost in paths.items()}}


def verdict(before, after, environment=HERE):
    (row,) = costs.compare(counted(hold=before), counted(environment, hold=after))
    return row.verdict


def dump(label, total):
    return f"version: 1\ndesc: Trigger: Client Request: {label}\nevents: Ir\ntotals: {total}\n"


class Counting(unittest.TestCase):
    report = {"environment": HERE, "count": 10,
              "paths": [{"name": "hold", "operation": "hold a ticket",
                         "allocations": [57, 107], "bytes": [1_000, 1_900]}]}

    def test_what_once_and_twice_have_in_common_drops_out(self):
        instructions = costs.counted_instructions([dump("hold 10", 5_700), dump("hold 20", 10_700)])
        self.assertEqual(costs.costs_of(self.report, instructions)["paths"]["hold"],
                         {"operation": "hold a ticket", "instructions": 500, "allocations": 5.0,
                          "bytes": 90})

    def test_what_lies_between_the_paths_belongs_to_none(self):
        self.assertEqual(costs.counted_instructions(
            [dump("before", 99), "desc: Trigger: Program termination\ntotals: 77\n"]), {})

    def test_a_path_that_was_not_counted_is_a_failure_and_no_zero(self):
        with self.assertRaisesRegex(costs.Failure, "has not counted hold"):
            costs.costs_of(self.report, {("hold", 10): 5})

    def test_two_counts_that_differ_are_named(self):
        self.assertEqual(costs.disagreements(counted(a=(1, 1), b=(2, 2)), counted(a=(1, 1), b=(3, 2))),
                         ["b"])

    def test_the_file_has_a_line_for_each_path_and_reads_back(self):
        written = counted(a=(1, 1), b=(2, 2))
        text = costs.text_of(written)
        self.assertEqual(json.loads(text), written)
        self.assertEqual(len([line for line in text.splitlines() if '"operation"' in line]), 2)


class Comparing(unittest.TestCase):
    def test_three_percent_more_instructions_are_borne_and_no_more(self):
        self.assertEqual(verdict((100_000, 5), (103_000, 5)), "same")
        self.assertEqual(verdict((100_000, 5), (103_001, 5)), "dearer")

    def test_a_short_path_may_grow_by_two_hundred_instructions(self):
        self.assertEqual(verdict((100, 0), (300, 0)), "same")
        self.assertEqual(verdict((100, 0), (301, 0)), "dearer")

    def test_one_more_allocation_is_too_many_though_instructions_fall(self):
        self.assertEqual(verdict((100_000, 86.43), (50_000, 87.43)), "dearer")

    def test_a_table_that_doubles_at_another_time_is_no_allocation(self):
        self.assertEqual(verdict((100_000, 86.43), (100_000, 86.45)), "same")

    def test_what_got_cheaper_is_said(self):
        self.assertEqual(verdict((100_000, 5), (90_000, 5)), "cheaper")
        self.assertEqual(verdict((100_000, 5), (100_000, 4)), "cheaper")

    def test_another_compiler_may_take_more_instructions_but_no_allocation(self):
        self.assertEqual(verdict((100_000, 5), (115_000, 5), ELSEWHERE), "same")
        self.assertEqual(verdict((100_000, 5), (115_001, 5), ELSEWHERE), "dearer")
        self.assertEqual(verdict((100_000, 5), (100_000, 6), ELSEWHERE), "dearer")

    def test_instructions_of_another_processor_are_not_compared(self):
        self.assertEqual(verdict((100, 5), (100_000, 5), OTHER_PROCESSOR), "same")
        self.assertEqual(verdict((100, 5), (100, 6), OTHER_PROCESSOR), "dearer")

    def test_other_tools_are_named(self):
        before, after = counted(), counted(ELSEWHERE)
        (note,) = costs.notes(before, after, [], strict=True)
        self.assertIn("compiler gcc 12.2.0 -> gcc 13.2.0", note)
        self.assertIn("15%", note)

    def test_paths_that_come_and_go_fail_the_check_but_not_the_comparison_of_commits(self):
        rows = costs.compare(counted(a=(1, 1)), counted(b=(1, 1)))
        self.assertEqual([(row.name, row.verdict) for row in rows], [("a", "gone"), ("b", "new")])
        self.assertTrue(costs.has_failed(rows, strict=True))
        self.assertFalse(costs.has_failed(rows, strict=False))

    def test_the_table_shows_before_after_and_change(self):
        before, after = counted(hold=(10_000, 5), gone=(1, 0)), counted(hold=(11_000, 6))
        rows = costs.compare(before, after)
        lines = costs.table(rows).splitlines()
        self.assertRegex(lines[1], r"^hold +10,000 +11,000 +\+1,000 \(\+10\.0 %\) +5\.00 +6\.00 .*dearer$")
        self.assertRegex(lines[2], r"^gone +1 +- +- .*gone$")
        self.assertEqual(list(costs.notes(before, after, rows, strict=False)),
                         ["dearer: hold, instructions +1,000 (+10.0 %), allocations +1 an operation"])


class Repository(unittest.TestCase):
    def test_the_checked_in_costs_are_readable(self):
        file = pathlib.Path(costs.__file__).with_name("costs.json")
        self.assertTrue(json.loads(file.read_text())["paths"])


if __name__ == "__main__":
    unittest.main()
