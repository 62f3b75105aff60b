#!/usr/bin/env python3
"""Feeds check_commands.py small right and wrong houses."""
import pathlib
import tempfile
import unittest

import check_commands

IDS = """// Mentions command_id::none, which is not there.
enum class command_id : std::uint16_t {
    raw,  ///< none of those below: known by its text only
    client,
    client_help,
    client_id,
    client_no_evict,
    get,
    set,
};
"""
TABLE = """constexpr listed_command entries[] = {
    {.id = command_id::client, .name = "CLIENT", .words = 1,
     .arity = -2, .has_subcommands = true},
    {.id = command_id::client_help, .name = "CLIENT HELP"},
    {.id = command_id::get, .name = "GET"},
};
"""
HEADER = """/// Source: https://valkey.io/commands/get
[[nodiscard]] inline command<std::optional<std::string>> get(std::string_view key) {
    return command<std::optional<std::string>>{std::in_place, command_id::get, key};
}
[[nodiscard]] command<std::unordered_map<std::string,
                                         std::string>> client_id();
template <class R = value>
[[nodiscard]] command<R> set(std::string_view key);
"""
SOURCE = "command<X> client_id() { return make(command_id::client_id); }  command_id::set\n"
TEST = 'TEST_P(commands, works) { run(get("k")); run(commands::client_id()); run(set<std::pair<int, int>>("k")); }\n'
LIST = "# A comment\n\nCLIENT NO-EVICT: because of the others\n"
FILES = {
    "include/valkeyxx/command_id.hpp": IDS,
    "src/command/table.gen.inc": TABLE,
    "include/valkeyxx/commands/some.hpp": HEADER,
    "src/commands/some.cpp": SOURCE,
    "src/command/command.cpp": "",
    "tests/integration/commands_some_test.cpp": TEST,
    "tools/commands_not_offered.txt": LIST,
}
NO_FUNCTION = "no function, and no reason in tools/commands_not_offered.txt: command_id::"


def wrong(**changed):
    """What the check says of a house with these files changed."""
    names = {"header": "include/valkeyxx/commands/some.hpp", "source": "src/commands/some.cpp",
             "test": "tests/integration/commands_some_test.cpp", "list": "tools/commands_not_offered.txt",
             "other": "src/command/command.cpp"}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in {**FILES, **{names[key]: text for key, text in changed.items()}}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        return list(check_commands.wrong_lines(root))


class CheckCommands(unittest.TestCase):
    def test_right_house_is_right(self):
        self.assertEqual(wrong(), [])

    def test_command_without_function_or_reason_is_told(self):
        self.assertEqual(wrong(list=""), [NO_FUNCTION + "client_no_evict"])
        self.assertEqual(wrong(source="// command_id::set\nkey(command_id::client_id)"), [NO_FUNCTION + "set"])
        self.assertEqual(wrong(source="x(command_id::client_id)", other="command_id::set"), [NO_FUNCTION + "set"])

    def test_command_with_both_is_told(self):
        self.assertEqual(wrong(list=LIST + "GET: because of nothing\n"),
                         ["tools/commands_not_offered.txt:4: GET has a function"])

    def test_wrong_lines_of_the_list_are_told(self):
        self.assertEqual(wrong(list=LIST + "CLIENT NONE: because of nothing\n"),
                         ["tools/commands_not_offered.txt:4: there is no command CLIENT NONE"])
        self.assertEqual(wrong(list=LIST + "CLIENT NO-EVICT: because of nothing\n"),
                         ["tools/commands_not_offered.txt:4: CLIENT NO-EVICT stands in line 3, too"])
        for line in ("CLIENT NO-EVICT", "CLIENT NO-EVICT: for a reason", "CLIENT NO-EVICT: because "):
            self.assertEqual(wrong(list=LIST + line + "\n"),
                             [f"tools/commands_not_offered.txt:4: not of the form 'NAME: because ...': {line}"])

    def test_function_without_test_is_told(self):
        told = ["no test in tests/integration/commands_*_test.cpp calls get()"]
        self.assertEqual(wrong(test=TEST.replace('get("k")', "1")), told)
        self.assertEqual(wrong(test=TEST.replace('get("k")', 'all.get("k")')), told)
        self.assertEqual(wrong(test=TEST.replace('get("k")', 'forget("k")')), told)
        self.assertEqual(wrong(test=TEST.replace('get("k")', '"get(k)"') + "// get(k)\n"), told)
        self.assertEqual(wrong(test=TEST.replace("commands::client_id()", "1")),
                         ["no test in tests/integration/commands_*_test.cpp calls client_id()"])
        self.assertEqual(wrong(test=TEST.replace("set<std::pair<int, int>>", "x")),
                         ["no test in tests/integration/commands_*_test.cpp calls set()"])


if __name__ == "__main__":
    unittest.main()
