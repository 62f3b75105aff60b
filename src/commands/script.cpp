#include <valkeyxx/script.hpp>

#include <array>
#include <cstdint>
#include <utility>

#include <boost/uuid/detail/sha1.hpp>

#include <valkeyxx/commands/scripting.hpp>

namespace valkeyxx {
namespace {

std::string sha1_of(std::string_view text) {
    boost::uuids::detail::sha1 hash;
    hash.process_bytes(text.data(), text.size());
    boost::uuids::detail::sha1::digest_type digest;
    hash.get_digest(digest);
    // Words, or in later versions of Boost bytes.
    std::string out;
    constexpr std::string_view hex = "0123456789abcdef";
    for (const auto part : digest) {
        for (int shift = static_cast<int>(sizeof part) * 8 - 4; shift >= 0; shift -= 4) {
            out += hex[(part >> shift) & 0xFU];
        }
    }
    return out;
}

}  // namespace

script::script(std::string text) : text_{std::move(text)}, digest_{sha1_of(text_)} {}

encoded_command script::encoded(command_id id, const strings& keys, const strings& args) const {
    encoded_command c = detail::script_call(id, text_, keys, args);
    c.attach_digest(digest_);
    return c;
}

}  // namespace valkeyxx
