#!/usr/bin/env python3
"""Fails for a rule of contract_rules.txt that no test names, and for a name that is no rule.

Usage: check_contract_rules.py <tests directory>
"""

import pathlib
import re
import sys

TAG = re.compile(r"\[rule:([a-z0-9_.]+)\]")
COMMENT = re.compile(r"(?://|#)\s*rule:\s*([a-z0-9_.]+)")
CATCH2_SUFFIXES = {".cpp"}
OTHER_SUFFIXES = {".py", ".mjs", ".js", ".ts", ".sh"}


def read_rules(path):
    """Rule ids with their sentences, in the table's order."""
    rules = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        rule, separator, sentence = (part.strip() for part in line.partition("|"))
        if not separator or not sentence or not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", rule):
            sys.exit(f"{path}:{number}: not of the form 'id | sentence'")
        if rule in rules:
            sys.exit(f"{path}:{number}: the rule {rule} is there twice")
        rules[rule] = sentence
    return rules


def read_names(tests, itself):
    """Rule names in tests, with the first file that has each."""
    names = {}
    for path in sorted(tests.rglob("*")):
        if not path.is_file() or path.resolve() == itself or "node_modules" in path.parts:
            continue
        if path.suffix in CATCH2_SUFFIXES:
            pattern = TAG
        elif path.suffix in OTHER_SUFFIXES:
            pattern = COMMENT
        else:
            continue
        for name in pattern.findall(path.read_text(encoding="utf-8")):
            names.setdefault(name, path)
    return names


def main():
    tests = pathlib.Path(sys.argv[1])
    rules = read_rules(tests / "net" / "contract_rules.txt")
    names = read_names(tests, pathlib.Path(__file__).resolve())
    missing = [rule for rule in rules if rule not in names]
    unknown = [name for name in names if name not in rules]
    for rule in missing:
        print(f"no test names the rule {rule}: {rules[rule]}")
    for name in unknown:
        print(f"{names[name]} names {name}, which is no rule of contract_rules.txt")
    print(f"{len(rules) - len(missing)} of {len(rules)} rules are named by a test")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
