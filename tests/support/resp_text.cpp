// Text forms of RESP values.
#include "support/resp_text.hpp"

namespace valkeyxx::testing::resp {

namespace {

std::string line(char mark, std::string_view text) {
    std::string result(1, mark);
    result.append(text);
    return result += "\r\n";
}

std::string aggregate(char mark, const std::vector<std::string>& items) {
    auto result = line(mark, std::to_string(items.size()));
    for (const auto& item : items) result += item;
    return result;
}

}  // namespace

std::string request(const std::vector<std::string>& words) {
    auto result = line('*', std::to_string(words.size()));
    for (const auto& word : words) result += bulk(word);
    return result;
}

std::string status(std::string_view text) {
    return line('+', text);
}

std::string error(std::string_view text) {
    return line('-', text);
}

std::string integer(long long value) {
    return line(':', std::to_string(value));
}

std::string bulk(std::string_view bytes) {
    auto result = line('$', std::to_string(bytes.size()));
    result.append(bytes);
    return result += "\r\n";
}

std::string nil() {
    return "$-1\r\n";
}

std::string null() {
    return "_\r\n";
}

std::string array(const std::vector<std::string>& items) {
    return aggregate('*', items);
}

std::string push(const std::vector<std::string>& items) {
    return aggregate('>', items);
}

std::string map(const std::vector<std::pair<std::string, std::string>>& entries) {
    auto result = line('%', std::to_string(entries.size()));
    for (const auto& [key, value] : entries) result += key + value;
    return result;
}

}  // namespace valkeyxx::testing::resp
