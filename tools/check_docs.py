#!/usr/bin/env python3
"""Fails when a document says what is not so.

    tools/check_docs.py ROOT       exit 0: all is so; 1: prints each wrong line

In every Markdown file:
 - relative links lead to files that are there, and to headings that are there;
 - files, folders, make targets and C++ names that the text mentions exist;
 - tests it names, as in `slot_test: empty_tag_is_no_tag`, are in the file of that name;
 - C++ code says where it is from, and stands there: <!-- from examples/01_sync.cpp --> in the line before the block.
"""
import pathlib
import re
import sys

EXTENSIONS = "hpp|cpp|py|sh|md|inc|cmake|txt"
# Where a path may start from, besides the root and the document's own folder: as an #include does.
PATH_ROOTS = ("src", "include", "include/valkeyxx")
NOT_OURS = {"build", ".git"}  # top-level folders whose content is not the project's

CHECKED_BLOCKS = {"sh", "text"}  # other languages are samples, which name files of their reader's

FENCE = re.compile(r"^\s*```(\w*)")
FROM = re.compile(r"<!-- from (\S+) -->$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`]+)`")
PATH = re.compile(rf"(?<![\w./-])(?:[\w.-]*/)*[\w-][\w.-]*\.(?:{EXTENSIONS})\b(?![\w/])")
FOLDER = re.compile(r"[\w.-]+(?:/[\w.-]+)*/")
MAKE = re.compile(r"(?:^|\s)make ([a-z][a-z-]*)")
# A name that only our code can mean: qualified, called, or of several words.
NAME = re.compile(r"(?:\w+::)*(\w+)(\(\))?")
# A test: `file_test: name`.
TEST_NAME = re.compile(r"(\w+_test): (\w+)")
FOREIGN_NAME = re.compile(r"std::|boost::|[A-Z0-9_]+$")


class House:
    """What is there to be mentioned."""

    def __init__(self, root):
        self.root = root
        self.files = [p for p in root.rglob("*") if p.is_file() and p.relative_to(root).parts[0] not in NOT_OURS]
        self.file_names = {p.name for p in self.files}
        self.documents = sorted(p for p in self.files if p.suffix == ".md")
        makefile = root / "Makefile"
        self.targets = set(re.findall(r"^([a-z-]+):", makefile.read_text(), re.M)) if makefile.exists() else set()
        code = (p for p in self.files if p.suffix in {".hpp", ".cpp", ".inc", ".cmake", ".txt", ".py", ".sh", ".in"})
        self.words = {word for p in code for word in re.findall(r"\w+", p.read_text())}

    def has(self, path, document):
        """Whether a file or folder is there, seen from a document."""
        if "/" not in path.rstrip("/") and path in self.file_names:
            return True
        starts = [document.parent, self.root, *(self.root / r for r in PATH_ROOTS)]
        found = next((s / path for s in starts if (s / path).exists()), None)
        return found is not None and (found.is_dir() or not path.endswith("/"))

    def has_test(self, stem, name):
        """Whether a test program has a test of that name."""
        sources = (p for p in self.files if p.name == f"{stem}.cpp")
        return any(re.search(rf"\b{name}\b", source.read_text()) for source in sources)


def anchors_of(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*?)\s*$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def wrong_link(house, document, target):
    if re.match(r"[a-z]+:", target):
        return None
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    if not file.exists():
        return f"the link leads nowhere: {target}"
    if anchor and anchor not in anchors_of(file.read_text()):
        return f"no such heading: {target}"
    return None


def is_outside(path):
    return path.split("/")[0] in NOT_OURS or path.startswith("/")


def wrong_in_code(house, document, code):
    """What a piece of code in the text, or a line of a block that is not C++, mentions and is not there."""
    for path in PATH.findall(code):
        if not is_outside(path) and not house.has(path, document):
            yield f"no such file: {path}"
    for target in MAKE.findall(code):
        if target not in house.targets:
            yield f"no such target: make {target}"


def wrong_in_span(house, document, code):
    yield from wrong_in_code(house, document, code)
    if FOLDER.fullmatch(code) and not is_outside(code) and not house.has(code, document):
        yield f"no such folder: {code}"
    if test := TEST_NAME.fullmatch(code):
        if not house.has_test(test[1], test[2]):
            yield f"no such test: {code}"
        return
    name = NAME.fullmatch(code)
    ours = name and ("::" in code or name[2] or "_" in code) and not FOREIGN_NAME.match(code)
    if ours and name[1] not in house.words:
        yield f"no such name: {code}"


def stands_in(block, text):
    """Whether the lines stand in the text, one after the other, all with the same indentation in front."""
    lines = text.splitlines()
    for start in range(len(lines) - len(block) + 1):
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        if all(there == (indent + line if line else "") for line, there in zip(block, lines[start:])):
            return True
    return False


def wrong_quote(house, origin, block):
    if origin is None:
        return "C++ code must say where it is from: <!-- from FILE --> in the line before"
    file = house.root / origin
    if not file.exists():
        return f"no such file: {origin}"
    return None if stands_in(block, file.read_text()) else f"this does not stand in {origin}"


def wrong_in_line(house, document, line):
    for target in LINK.findall(line):
        if why := wrong_link(house, document, target):
            yield why
    for code in CODE_SPAN.findall(line):
        yield from wrong_in_span(house, document, code)


def wrong_in(house, document):
    """(line, why) of all that is wrong in one document."""
    language, origin, block, begin = None, None, [], 0
    for number, line in enumerate(document.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if fence and language is None:
            language, block, begin = fence[1], [], number
        elif fence:
            if language == "cpp" and (why := wrong_quote(house, origin, block)):
                yield begin, why
            language, origin = None, None
        elif language is None:
            origin = origin_of[1] if (origin_of := FROM.match(line)) else None
            yield from ((number, why) for why in wrong_in_line(house, document, line))
        elif language == "cpp":
            block.append(line)
        elif language in CHECKED_BLOCKS:
            yield from ((number, why) for why in wrong_in_code(house, document, line))


def wrong_lines(root):
    house = House(root)
    for document in house.documents:
        for number, why in wrong_in(house, document):
            yield f"{document.relative_to(root)}:{number}: {why}"


if __name__ == "__main__":
    wrong = list(wrong_lines(pathlib.Path(sys.argv[1]).resolve()))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(bool(wrong))
