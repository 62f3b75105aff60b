#!/usr/bin/env python3
"""Feeds check_docs.py small right and wrong documents."""
import pathlib
import tempfile
import unittest

import check_docs

EXAMPLE = """int main() {
    int a = 1;

    use_it(a);
}
"""
FILES = {
    "Makefile": "demo: ## Show it\n\t@true\nrun-all:\n\t@true\n",
    "examples/one.cpp": EXAMPLE,
    "src/client/engine.hpp": "class engine { void submit(); };\n",
    "include/valkeyxx/asio.hpp": "struct config { int max_in_flight; };\n",
    "tests/unit/engine_test.cpp": "TEST(engine, submits) {}\n",
    "README.md": "# Read me\n",
    "docs/other.md": "# The other one: more\n",
}


def wrong(text, path="README.md"):
    """What the check says of a house with this document."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in {**FILES, path: text}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        return list(check_docs.wrong_lines(root))


def block(code, language="cpp", origin="examples/one.cpp"):
    return (f"<!-- from {origin} -->\n" if origin else "") + f"```{language}\n{code}```\n"


class CheckDocs(unittest.TestCase):
    def assert_right(self, text, path="README.md"):
        self.assertEqual(wrong(text, path), [])

    def assert_wrong(self, text, why, line=1, path="README.md"):
        self.assertEqual(wrong(text, path), [f"{path}:{line}: {why}"])

    def test_links_lead_to_files(self):
        self.assert_right("[a](docs/other.md) and [b](https://example.org/x.md) and [c](src/client)\n")
        self.assert_right("[a](../README.md)\n", path="docs/more.md")
        self.assert_wrong("\n[a](other.md)\n", "the link leads nowhere: other.md", line=2)

    def test_links_lead_to_headings(self):
        self.assert_right("# Here, now\n[a](docs/other.md#the-other-one-more) [b](#here-now)\n")
        self.assert_wrong("[a](docs/other.md#none)\n", "no such heading: docs/other.md#none")
        self.assert_wrong("[a](#none)\n", "no such heading: #none")

    def test_mentioned_tests_are_there(self):
        self.assert_right("see `engine_test: submits`\n")
        self.assert_wrong("see `engine_test: ends`\n", "no such test: engine_test: ends")
        self.assert_wrong("see `gone_test: submits`\n", "no such test: gone_test: submits")

    def test_mentioned_files_are_there(self):
        self.assert_right("`src/client/engine.hpp`, `client/engine.hpp`, `engine.hpp`, `<valkeyxx/asio.hpp>`\n")
        self.assert_right("`build/release/x.cpp`, `/usr/include/x.hpp`, `src/client/`\n")
        self.assert_wrong("see `src/client/gone.hpp`\n", "no such file: src/client/gone.hpp")
        self.assert_wrong("see `gone.hpp`\n", "no such file: gone.hpp")
        self.assert_wrong("see `src/gone/`\n", "no such folder: src/gone/")
        self.assert_wrong("```text\nx -> gone.hpp\n```\n", "no such file: gone.hpp", line=2)

    def test_samples_may_name_files_of_their_readers(self):
        self.assert_right("```cmake\nadd_executable(app app.cpp)\n```\n")

    def test_mentioned_targets_are_there(self):
        self.assert_right("`make demo`\n```sh\nmake run-all\n```\nmake sense of it\n")
        self.assert_wrong("`make gone`\n", "no such target: make gone")
        self.assert_wrong("```sh\nmake gone\n```\n", "no such target: make gone", line=2)

    def test_mentioned_names_are_there(self):
        self.assert_right("`engine::submit()`, `config::max_in_flight`, `max_in_flight`, `raw`, `GET`\n")
        self.assert_right("`std::gone`, `boost::asio::gone`, `BUILD_GONE`\n")
        self.assert_wrong("`engine::gone`\n", "no such name: engine::gone")
        self.assert_wrong("`gone()`\n", "no such name: gone()")
        self.assert_wrong("`max_gone`\n", "no such name: max_gone")

    def test_code_stands_where_it_is_from(self):
        self.assert_right(block(EXAMPLE))
        self.assert_right(block("int a = 1;\n\nuse_it(a);\n"))
        self.assert_wrong(block("int a = 1;\nuse_it(a);\n"), "this does not stand in examples/one.cpp", line=2)
        self.assert_wrong(block("int a = 2;\n"), "this does not stand in examples/one.cpp", line=2)
        self.assert_wrong(block("int a;\n", origin="examples/two.cpp"), "no such file: examples/two.cpp", line=2)
        self.assertIn("must say where", wrong(block("int a = 1;\n", origin=None))[0])


if __name__ == "__main__":
    unittest.main()
