"""Reads what a header of include/valkeyxx/commands declares, with its documentation; for gen_reference.py.

This is no parser of C++. It knows the ways in which those headers are written, and stops where it meets another one.
"""
import dataclasses
import re

# Where a declaration stands in parts of different subjects: `// --- ranges ----`.
SECTION = re.compile(r"// --- (.+?) -+$")
COMMENTS = re.compile(r"//[^\n]*")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'')
PAIRS = {"(": ")", "{": "}", "[": "]"}
TEXT_CONCEPT = "std::convertible_to<std::string_view>"
INSIDE = re.compile(r"^namespace ((?:valkeyxx::)?commands) \{(.*?)^\}  // namespace \1$", re.S | re.M)


class Problem(Exception):
    """Something the person at the terminal has to act on."""


@dataclasses.dataclass
class Section:
    title: str


@dataclasses.dataclass
class Function:
    name: str
    parameters: list  # "std::string_view key"
    result: str       # what it returns, or R if that is a command<R>
    makes_command: bool
    choices: str      # template arguments that the caller may give: "<R = value>"
    doc: list         # the lines of its comment


@dataclasses.dataclass
class Type:
    kind: str      # struct, class, enum, using
    name: str
    doc: list
    members: list  # (code, doc) of each; of an alias (what it stands for, [])


@dataclasses.dataclass
class Header:
    intro: list     # the paragraphs of the first comment, without code
    includes: list  # of other headers of the folder, by their stems
    items: list     # Section, Function, Type, in the header's order

    def functions(self):
        return [i for i in self.items if isinstance(i, Function)]


def read_header(text):
    comment, _, rest = text.partition("#pragma once")
    includes = re.findall(r"#include <valkeyxx/commands/(\w+)\.hpp>", rest)
    items = [item for _, inside in INSIDE.findall(rest) for item in read_items(inside)]
    if not items:
        raise Problem("nothing in the namespace of the commands")
    return Header(paragraphs(comment), includes, items)


def paragraphs(comment):
    """Of a file's first comment; indented lines are code."""
    lines = [line.removeprefix("//") for line in comment.splitlines()]
    prose = "\n".join("" if line.startswith("   ") else line.strip() for line in lines)
    return [" ".join(p.split()) for p in re.split(r"\n{2,}", prose) if p.strip()]


def read_items(text):
    for doc, code in declarations(text):
        if doc is None:
            yield Section(code)
        elif item := read_type(code, doc) or read_function(code, doc):
            yield item


# ---------------------------------------------------------------------------------------------------------------------
# Where declarations begin and end

def skip(text, at):
    """Behind the comment, string or bracketed text that begins here; otherwise one character further."""
    if text.startswith("//", at):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    if text[at] in "\"'" and (quoted := QUOTED.match(text, at)):
        return quoted.end()
    if text[at] in PAIRS:
        closing, inside = PAIRS[text[at]], at + 1
        while inside < len(text) and text[inside] != closing:
            inside = skip(text, inside)
        if inside == len(text):
            raise Problem(f"a {text[at]} without its {closing}")
        return inside + 1
    return at + 1


def end_of_declaration(text, at):
    """Behind its semicolon, or its body if it has none."""
    while at < len(text):
        begin, at = at, skip(text, at)
        if text[begin] == ";":
            return at
        # Neither an initializer nor a type's body, which a semicolon follows, nor one of several initializers.
        if text[begin] == "{" and not re.match(r"\s*[;,{]", text[at:]):
            return at
    raise Problem("a declaration without an end")


def declarations(text):
    """(lines of comment, code) of each declaration, and (None, title) where a section begins."""
    at, doc = 0, []
    while match := re.compile(r"\s*(?=\S)").match(text, at):
        at = match.end()
        if text.startswith(("//", "#"), at):
            end = skip(text, at) if text[at] == "/" else (text + "\n").index("\n", at)
            line, at = text[at:end], end
            if section := SECTION.match(line):
                yield None, section[1]
            doc = doc + [line[3:].strip()] if line.startswith("///") else []
            continue
        if access := re.compile(r"(public|private|protected):").match(text, at):
            if access[1] != "public":
                return
            at = access.end()
            continue
        end = end_of_declaration(text, at)
        code = text[at:end]
        behind = re.compile(r"[ \t]*///<([^\n]*)(?:\n\s*///<([^\n]*))*").match(text, end)
        if behind:
            doc = doc + [part.strip() for part in behind[0].split("///<")[1:]]
        yield doc, code
        at, doc = behind.end() if behind else end, []


# ---------------------------------------------------------------------------------------------------------------------
# What they declare

def plain(code):
    """In one line, without comments."""
    return re.sub(r"(?<=[(<]) | (?=[)>])", "", " ".join(COMMENTS.sub("", code).split()))


