#!/usr/bin/env python3
"""Shows on planted files that check_contract_rules.py fails when it should, and only then."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parent / "check_contract_rules.py"


def check(rules, sources):
    """The checker's exit status and text over a planted tests directory."""
    with tempfile.TemporaryDirectory() as name:
        tests = pathlib.Path(name)
        (tests / "net").mkdir()
        (tests / "net" / "contract_rules.txt").write_text(rules, encoding="utf-8")
        for path, text in sources.items():
            (tests / path).write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, str(CHECKER), name], capture_output=True,
                              text=True, check=False, timeout=30)
        return done.returncode, done.stdout + done.stderr


def tag(name):
    return 'TEST_CASE("x", "[' + 'rule:' + name + ']") {}\n'


class Checker(unittest.TestCase):
    def test_a_rule_without_a_test_fails_by_name(self):
        status, text = check("a.one | First.\na.two | Second.\n", {"x_test.cpp": tag("a.one")})
        self.assertEqual(status, 1)
        self.assertIn("a.two: Second.", text)
        self.assertNotIn("a.one: First.", text)

    def test_tags_and_comments_name_rules(self):
        status, _ = check("a.one | First.\na.two | Second.\n",
                          {"x_test.cpp": tag("a.one"), "y.test.mjs": "// " + "rule: a.two\n"})
        self.assertEqual(status, 0)

    def test_a_comment_in_a_catch2_file_names_nothing(self):
        status, _ = check("a.one | First.\n", {"x_test.cpp": "// " + "rule: a.one\n"})
        self.assertEqual(status, 1)

    def test_an_unknown_rule_fails(self):
        status, text = check("a.one | First.\n", {"x_test.cpp": tag("a.one") + tag("a.three")})
        self.assertEqual(status, 1)
        self.assertIn("a.three", text)

    def test_a_table_that_is_no_table_fails(self):
        self.assertEqual(check("a.one First.\n", {})[0], 1)
        self.assertEqual(check("a.one | First.\na.one | Again.\n", {})[0], 1)


if __name__ == "__main__":
    unittest.main()
