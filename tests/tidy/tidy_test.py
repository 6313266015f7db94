"""Each rule of tidy.py fails on planted text, and passes on the same text put right."""

import unittest

import tidy


def problems(rule, path, text, **others):
    return list(rule({path: text, **others}))


class IncludesPointOneWay(unittest.TestCase):
    def check(self, path, include, allowed):
        found = problems(tidy.includes_point_one_way, path, f"#include {include}\n")
        self.assertEqual(found == [], allowed, f"{path} including {include}: {found}")

    def test_each_room_may_include_what_the_table_says_and_no_more(self):
        rows = [
            ("domain/a.cpp", '"domain/b.hpp"', True),
            ("domain/a.cpp", '"config/b.hpp"', False),
            ("domain/a.cpp", "<string>", True),
            ("domain/a.cpp", "<caf/fwd.hpp>", False),
            ("config/a.cpp", '"domain/b.hpp"', False),
            ("config/a.cpp", "<boost/json.hpp>", False),
            ("persistence/a.cpp", '"domain/b.hpp"', True),
            ("persistence/sqlite/a.cpp", "<sqlite3.h>", True),
            ("persistence/a.cpp", '"actors/b.hpp"', False),
            ("persistence/a.cpp", "<caf/actor.hpp>", False),
            ("persistence/a.cpp", "<boost/asio/post.hpp>", False),
            ("payments/a.cpp", '"persistence/store.hpp"', False),
            ("payments/test/a.cpp", '"domain/b.hpp"', True),
            ("payments/http/a.cpp", "<boost/beast/http.hpp>", True),
            ("payments/http/a.cpp", "<boost/asio/ssl.hpp>", True),
            ("payments/http/a.cpp", "<boost/json.hpp>", False),
            ("payments/http/a.cpp", '"payments/provider.hpp"', False),
            ("payments/http/http_client.hpp", "<boost/asio/io_context.hpp>", False),
            ("payments/stripe/a.cpp", '"payments/http/http_client.hpp"', True),
            ("payments/stripe/a.cpp", "<boost/json.hpp>", True),
            ("payments/stripe/a.cpp", "<openssl/hmac.h>", True),
            ("payments/stripe/a.cpp", "<boost/asio/post.hpp>", False),
            ("payments/a.hpp", "<boost/beast/http.hpp>", False),
            ("actors/protocol/a.hpp", '"actors/protocol/b.hpp"', True),
            ("actors/protocol/a.hpp", '"actors/b.hpp"', False),
            ("actors/protocol/a.hpp", '"persistence/store.hpp"', False),
            ("actors/protocol/local_messages.hpp", '"persistence/store.hpp"', True),
            ("actors/a.cpp", '"persistence/store.hpp"', True),
            ("actors/a.cpp", '"persistence/sqlite/b.hpp"', False),
            ("actors/a.cpp", '"payments/provider.hpp"', True),
            ("actors/a.cpp", '"payments/test/b.hpp"', False),
            ("actors/a.cpp", '"net/api/b.hpp"', False),
            ("actors/a.cpp", "<boost/beast/core.hpp>", False),
            ("net/api/a.cpp", "<boost/beast/http/message.hpp>", True),
            ("net/api/a.cpp", "<boost/asio/post.hpp>", False),
            ("net/api/a.cpp", "<caf/error.hpp>", False),
            ("net/flow/a.cpp", "<boost/beast/http/message.hpp>", False),
            ("net/http/a.cpp", "<boost/asio/post.hpp>", True),
            ("net/http/a.cpp", "<caf/actor.hpp>", False),
            ("net/http/a.cpp", '"actors/protocol/b.hpp"', False),
            ("net/bridge/a.cpp", '"actors/protocol/b.hpp"', True),
            ("net/bridge/a.cpp", '"actors/ticket_actor.hpp"', False),
            ("net/bridge/a.cpp", "<caf/actor.hpp>", True),
            ("main.cpp", '"actors/b.hpp"', True),
            ("tests/net/a.cpp", '"actors/b.hpp"', True),
        ]
        for row in rows:
            self.check(*row)

    def test_includes_are_written_from_the_root(self):
        self.check("domain/a.cpp", '"b.hpp"', False)
        self.check("tests/domain/a.cpp", '"../../domain/b.hpp"', False)

    def test_an_include_in_a_comment_is_none(self):
        text = '// #include "net/a.hpp"\n/* \n#include <caf/all.hpp>\n*/\n'
        self.assertEqual(problems(tidy.includes_point_one_way, "domain/a.cpp", text), [])


