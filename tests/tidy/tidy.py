"""The house rules that a program can see, checked on the sources of this repository.

Each rule is a function from the sources (path -> text) to problems, so that tidy_test.py can show on
planted text that it fails when it should. Run it alone: python3 tests/tidy/tidy.py
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

CPP = (".cpp", ".hpp")
SCRIPT = (".ts", ".tsx", ".mjs", ".js")

# -- Who may include whom ---------------------------------------------------------------------------
# A row is for one file, or for a folder and everything below it; the longest that matches wins.
# `rooms` are the folders (or single headers) that a quoted include may begin with; `libraries` the
# prefixes of the angle-bracket includes that are somebody's property, see OWNED. tests/ and main.cpp
# may all.

INCLUDES = {
    # The one thing that domain/ borrows is a hash, which is as pure as it is itself.
    "domain": {"rooms": ["domain/"], "libraries": ["openssl/sha.h"]},
    "config": {"rooms": ["config/"], "libraries": []},
    "persistence": {
        "rooms": ["domain/", "config/", "persistence/"],
        "libraries": ["sqlite3.h", "hiredis", "boost/json", "openssl/"],
    },
    "payments": {
        "rooms": ["domain/", "config/", "payments/"],
        "libraries": ["boost/json", "openssl/"],
    },
    "payments/test": {  # its ledger is the provider's own, not the store
        "rooms": ["domain/", "config/", "payments/"],
        "libraries": ["boost/json", "openssl/", "sqlite3.h"],
    },
    # The sockets of all providers, which know no more than its header.
    "payments/http": {
        "rooms": ["config/", "payments/http/"],
        "libraries": ["boost/asio", "boost/beast", "boost/system", "openssl/"],
    },
    "payments/http/http_client.hpp": {"rooms": [], "libraries": []},
    "actors/protocol": {
        "rooms": ["domain/", "actors/protocol/"],
        "libraries": ["caf/"],
    },
    "actors/protocol/local_messages.hpp": {  # what never leaves the node
        "rooms": ["domain/", "actors/protocol/", "persistence/store.hpp", "payments/provider.hpp"],
        "libraries": ["caf/"],
    },
    "actors/protocol/cluster_messages.hpp": {  # leases, as the store tells of them
        "rooms": ["domain/", "actors/protocol/", "persistence/store.hpp"],
        "libraries": ["caf/"],
    },
    "actors/cluster/caf_peers.cpp": {  # checks the files of TLS between nodes
        "rooms": ["domain/", "config/", "actors/", "persistence/store.hpp"],
        "libraries": ["caf/", "openssl/"],
    },
    "actors": {
        "rooms": ["domain/", "config/", "actors/", "payments/provider.hpp",
                  "persistence/store.hpp", "persistence/catalog.hpp",
                  "persistence/record_codec.hpp", "persistence/request_codec.hpp"],
        "libraries": ["caf/", "boost/intrusive", "boost/unordered"],
    },
    "actors/node.cpp": {  # starts and stops the others, so it sees their headers and more
        "rooms": ["domain/", "config/", "actors/", "persistence/", "payments/"],
        "libraries": ["caf/", "openssl/rand.h"],
    },
    "net/api": {
        "rooms": ["domain/", "config/", "net/api/", "net/flow/", "actors/protocol/"],
        "libraries": ["boost/json", "boost/url", "boost/beast/http", "openssl/"],
    },
    "net/flow": {
        "rooms": ["domain/", "config/", "net/api/", "net/flow/"],
        "libraries": ["boost/intrusive"],
    },
    "net/auth": {
        "rooms": ["domain/", "config/", "net/api/", "net/auth/"],
        "libraries": ["boost/container/", "boost/json", "openssl/", "argon2.h"],
    },
    "net/http": {
        "rooms": ["domain/", "config/", "net/"],
        "libraries": ["boost/", "openssl/"],
    },
    "net/bridge": {
        "rooms": ["domain/", "config/", "net/", "actors/protocol/", "actors/gateway.hpp",
                  "actors/router.hpp", "actors/scheduling/"],
        "libraries": ["caf/", "boost/asio", "boost/intrusive"],
    },
    "net/endpoints": {  # actors answer with caf::error, which it turns into a refusal
        "rooms": ["domain/", "config/", "net/", "actors/protocol/", "actors/gateway.hpp"],
        "libraries": ["boost/", "openssl/", "caf/error.hpp", "caf/actor_cast.hpp"],
    },
    "net": {
        "rooms": ["domain/", "config/", "net/", "actors/protocol/", "actors/gateway.hpp"],
        "libraries": ["boost/", "openssl/"],
    },
}

# Libraries whose use is tied to rooms; any other angle-bracket include is anybody's.
OWNED = ["caf/", "boost/", "sqlite3.h", "hiredis", "openssl/", "argon2.h"]

# -- What must not be written -----------------------------------------------------------------------
# (pattern, where, except where, what to do instead); on code without comments and string contents.

BANNED_CODE = [
    (r'#include\s*<caf/(io/)?all\.hpp>', r'\.[ch]pp$', None,
     "include the headers that are used: this one costs seconds per file"),
    # io_actor keeps the deadlines of its requests itself, in one queue instead of a timer for each.
    (r'\binfinite\b', r'^(actors|net|persistence|payments|main)', r'^net/bridge/io_actor\.',
     "give the request a deadline: with an infinite one a lost reply is never noticed"),
    (r'(\.|->)await\s*\(', r'\.[ch]pp$', None,
     "use .then and command_queue: await holds back exit and down messages too"),
    # node and demo_tickets run on main's thread, while starting and stopping.
    (r'\b(scoped_actor|blocking_actor)\b', r'\.[ch]pp$',
     r'^(main\.cpp|tests/|bench/|actors/(node|node_cluster|demo_tickets)\.)',
     "use an event-based actor: a blocked worker stalls every actor behind it"),
    (r'\bactor_companion\b', r'\.[ch]pp$', None,
     "use an actor on the io_context: companions lack half of their functions in 0.17.6"),
    (r'(\.|->)groups\s*\(\s*\)', r'\.[ch]pp$', None,
     "let the feed send to its subscribers: groups are untyped"),
    (r'\b(double|float)\b', r'^actors/protocol/', None,
     "use integers (minor units, milliseconds): CAF 0.17.6 never returns from serialising infinity"),
    (r'\bstd::(cout|cerr|clog)\b|\bf?printf\s*\(', r'\.[ch]pp$',
     r'^(config/log\.cpp|main\.cpp|net/admin/admin_client\.cpp|tests/|bench/)',  # command lines
     "use holdfast::log"),
    (r'\b(sleep_for|sleep_until|usleep|nanosleep)\b', r'^(tests/.*\.[ch]pp$|frontend/tests/)', None,
     "wait for the very thing with a deadline, or use virtual time"),
    (r'\busing\s+namespace\b', r'\.hpp$', r'^tests/',
     "name what is used: a header must not open namespaces for those who include it"),
    (r'\bwaitForTimeout\b|\bsetTimeout\s*\(\s*(r|res|resolve|done|next)\b', r'^(tests|frontend/tests)/',
     None, "wait for the very thing with a deadline"),
    (r'\.(only|skip)\s*\(', r'^(tests|frontend/tests)/.*\.(ts|tsx|mjs|js)$', None,
     "a test that does not run promises nothing"),
    (r'\b(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdangerouslySetInnerHTML\b|'
     r'\bdocument\.write\b|\beval\s*\(', r'^frontend/', r'^frontend/tests/',
     "build elements and set text: strangers' titles must never become markup"),
]

# The same on the whole text, comments and strings included.
BANNED_TEXT = [
    (r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b', r'.', None, "do it now, or say in the docs that it is not done"),
    (r'(?<![\w.])/wor' r'k/', r'.', None, "name paths relative to the repository"),
    (r'\[!(mayfail|shouldfail)\]|\[\.\]', r'^tests/.*\.cpp$', None,
     "a test that may fail promises nothing"),
]

LINES_MAX = 450
LINES_MAX_TESTS = 700
COLUMNS_MAX = 100
FUNCTION_LINES_REPORTED = 70
FUNCTION_LINES_MAX = 110


# -- Reading ----------------------------------------------------------------------------------------

def repository_sources(root=ROOT):
    """Path -> text of every text file of the project, committed or about to be."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if listed.returncode == 0:
        paths = listed.stdout.decode().split("\0")[:-1]
    else:  # an unpacked archive
        skipped = {"build", "node_modules", "dist", "data", ".git"}
        paths = [str(p.relative_to(root)) for p in root.rglob("*")
                 if p.is_file() and not skipped & set(p.relative_to(root).parts)]
    sources = {}
    for path in paths:
        file = root / path
        if not file.is_file() or "package-lock.json" in path:
            continue
        try:
            sources[path] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            pass  # an image, a corpus
    return sources


