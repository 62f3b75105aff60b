// Commands to bytes.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "resp/decoder.hpp"
#include "resp/encoder.hpp"

using namespace valkeyxx;
using namespace valkeyxx::resp;

namespace {

using args = std::vector<std::string_view>;

TEST(encoder, command_is_an_array_of_bulk_strings) {
    std::string out = "before";
    append_command(out, args{"GET", "k"});
    EXPECT_EQ(out, "before*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
}

TEST(encoder, arguments_may_be_empty_and_hold_any_bytes) {
    using namespace std::string_view_literals;
    std::string out;
    append_command(out, args{"SET", "", std::string_view{}, "a\0\r\n\xff"sv});
    EXPECT_EQ(out, "*4\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n$5\r\na\0\r\n\xff\r\n"sv);
}

TEST(encoder, sizes_are_exact_at_every_digit_boundary) {
    static_assert(bulk_size(0) == 6);
    static_assert(bulk_size(16) == 16 + 7);
    for (const std::size_t length : {0U, 1U, 9U, 10U, 99U, 100U, 999U, 1000U, 9999U, 10000U, 100000U}) {
        const std::string text(length, 'x');
        std::string out(bulk_size(length) + 1, '?');
        EXPECT_EQ(put_bulk(out.data(), text), out.data() + bulk_size(length));
        EXPECT_EQ(out, "$" + std::to_string(length) + "\r\n" + text + "\r\n?");
    }
    std::string out(count_size(4'000'000'000), '?');
    EXPECT_EQ(put_count(out.data(), '*', 4'000'000'000), out.data() + out.size());
    EXPECT_EQ(out, "*4000000000\r\n");
}

TEST(encoder, decoder_reads_what_encoder_wrote) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 300; ++i) texts.push_back(std::string(i * 7 % 1200, static_cast<char>(i)));
    const args all{texts.begin(), texts.end()};
    std::string out;
    append_command(out, all);
    EXPECT_EQ(out.size(), command_size(all));

    decoder d;
    ASSERT_EQ(d.parse(out), decoder::status::ready);
    EXPECT_EQ(d.consumed(), out.size());
    ASSERT_EQ(d.reply().size(), texts.size());
    std::size_t i = 0;
    for (const reply_view arg : d.reply()) EXPECT_EQ(arg.text(), texts[i++]);
}

}  // namespace
