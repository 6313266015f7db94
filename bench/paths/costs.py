"""What an operation of each hot path costs, and whether that has grown. Used by
scripts/compare-costs.

  costs.py measure PROGRAM OUT      runs holdfast-paths under callgrind, twice; writes the costs
  costs.py compare BEFORE AFTER     a table of two such files; exits 3 when something got dearer
  costs.py check KNOWN MEASURED     the same against the checked-in file, which must know every path

The functions above main() are pure but for measure_once(); tests/bench/costs_test.py holds them.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass

# A path may get dearer by the larger of these before it counts.
GROWTH_MAX = 0.03
GROWTH_INSTRUCTIONS_MAX = 200
# When compiler or libraries are others than those that the costs before were counted with.
FOREIGN_GROWTH_MAX = 0.15
FOREIGN_GROWTH_INSTRUCTIONS_MAX = 1000
# Of an allocation: tables that grow with the entities do so now and then, not with every operation.
ALLOCATIONS_GROWTH_MAX = 0.05

DEARER = 3

# Which of its functions the C library takes (memcpy, strlen), and OpenSSL's, depends on the
# processor. These take the same everywhere: what every x86-64 has. Other processors ignore them. So
# hashing weighs more here than on a processor with instructions for it.
FIXED_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX2_Usable,-AVX,"
                      "-ERMS,-FSRM,-SSE4_2,-SSE4_1,-SSSE3,-RTM,-BMI1,-BMI2,-LZCNT,-MOVBE,-POPCNT",
    "OPENSSL_ia32cap": "0:0",
}


class Failure(Exception):
    """Something that the caller is told in one sentence."""


# -- Counting ---------------------------------------------------------------------------------------

def counted_instructions(dumps):
    """(path, operations) -> instructions, from the texts of callgrind's dumps."""
    result = {}
    for text in dumps:
        label = re.search(r"^desc: Trigger: Client Request: (\S+) (\d+)$", text, re.MULTILINE)
        totals = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
        if label and totals:
            result[label.group(1), int(label.group(2))] = int(totals.group(1))
    return result


def costs_of(report, instructions):
    """The costs of one operation of each path, from what was counted over N and over 2N of them."""
    count = report["count"]
    paths = {}
    for path in report["paths"]:
        name = path["name"]
        once, twice = instructions.get((name, count)), instructions.get((name, 2 * count))
        if once is None or twice is None:
            raise Failure(f"callgrind has not counted {name}: was the program built without "
                          "valgrind's headers?")
        paths[name] = {
            "operation": path["operation"],
            "instructions": round((twice - once) / count),
            "allocations": round((path["allocations"][1] - path["allocations"][0]) / count, 2),
            "bytes": round((path["bytes"][1] - path["bytes"][0]) / count),
        }
    return {"environment": report["environment"], "paths": paths}


def disagreements(one, other):
    """Names of the paths that two counts of the same program don't agree on."""
    names = one["paths"].keys() | other["paths"].keys()
    return sorted(n for n in names if one["paths"].get(n) != other["paths"].get(n))


def text_of(costs):
    """JSON with a line for each path, so that a change is a line of a diff."""
    lines = [f"    {json.dumps(name)}: {json.dumps(cost)}" for name, cost in costs["paths"].items()]
    return ('{\n  "environment": ' + json.dumps(costs["environment"]) + ',\n  "paths": {\n' +
            ",\n".join(lines) + "\n  }\n}\n")


def measure_once(program):
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / "dump"
        ended = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", os.path.abspath(program)],
            cwd=directory, env=FIXED_ENVIRONMENT, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Failure(f"{program} under valgrind ended with {ended.returncode}:\n{ended.stderr}")
        dumps = [file.read_text() for file in out.parent.glob("dump.*")]
        return costs_of(json.loads(ended.stdout), counted_instructions(dumps))


def measure(program):
    costs = measure_once(program)
    different = disagreements(costs, measure_once(program))
    if different:
        raise Failure("two counts of the same program differ, so they prove nothing: " +
                      ", ".join(different))
    return costs


# -- Comparing --------------------------------------------------------------------------------------

@dataclass
class Row:
    name: str
    before: dict | None
    after: dict | None
    verdict: str  # same, cheaper, dearer, new, gone


def environment_differences(before, after):
    """"compiler gcc 12.2.0 -> gcc 13.2.0" for everything that differs."""
    return [f"{key} {before.get(key)} -> {after.get(key)}"
            for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]