class NothingBannedIsWritten(unittest.TestCase):
    def check(self, path, text, count):
        found = problems(tidy.nothing_banned_is_written, path, text)
        self.assertEqual(len(found), count, f"{path}: {text!r}: {found}")

    def test_each_ban_holds_where_it_should_and_not_elsewhere(self):
        rows = [
            ("actors/a.cpp", "#include <caf/all.hpp>\n", 1),
            ("actors/a.cpp", "#include <caf/io/all.hpp>\n", 1),
            ("actors/a.cpp", "#include <caf/actor.hpp>\n", 0),
            ("actors/a.cpp", "self->request(x, caf::infinite, y);", 1),
            ("actors/a.cpp", "self->request(x, deadline, y);", 0),
            ("actors/a.cpp", "self->request(x, d, y).await(f);", 1),
            ("net/http/a.cpp", "co_await socket.async_read(b);", 0),
            ("actors/a.cpp", "caf::scoped_actor self{system};", 1),
            ("tests/actors/a.cpp", "caf::scoped_actor self{system};", 0),
            ("actors/a.cpp", "struct x : caf::blocking_actor {};", 1),
            ("actors/a.cpp", "caf::actor_companion* c;", 1),
            ("actors/a.cpp", "system.groups().get(a, b);", 1),
            ("actors/protocol/a.hpp", "double price;", 1),
            ("domain/a.hpp", "double ratio;", 0),
            ("net/http/a.cpp", "std::cerr << 1;", 1),
            ("net/http/a.cpp", 'printf("x");', 1),
            ("net/http/a.cpp", 'snprintf(b, 1, "x");', 0),
            ("config/log.cpp", "std::cerr << 1;", 0),
            ("main.cpp", "std::cout << 1;", 0),
            ("tests/net/a.cpp", "std::this_thread::sleep_for(1s);", 1),
            ("domain/a.hpp", "using namespace std;", 1),
            ("domain/a.cpp", "using namespace std::literals;", 0),
            ("tests/browser/a.test.mjs", "await page.waitForTimeout(100);", 1),
            ("tests/browser/a.test.mjs", "setTimeout(resolve, 10)", 1),
            ("tests/browser/a.test.mjs", "test.only('x', f)", 1),
            ("frontend/tests/a.test.ts", "it.skip('x', f)", 1),
            ("frontend/src/a.ts", "node.innerHTML = title;", 1),
            ("frontend/src/a.tsx", "<p dangerouslySetInnerHTML={x} />", 1),
            ("frontend/src/a.ts", "node.textContent = title;", 0),
            ("domain/a.cpp", "// TO" "DO: later\n", 1),
            ("docs/a.md", "FIX" "ME\n", 1),
            ("scripts/a", "cd /wor" "k/main\n", 1),
            ("scripts/a", "cd build/net/wor" "k/main\n", 0),
            ("tests/net/a.cpp", 'TEST_CASE("x", "[!may' 'fail]")', 1),
        ]
        for row in rows:
            self.check(*row)

    def test_comments_and_strings_may_speak_of_what_code_may_not_do(self):
        self.check("actors/a.cpp", '// never caf::infinite\nlog("infinite", R"x(infinite)x");\n', 0)

    def test_digit_separators_do_not_hide_code(self):
        self.check("actors/a.cpp", "f(1'000, caf::infinite, 2'000);\n", 1)


