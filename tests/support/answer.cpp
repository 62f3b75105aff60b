// Ready-made answers.
#include "support/answer.hpp"

#include <strings.h>

#include "support/resp_text.hpp"

namespace valkeyxx::testing {

answer answer::silence() {
    answer result("");
    result.pieces.clear();
    return result;
}

answer answer::close(std::string bytes) {
    answer result(std::move(bytes));
    result.end = ending::close;
    return result;
}

answer answer::reset(std::string bytes) {
    answer result(std::move(bytes));
    result.end = ending::reset;
    return result;
}

answer answer::in_pieces(std::vector<std::string> pieces, std::chrono::microseconds gap) {
    answer result("");
    result.pieces = std::move(pieces);
    result.gap = gap;
    return result;
}

answer answer::after(std::chrono::microseconds delay_before) const {
    auto result = *this;
    result.delay = delay_before;
    return result;
}

bool is_command(const std::vector<std::string>& request, std::string_view name) {
    return !request.empty() && request[0].size() == name.size() &&
           ::strncasecmp(request[0].data(), name.data(), name.size()) == 0;
}

std::optional<answer> answer_greeting(const std::vector<std::string>& request, std::string_view mode) {
    if (is_command(request, "PING")) return resp::status("PONG");
    for (const auto* name : {"AUTH", "CLIENT", "SELECT", "READONLY"}) {
        if (is_command(request, name)) return resp::status("OK");
    }
    if (!is_command(request, "HELLO")) return std::nullopt;
    const bool is_resp3 = request.size() > 1 && request[1] == "3";
    const std::vector<std::pair<std::string, std::string>> facts{{resp::bulk("server"), resp::bulk("valkey")},
                                                                 {resp::bulk("version"), resp::bulk("8.0.1")},
                                                                 {resp::bulk("proto"), resp::integer(is_resp3 ? 3 : 2)},
                                                                 {resp::bulk("id"), resp::integer(1)},
                                                                 {resp::bulk("mode"), resp::bulk(mode)},
                                                                 {resp::bulk("role"), resp::bulk("master")},
                                                                 {resp::bulk("modules"), resp::array({})}};
    if (is_resp3) return resp::map(facts);
    std::vector<std::string> flat;
    for (const auto& [name, value] : facts) flat.insert(flat.end(), {name, value});
    return resp::array(flat);
}

}  // namespace valkeyxx::testing
