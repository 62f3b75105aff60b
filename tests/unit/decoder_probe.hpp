// What the decoder's tests share: input that a sanitizer can guard, a tape spelled out, and one sample of everything.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "resp/decoder.hpp"

namespace decoder_probe {

using namespace std::string_literals;

// The input in a block of exactly its size, so that a sanitizer sees every read beyond it.
struct exact_copy {
    explicit exact_copy(std::string_view bytes) : memory{new char[bytes.size()]}, text{memory.get(), bytes.size()} {
        std::copy(bytes.begin(), bytes.end(), memory.get());
    }
    std::unique_ptr<char[]> memory;
    std::string_view text;
};

// A reply's whole tape and length, spelled out to be compared.
inline std::string tape_of(const valkeyxx::resp::decoder& d) {
    std::string all = std::to_string(d.consumed()) + " bytes";
    const valkeyxx::resp::node* const root = d.reply().node();
    for (const valkeyxx::resp::node* n = root; n != root + root->span; ++n) {
        all += "\n" + std::string{to_string(n->kind)} + " at " + std::to_string(n->at) + " size " +
               std::to_string(n->size) + " span " + std::to_string(n->span);
    }
    return all;
}

/// Every type, alone and inside each other.
inline const std::string samples[] = {
    "+OK\r\n",
    "+\r\n",
    "+with\ttab\r\n",
    "-ERR no such thing\r\n",
    ":0\r\n",
    ":-9223372036854775808\r\n",
    ":+5\r\n",
    "$0\r\n\r\n",
    "$12\r\nline\r\nbreak\0\r\n"s,
    "$-1\r\n",
    "*-1\r\n",
    "_\r\n",
    "#t\r\n",
    "#f\r\n",
    ",1.5\r\n",
    ",-3\r\n",
    ",1e-10\r\n",
    ",inf\r\n",
    ",-inf\r\n",
    ",nan\r\n",
    "(3492890328409238509324850943850943825024385\r\n",
    "(-5\r\n",
    "!21\r\nSYNTAX invalid syntax\r\n",
    "=15\r\ntxt:Some string\r\n",
    "=4\r\nmkd:\r\n",
    "*0\r\n",
    "%0\r\n",
    "~0\r\n",
    "*3\r\n:1\r\n$3\r\ntwo\r\n*2\r\n+3\r\n*1\r\n_\r\n",
    "%2\r\n+a\r\n%1\r\n+b\r\n*0\r\n+c\r\n~2\r\n#t\r\n,2.5\r\n",
    ">3\r\n+message\r\n$1\r\nc\r\n$1\r\nm\r\n",
    "*2\r\n>2\r\n$1\r\ns\r\n:1\r\n+OK\r\n",
    "|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n",
    "|0\r\n:1\r\n",
    "|1\r\n+a\r\n*2\r\n:1\r\n*1\r\n:2\r\n*2\r\n|1\r\n|1\r\n+in\r\n+in\r\n+k\r\n%1\r\n:1\r\n:2\r\n:7\r\n*1\r\n|2\r\n:"
    "1\r\n:2\r\n:3\r\n"
    ":4\r\n*1\r\n:8\r\n",
};

}  // namespace decoder_probe
