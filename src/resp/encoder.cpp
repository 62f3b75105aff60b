// Whole commands.
#include "resp/encoder.hpp"

namespace valkeyxx::resp {

std::size_t command_size(std::span<const std::string_view> args) noexcept {
    std::size_t size = count_size(args.size());
    for (const std::string_view arg : args) size += bulk_size(arg.size());
    return size;
}

char* put_command(char* out, std::span<const std::string_view> args) noexcept {
    out = put_count(out, '*', args.size());
    for (const std::string_view arg : args) out = put_bulk(out, arg);
    return out;
}

void append_command(std::string& out, std::span<const std::string_view> args) {
    const std::size_t before = out.size();
    out.resize(before + command_size(args));
    put_command(out.data() + before, args);
}

}  // namespace valkeyxx::resp