class Sizes(unittest.TestCase):
    def test_a_file_over_the_limit_is_refused_and_tests_have_more_room(self):
        text = "int a;\n" * (tidy.LINES_MAX + 1)
        self.assertEqual(len(problems(tidy.files_are_one_idea, "domain/a.cpp", text)), 1)
        self.assertEqual(len(problems(tidy.files_are_one_idea, "frontend/src/a.ts", text)), 1)
        self.assertEqual(problems(tidy.files_are_one_idea, "tests/a.cpp", text), [])
        text = "int a;\n" * (tidy.LINES_MAX_TESTS + 1)
        self.assertEqual(len(problems(tidy.files_are_one_idea, "tests/a.cpp", text)), 1)

    def test_a_function_over_the_limit_is_refused(self):
        for head in ("void f()", "namespace a { int b::c(int d) const", "struct a { a() : b(1)",
                     "template <class T>\nauto f(T x) -> int"):
            body = "  call({1, 2});\n" * (tidy.FUNCTION_LINES_MAX + 1)
            text = head + " {\n" + body + "}\n" + ("}\n" if "{" in head else "")
            found = problems(tidy.functions_fit_on_a_screen, "domain/a.cpp", text)
            self.assertEqual(len(found), 1, head)

    def test_many_short_functions_are_no_long_one(self):
        text = "namespace a {\nstruct b {\n" + "void f(int c = 1) { if (c) { g(); } }\n" * 200 + "};\n}\n"
        self.assertEqual(problems(tidy.functions_fit_on_a_screen, "domain/a.cpp", text), [])


class Lines(unittest.TestCase):
    def test_unclean_lines_are_refused(self):
        for text in ("a \n", "a\r\n", "\ta\n", "a", "a" * (tidy.COLUMNS_MAX + 1) + "\n"):
            self.assertEqual(len(problems(tidy.lines_are_clean, "domain/a.cpp", text)), 1, text)
        self.assertEqual(problems(tidy.lines_are_clean, "domain/a.cpp", "a\n"), [])


class Headers(unittest.TestCase):
    def test_a_header_needs_its_guard_and_its_opening_words(self):
        rule = tidy.headers_say_what_they_are_for
        self.assertEqual(len(problems(rule, "domain/a.hpp", "int a;\n")), 2)
        self.assertEqual(len(problems(rule, "domain/a.hpp", "#pragma once\nint a;\n")), 1)
        self.assertEqual(problems(rule, "domain/a.hpp", "#pragma once\n// What it is.\nint a;\n"), [])


class Usage(unittest.TestCase):
    rule = staticmethod(tidy.every_source_is_used)

    def test_a_source_must_be_built(self):
        build = {"domain/CMakeLists.txt": "library(x\n  a.cpp)\n"}
        self.assertEqual(list(self.rule({"domain/a.cpp": "", **build})), [])
        self.assertEqual(len(list(self.rule({"domain/b.cpp": "", **build}))), 1)
        self.assertEqual(len(list(self.rule({"domain/sub/a.cpp": "", **build}))), 1)

    def test_a_header_must_be_included_by_another_file(self):
        self.assertEqual(len(list(self.rule({"domain/a.hpp": '#include "domain/a.hpp"\n'}))), 1)
        used = {"domain/a.hpp": "", "domain/b.hpp": '#include "domain/a.hpp"\n'}
        self.assertEqual(len(list(self.rule(used))), 1)  # b, not a

    def test_a_module_of_the_browser_application_must_be_imported(self):
        sources = {"frontend/src/a.ts": "", "frontend/src/b.ts": "import { x } from './a';"}
        self.assertEqual(list(self.rule(sources)), ["frontend/src/b.ts: nobody imports it"])


class Repository(unittest.TestCase):
    def test_the_sources_are_found(self):
        sources = tidy.repository_sources()
        self.assertIn("CMakeLists.txt", sources)
        self.assertIn("domain/ticket.hpp", sources)


if __name__ == "__main__":
    unittest.main()
