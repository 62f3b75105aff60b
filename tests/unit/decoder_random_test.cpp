// The decoder against random replies and random bytes. A failure prints the seed.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "decoder_probe.hpp"

using namespace valkeyxx;
using resp::decoder;
using status = decoder::status;
using decoder_probe::exact_copy;
using decoder_probe::tape_of;

namespace {

// Random replies as a tree of our own, to compare the decoder's with.
struct tree {
    value_kind kind = value_kind::null;
    std::string text = {};
    std::vector<tree> children = {};
};

class tree_maker {
  public:
    explicit tree_maker(std::uint32_t seed) : random_{seed} {}

    tree make(int depth) {
        tree t;
        t.kind = static_cast<value_kind>(below(depth > 0 ? 13 : 9));
        switch (t.kind) {
            case value_kind::null:
                break;
            case value_kind::simple_string:
                t.text = text(40, 'a');
                break;
            case value_kind::error:
                t.text = "ERR " + text(40, 'a');
                break;
            case value_kind::bulk_string:
            case value_kind::verbatim_string:
                t.text = text(below(10) == 0 ? 2000 : 30, 0);
                break;
            case value_kind::integer:
                t.text = std::to_string(static_cast<std::int64_t>(word() >> below(64)));
                break;
            case value_kind::real:
                t.text = std::to_string(static_cast<double>(word()) / 1e6) + (below(2) ? "" : "e5");
                break;
            case value_kind::boolean:
                t.text = below(2) ? "t" : "f";
                break;
            case value_kind::big_number:
                t.text = "-" + std::to_string(word()) + std::to_string(word());
                break;
            default:
                for (auto n = below(6) * (t.kind == value_kind::map ? 2 : 1); n > 0; --n)
                    t.children.push_back(make(depth - 1));
        }
        return t;
    }

    // As a server could spell it, with attributes strewn in.
    std::string encode(const tree& t) {
        std::string out;
        if (below(12) == 0) out = "|1\r\n" + encode(make(1)) + encode(make(1));
        const std::string size = std::to_string(t.text.size()) + "\r\n";
        switch (t.kind) {
            case value_kind::null:
                return out + (below(3) == 0 ? "_" : below(2) == 0 ? "$-1" : "*-1") + "\r\n";
            case value_kind::simple_string:
                return out + "+" + t.text + "\r\n";
            case value_kind::error:
                return out + (below(2) ? "-" : "!" + size) + t.text + "\r\n";
            case value_kind::bulk_string:
                return out + "$" + size + t.text + "\r\n";
            case value_kind::verbatim_string:
                return out + "=" + std::to_string(t.text.size() + 4) + "\r\ntxt:" + t.text + "\r\n";
            case value_kind::integer:
                return out + ":" + t.text + "\r\n";
            case value_kind::real:
                return out + "," + t.text + "\r\n";
            case value_kind::boolean:
                return out + "#" + t.text + "\r\n";
            case value_kind::big_number:
                return out + "(" + t.text + "\r\n";
            case value_kind::array:
                out += "*";
                break;
            case value_kind::map:
                out += "%";
                break;
            case value_kind::set:
                out += "~";
                break;
            case value_kind::push:
                out += ">";
                break;
        }
        out += std::to_string(t.children.size() / (t.kind == value_kind::map ? 2 : 1)) + "\r\n";
        for (const tree& child : t.children) out += encode(child);
        return out;
    }

    std::uint64_t word() { return random_(); }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    std::string text(std::size_t max_size, char at_least) {
        std::string out(below(max_size), ' ');
        for (char& c : out) c = static_cast<char>(at_least + static_cast<char>(below(at_least == 0 ? 256 : 26)));
        return out;
    }

  private:
    std::mt19937_64 random_;
};

bool same(const tree& t, const reply_view& v) {
    if (v.kind() != t.kind || v.text() != t.text || v.size() != t.children.size()) return false;
    auto child = t.children.begin();
    for (const reply_view item : v) {
        if (!same(*child++, item)) return false;
    }
    return true;
}

TEST(decoder, random_replies_come_back_whole_however_they_are_cut) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    tree_maker maker{seed};
    decoder d;
    for (int i = 0; i < 2000; ++i) {
        const tree t = maker.make(4);
        const std::string wire = maker.encode(t);
        ASSERT_EQ(d.parse(wire), status::ready) << d.problem();
        ASSERT_EQ(d.consumed(), wire.size());
        ASSERT_TRUE(same(t, d.reply()));
        const value copy{d.reply()};
        ASSERT_TRUE(same(t, copy));

        std::size_t size = 0;
        for (;;) {
            size += 1 + maker.below(wire.size() / 3 + 1);
            if (size >= wire.size()) break;
            const exact_copy piece{std::string_view{wire}.substr(0, size)};
            ASSERT_EQ(d.parse(piece.text), status::need_more) << d.problem();
        }
        const exact_copy all{wire};
        ASSERT_EQ(d.parse(all.text), status::ready) << d.problem();
        ASSERT_EQ(d.reply(), copy.view());
    }
}

TEST(decoder, random_bytes_are_judged_the_same_whole_or_cut) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    tree_maker maker{seed};
    // Bytes that mean something to the decoder are far likelier to get deep into it than evenly random ones.
    constexpr std::string_view meaningful = "\r\n\r\n\r\n0123459-+$*%~>|:,(#_!=;.tfainex";
    for (int i = 0; i < 100'000; ++i) {
        std::string wire(maker.below(40), ' ');
        for (char& c : wire) {
            c = maker.below(8) == 0 ? static_cast<char>(maker.below(256)) : meaningful[maker.below(meaningful.size())];
        }
        if (maker.below(2) == 0) {  // a valid reply with one byte changed
            wire = maker.encode(maker.make(2));
            wire[maker.below(wire.size())] = meaningful[maker.below(meaningful.size())];
        }
        const exact_copy all{wire};
        decoder whole;
        const status verdict = whole.parse(all.text);

        decoder cut;
        const exact_copy piece{std::string_view{wire}.substr(0, maker.below(wire.size() + 1))};
        status last = cut.parse(piece.text);
        if (last == status::need_more) last = cut.parse(all.text);
        // A decoder that knows how many bytes must still come does not look before they are there.
        const exact_copy padded{wire + std::string(last == status::need_more ? cut.missing() : 0, 'x')};
        if (verdict == status::bad && last == status::need_more) last = cut.parse(padded.text);
        ASSERT_EQ(last, verdict) << testing::PrintToString(wire);
        if (verdict == status::ready) {
            ASSERT_EQ(tape_of(cut), tape_of(whole));
        }
        if (verdict == status::bad) {
            ASSERT_EQ(cut.problem(), whole.problem());
        }
    }
}

}  // namespace