def split_at_commas(text):
    """At the commas that stand in no brackets, angle brackets among them."""
    parts, begin, at, depth = [], 0, 0, 0
    while at < len(text):
        depth += {"<": 1, ">": -1}.get(text[at], 0)
        if text[at] == "," and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at = skip(text, at)
    return [p for p in parts + [text[begin:].strip()] if p]


def read_type(code, doc):
    if match := re.match(r"enum class (\w+)[^{]*\{(.*)\};$", code, re.S):
        return Type("enum", match[1], doc, list(enumerators(match[2])))
    if match := re.match(r"using (\w+) = (.*);$", plain(code)):
        return Type("using", match[1], doc, [(match[2], [])])
    if match := re.match(r"(?:template <[^>]*>\s*)?(struct|class) (\w+) \{(.*)\};$", code, re.S):
        body = match[3] if match[1] == "struct" else match[3].partition("public:")[2]
        return Type(match[1], match[2], doc, members(match[2], body))
    return None


def enumerators(body):
    doc = []
    for line in body.replace("///<", "\n///<").splitlines():
        line = line.strip()
        if line.startswith("///<"):
            last[1].append(line[4:].strip())
        elif line.startswith("///"):
            doc.append(line[3:].strip())
        else:
            for name in split_at_commas(COMMENTS.sub("", line)):
                last = (name, doc)
                yield last
                doc = []


def members(owner, body):
    """(code, doc) of the members as their users write them."""
    found, aliases = [], {}
    for doc, code in declarations(body):
        kind = read_type(code, doc)
        if kind and kind.kind == "using":
            aliases[kind.name] = kind.members[0][0]
        elif kind and kind.kind == "enum":
            found.append((f"enum class {kind.name} {{ {', '.join(name for name, _ in kind.members)} }}", doc))
        elif kind:
            pass  # what a class needs for itself
        elif member := read_member(owner, plain(code)):
            for alias, meaning in aliases.items():
                member = re.sub(rf"\b{alias}\b", meaning, member)
            # What differs only in being for temporaries is not documented again.
            if doc or member.replace("&&", "&") not in (code for code, _ in found):
                found.append((member, doc))
    return found


def read_member(owner, code):
    if re.search(r"^friend |~|\boperator\b|= (?:delete|default);$", code):
        return None
    if not re.match(r"[^={]*\(", code):
        return re.sub(r"( = )?\{\};$|;$", "", code)
    function = read_function(code, [])
    where = f"{owner}::" if re.search(r"\bstatic\b", code) else ""
    result = "" if where or function.name == owner else function.result + " "
    return f"{result}{where}{function.name}({', '.join(function.parameters)})"


def read_function(code, doc):
    code = plain(code)
    if re.match(r"namespace |using |struct \w+;|class \w+;|static_assert", code):
        return None
    texts, choices, code = read_template(code)
    code = re.sub(r"\[\[nodiscard\]\] |\b(?:inline|constexpr|explicit|static|friend) ", "", code)
    match = re.match(r"(.*?)(\w+)\(", code)
    if not match:
        raise Problem(f"not understood: {code[:80]}")
    result = match[1].strip()
    command = re.fullmatch(r"command<(.*)>", result)
    inside = code[match.end():skip(code, match.end() - 1) - 1]
    parameters = [read_parameter(p, texts) for p in split_at_commas(inside)]
    return Function(match[2], parameters, command[1] if command else result, bool(command), choices, doc)


def read_template(code):
    """What its parameters stand for, which of them the caller may give, and the code behind them."""
    if not code.startswith("template <"):
        return {}, "", code
    end = len("template ")
    depth = 0
    while True:
        depth += {"<": 1, ">": -1}.get(code[end], 0)
        end = skip(code, end)
        if depth == 0:
            break
    arguments, code = split_at_commas(code[len("template <"):end - 1]), code[end:].strip()
    meaning, choices = {}, []
    for argument in arguments:
        if match := re.fullmatch(re.escape(TEXT_CONCEPT) + r"(?:\.\.\.)? (\w+)", argument):
            meaning[match[1]] = "std::string_view"
        elif "=" in argument:
            choices.append(argument.removeprefix("class "))
    if code.startswith("requires"):
        condition, nodiscard, rest = code.partition("[[nodiscard]]")
        if match := re.fullmatch(r"requires std::convertible_to<const (\w+)&, (.*)> ?", condition):
            meaning[match[1]] = match[2]
        code = nodiscard + rest if nodiscard else code[skip(code, code.index("(")):].strip()
    return meaning, f"<{', '.join(choices)}>" if choices else "", code


def read_parameter(parameter, meaning):
    """A template's own types by what they stand for."""
    match = re.fullmatch(r"const (\w+)&(\.\.\.)? (\w+)", parameter)
    if match and match[1] in meaning:
        return f"{meaning[match[1]]}{match[2] or ''} {match[3]}"
    return parameter
