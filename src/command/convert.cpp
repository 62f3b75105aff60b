#include <valkeyxx/convert.hpp>

namespace valkeyxx::detail {

error shape_error(std::string_view expected, reply_view got) {
    std::string text = "the reply is not ";
    text += expected;
    text += ": the server sent ";
    text += to_string(got.kind());
    if (got.is_aggregate()) text += " of " + std::to_string(got.size());
    return error{{.code = errc::unexpected_reply, .text = std::move(text), .executed = executed::yes}};
}

}  // namespace valkeyxx::detail