TOKENS = re.compile(
    r'R"(?P<mark>[^(\s]{0,16})\(.*?\)(?P=mark)"'
    r'|//[^\n]*|/\*.*?\*/'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![\w])'(?:\\.|[^'\\\n])+'"
    r'|`(?:\\.|[^`\\])*`',
    re.DOTALL)


def code_of(text):
    """The text with comments and the insides of strings blanked out, lines where they were."""
    def blank(match):
        token = match.group(0)
        start = text.rfind("\n", 0, match.start()) + 1
        if token.startswith('"') and text[start:match.start()].lstrip().startswith("#include"):
            return token
        return re.sub(r"[^\n]", " ", token)
    return TOKENS.sub(blank, text)


def matching(sources, where, except_where=None):
    for path, text in sorted(sources.items()):
        if re.search(where, path) and not (except_where and re.search(except_where, path)):
            yield path, text


def line_of(text, position):
    return text.count("\n", 0, position) + 1


# -- Rules ------------------------------------------------------------------------------------------

def room_of(path):
    rows = [row for row in INCLUDES if path == row or path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def includes_point_one_way(sources):
    for path, text in matching(sources, r"\.[ch]pp$"):
        room = room_of(path)
        for match in re.finditer(r'^\s*#include\s*(["<])([^">]+)[">]', code_of(text), re.MULTILINE):
            kind, target = match.groups()
            place = f"{path}:{line_of(text, match.start(2))}"
            if kind == '"':
                if "/" not in target or target.startswith("."):
                    yield f'{place}: "{target}": write includes from the repository\'s root'
                elif room and not any(target.startswith(r) for r in INCLUDES[room]["rooms"]):
                    allowed = ", ".join(INCLUDES[room]["rooms"])
                    yield f'{place}: {room} may not include "{target}"; it may: {allowed}'
            elif room and any(target.startswith(o) for o in OWNED):
                if not any(target.startswith(lib) for lib in INCLUDES[room]["libraries"]):
                    allowed = ", ".join(INCLUDES[room]["libraries"]) or "none of the libraries"
                    yield f"{place}: {room} may not include <{target}>; it may: {allowed}"


def nothing_banned_is_written(sources):
    for rules, of in ((BANNED_CODE, code_of), (BANNED_TEXT, lambda text: text)):
        for pattern, where, except_where, instead in rules:
            for path, text in matching(sources, where, except_where):
                if not path.endswith(CPP + SCRIPT) and rules is BANNED_CODE:
                    continue
                for match in re.finditer(pattern, of(text)):
                    found = match.group(0).strip()
                    yield f"{path}:{line_of(text, match.start())}: {found}: {instead}"


def files_are_one_idea(sources):
    for path, text in matching(sources, r"\.(cpp|hpp|ts|tsx|mjs|js|py|sh)$|^scripts/"):
        lines = text.count("\n")
        tests = path.startswith("tests/") or "/tests/" in path
        limit = LINES_MAX_TESTS if tests else LINES_MAX
        if lines > limit:
            yield f"{path}: {lines} lines, at most {limit}: which second idea can move out?"


def functions(text):
    """(name, first line, lines) of each C++ function body, found by its braces."""
    code = re.sub(r"^[ \t]*#.*", lambda m: " " * len(m.group(0)), code_of(text), flags=re.MULTILINE)
    stack = []  # (is_scope, position of the head, the head)
    head_start = 0
    for position, character in enumerate(code):
        if character == "{":
            head = code[head_start:position]
            inside_scopes = all(scope for scope, _, _ in stack)
            is_scope = inside_scopes and re.search(
                r"\b(namespace|class|struct|union|enum)\b[^()=]*(?:\(\w*\)[^()=]*)*$", head) is not None
            stack.append((is_scope, head_start + len(head) - len(head.lstrip()), head))
            head_start = position + 1
        elif character == "}":
            if stack:
                is_scope, start, head = stack.pop()
                if not is_scope and all(scope for scope, _, _ in stack) and "(" in head:
                    name = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
                    first = line_of(code, start)
                    yield (name.group(1) if name else "?", first, line_of(code, position) - first + 1)
            head_start = position + 1
        elif character == ";" and all(scope for scope, _, _ in stack):
            head_start = position + 1


def long_functions(sources, above):
    for path, text in matching(sources, r"\.[ch]pp$", r"^(tests|bench)/"):
        for name, line, lines in functions(text):
            if lines > above:
                yield f"{path}:{line}: {name} has {lines} lines"


def functions_fit_on_a_screen(sources):
    for problem in long_functions(sources, FUNCTION_LINES_MAX):
        yield f"{problem}, at most {FUNCTION_LINES_MAX}"


def lines_are_clean(sources):
    for path, text in matching(sources, r"\.(cpp|hpp|ts|tsx|mjs|js|py|css|cmake)$|^scripts/|CMakeLists"):
        if text and not text.endswith("\n"):
            yield f"{path}: does not end with a line break"
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip() or "\r" in line:
                yield f"{path}:{number}: blanks or a carriage return at the end of the line"
            if "\t" in line:
                yield f"{path}:{number}: a tab; indent with two spaces"
            if len(line) > COLUMNS_MAX and path.endswith(CPP):
                yield f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"


def headers_say_what_they_are_for(sources):
    for path, text in matching(sources, r"\.hpp$"):
        if "#pragma once" not in text:
            yield f"{path}: begin with #pragma once"
        if not any(line.startswith("//") for line in text.split("\n")[:3]):
            yield f"{path}: open with a comment: what it is for, who owns it, on which thread"


def every_source_is_used(sources):
    builds = {str(pathlib.PurePosixPath(p).parent): t
              for p, t in sources.items() if p.endswith("CMakeLists.txt")}
    for path, _ in matching(sources, r"\.cpp$"):
        folders = [str(parent) for parent in pathlib.PurePosixPath(path).parents]
        named = any(
            re.search(r"(?<![\w./])" + re.escape(str(pathlib.PurePosixPath(path).relative_to(folder)))
                      + r"(?![\w.])", builds[folder])
            for folder in folders if folder in builds)
        if not named:
            yield f"{path}: no CMakeLists.txt names it"
    included = set()
    for path, text in matching(sources, r"\.[ch]pp$"):
        included |= {t for t in re.findall(r'#include\s*"([^"]+)"', text) if t != path}
    for path, _ in matching(sources, r"\.hpp$"):
        if path not in included:
            yield f"{path}: nobody includes it"
    imported = set()
    for path, text in matching(sources, r"^frontend/.*\.(ts|tsx|mjs|js|html)$"):
        for target in re.findall(r"""(?:from|import|src=)\s*\(?\s*['"]([^'"]+)['"]""", text):
            imported.add(re.sub(r"\.(ts|tsx|js)$", "", target.split("/")[-1]))
    for path, _ in matching(sources, r"^frontend/src/.*\.tsx?$", r"\.d\.ts$"):
        if pathlib.PurePosixPath(path).stem not in imported:
            yield f"{path}: nobody imports it"


RULES = [
    includes_point_one_way,
    nothing_banned_is_written,
    files_are_one_idea,
    functions_fit_on_a_screen,
    lines_are_clean,
    headers_say_what_they_are_for,
    every_source_is_used,
]


def main():
    sources = repository_sources()
    problems = [problem for rule in RULES for problem in rule(sources)]
    for problem in problems:
        print(problem)
    long = list(long_functions(sources, FUNCTION_LINES_REPORTED))
    if long:
        print(f"\nFunctions of more than {FUNCTION_LINES_REPORTED} lines (no failure, a look):")
        for problem in long:
            print(f"  {problem}")
    print(f"\n{len(sources)} files read, {len(problems)} problems")
    return 1 if problems or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
