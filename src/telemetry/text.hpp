// Text in quotes, as JSON has it and logfmt understands it.
#pragma once

#include <string>
#include <string_view>

#include "resp/decoder.hpp"

#include <valkeyxx/print.hpp>

namespace valkeyxx::telemetry {

/// Bytes that are no valid UTF-8 become \u00XX.
inline std::string quoted(std::string_view text) {
    const resp::node one{
        .at = 0, .size = static_cast<std::uint32_t>(text.size()), .span = 1, .kind = value_kind::bulk_string};
    return to_json(reply_view{text.data(), &one});
}

}  // namespace valkeyxx::telemetry