def instructions_bound(before, before_environment, after_environment):
    """How much an operation of so many instructions may grow; None: no comparison is possible."""
    if before_environment == after_environment:
        return max(before * GROWTH_MAX, GROWTH_INSTRUCTIONS_MAX)
    for key in ("architecture", "build_type"):
        if before_environment.get(key) != after_environment.get(key):
            return None
    return max(before * FOREIGN_GROWTH_MAX, FOREIGN_GROWTH_INSTRUCTIONS_MAX)


def verdict_of(before, after, bound):
    growth = after["instructions"] - before["instructions"]
    allocations = after["allocations"] - before["allocations"]
    if allocations > ALLOCATIONS_GROWTH_MAX or (bound is not None and growth > bound):
        return "dearer"
    if allocations < -ALLOCATIONS_GROWTH_MAX or (bound is not None and -growth > bound):
        return "cheaper"
    return "same"


def compare(before, after):
    rows = []
    for name in list(before["paths"]) + [n for n in after["paths"] if n not in before["paths"]]:
        old, new = before["paths"].get(name), after["paths"].get(name)
        if old is None or new is None:
            rows.append(Row(name, old, new, "new" if old is None else "gone"))
            continue
        bound = instructions_bound(old["instructions"], before["environment"],
                                   after["environment"])
        rows.append(Row(name, old, new, verdict_of(old, new, bound)))
    return rows


def change_text(before, after):
    if before == after:
        return "0"
    share = f" ({(after - before) / before * 100:+.1f} %)" if before else ""
    return f"{after - before:+,}{share}"


def growth_text(before, after):
    """"instructions +618 (+0.9 %), allocations +5": what has grown."""
    parts = []
    if after["instructions"] > before["instructions"]:
        parts.append("instructions " +
                     change_text(before["instructions"], after["instructions"]))
    if after["allocations"] > before["allocations"]:
        parts.append(f"allocations {after['allocations'] - before['allocations']:+.4g}")
    return ", ".join(parts)


def table(rows):
    cells = [["path", "instructions", "after", "change", "allocations", "after", "bytes", "after",
              ""]]
    for row in rows:
        line = [row.name]
        for key, digits in (("instructions", 0), ("allocations", 2), ("bytes", 0)):
            line += [f"{cost[key]:,.{digits}f}" if cost else "-" for cost in (row.before, row.after)]
            if key == "instructions":
                both = row.before and row.after
                line.append(change_text(row.before[key], row.after[key]) if both else "-")
        cells.append(line + ["" if row.verdict == "same" else row.verdict])
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0])] +
                  [cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1])] +
                  [line[-1]]).rstrip()
        for line in cells)


def notes(before, after, rows, strict):
    """Sentences behind the table."""
    different = environment_differences(before["environment"], after["environment"])
    if different:
        bound = instructions_bound(0, before["environment"], after["environment"])
        how = ("so only allocations are compared" if bound is None else
               f"so instructions may differ by {FOREIGN_GROWTH_MAX:.0%}; allocations may not grow "
               "all the same")
        yield f"counted with other tools ({'; '.join(different)}), {how}"
    named = {v: [r.name for r in rows if r.verdict == v] for v in ("dearer", "cheaper", "new", "gone")}
    for row in rows:
        if row.verdict == "dearer":
            yield f"dearer: {row.name}, {growth_text(row.before, row.after)} an operation"
    if named["cheaper"] and strict:
        yield (f"cheaper: {', '.join(named['cheaper'])}; scripts/compare-costs --update holds what "
               "has been gained")
    if strict and (named["new"] or named["gone"]):
        yield "paths came or went: scripts/compare-costs --update"


def has_failed(rows, strict):
    bad = {"dearer", "new", "gone"} if strict else {"dearer"}
    return any(row.verdict in bad for row in rows)


# -- Command line -----------------------------------------------------------------------------------

def report_comparison(before_file, after_file, strict):
    before = json.loads(pathlib.Path(before_file).read_text())
    after = json.loads(pathlib.Path(after_file).read_text())
    rows = compare(before, after)
    print(table(rows))
    for note in notes(before, after, rows, strict):
        print(note)
    return DEARER if has_failed(rows, strict) else 0


def main(arguments):
    match arguments:
        case ["measure", program, out]:
            pathlib.Path(out).write_text(text_of(measure(program)))
            return 0
        case ["compare", before, after]:
            return report_comparison(before, after, strict=False)
        case ["check", known, measured]:
            return report_comparison(known, measured, strict=True)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(1)
