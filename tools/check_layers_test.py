#!/usr/bin/env python3
"""Feeds check_layers.py small right and wrong houses."""
import pathlib
import tempfile
import unittest

import check_layers

ROOMS = """
valkeyxx_room(base)
valkeyxx_room(resp     SEES base)
valkeyxx_room(command  SEES resp)
valkeyxx_room(routing  SEES command)
valkeyxx_room(session  SEES command)
valkeyxx_room(io       SEES base LINKS Boost::headers)
valkeyxx_room(client   SEES routing session io LINKS Boost::url)
"""


def wrong(files, rooms=ROOMS):
    """What the check says of a house with these files (path -> text)."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {"src/CMakeLists.txt": rooms, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return list(check_layers.wrong_lines(root))


class CheckLayers(unittest.TestCase):
    def assert_right(self, path, text):
        self.assertEqual(wrong({path: text}), [])

    def assert_wrong(self, path, text, why, line=1):
        found = wrong({path: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(why, found[0])
        self.assertTrue(found[0].startswith(f"{path}:{line}: "), found[0])

    def test_rooms_see_themselves_and_all_below(self):
        self.assert_right("src/command/a.cpp", '#include "command/a.hpp"\n#include "resp/b.hpp"\n#include "base/c.hpp"\n')
        self.assert_right("src/client/a.cpp", '#include "routing/a.hpp"\n#include "io/b.hpp"\n#include "base/c.hpp"\n')

    def test_upward_includes_are_wrong(self):
        self.assert_wrong("src/resp/a.cpp", '\n#include "client/a.hpp"\n', "resp may not see client", line=2)
        self.assert_wrong("src/resp/a.hpp", "# include <command/a.hpp>\n", "resp may not see command")

    def test_sideways_includes_are_wrong(self):
        self.assert_wrong("src/routing/a.cpp", '#include "session/a.hpp"\n', "routing may not see session")
        self.assert_wrong("src/io/a.cpp", '#include "resp/a.hpp"\n', "io may not see resp")

    def test_dots_do_not_open_a_door(self):
        self.assert_wrong("src/resp/a.cpp", '#include "../client/a.hpp"\n', "..")

    def test_outside_world_belongs_to_io_and_client(self):
        for header in ("sys/socket.h", "netdb.h", "poll.h", "unistd.h", "thread", "mutex", "condition_variable",
                       "openssl/ssl.h", "boost/asio.hpp", "boost/asio/ip/tcp.hpp"):
            with self.subTest(header):
                self.assert_wrong("src/routing/a.cpp", f"#include <{header}>\n", header)
                self.assert_right("src/io/a.cpp", f"#include <{header}>\n")
                self.assert_right("src/client/a.cpp", f"#include <{header}>\n")

    def test_values_of_time_are_right_and_clocks_wrong(self):
        self.assert_right("src/routing/a.cpp", "#include <chrono>\nstd::chrono::milliseconds wait{5};\n")
        self.assert_wrong("src/routing/a.cpp", "\n\nauto t = std::chrono::steady_clock::now();\n", "clock", line=3)
        self.assert_right("src/client/a.cpp", "auto t = std::chrono::steady_clock::now();\n")

    def test_comments_and_strings_are_not_code(self):
        self.assert_right("src/resp/a.cpp", '// #include "client/a.hpp"\n/*\n#include <mutex>\nclock::now()\n*/\n')
        self.assert_right("src/resp/a.cpp", 'auto text = "clock::now()";\n')
        self.assert_wrong("src/resp/a.cpp", "/*\n\n*/\n#include <mutex>\n", "mutex", line=4)

    def test_every_folder_of_src_is_a_room(self):
        self.assert_wrong("src/attic/a.cpp", "int a;\n", "attic is no room")

    def test_asio_comes_to_the_user_by_one_header_only(self):
        self.assert_right("include/valkeyxx/asio.hpp", "#include <boost/asio/async_result.hpp>\n")
        self.assert_wrong("include/valkeyxx/client.hpp", "#include <boost/asio/ip/tcp.hpp>\n", "only asio.hpp")

    def test_public_headers_stay_public(self):
        self.assert_right("include/valkeyxx/a.hpp", "#include <vector>\n#include <valkeyxx/error.hpp>\n")
        self.assert_wrong("include/valkeyxx/a.hpp", '#include "resp/decoder.hpp"\n', "internal")
        self.assert_wrong("include/valkeyxx/a.hpp", '#include "../../src/resp/decoder.hpp"\n', "internal")

    def test_the_rooms_themselves_are_checked(self):
        found = wrong({}, rooms=ROOMS.replace("routing  SEES command", "routing  SEES command io"))
        self.assertEqual(found, ["src/CMakeLists.txt: routing may not see io"])


if __name__ == "__main__":
    unittest.main()
