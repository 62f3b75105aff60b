// What a fake server does with one request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valkeyxx::testing {

/// Raw bytes to write, as one piece or several, and whether the connection ends after them.
/// Strings convert: a handler may `return "+OK\r\n";`. See resp_text.hpp for writing replies.
struct answer {
    enum class ending { stay, close, reset };

    answer(std::string bytes) : pieces{std::move(bytes)} {}    // NOLINT: conversion is the point
    answer(const char* bytes) : answer(std::string(bytes)) {}  // NOLINT: as above

    /// Nothing at all; the connection stays open.
    static answer silence();
    /// FIN, or RST, after the given bytes.
    static answer close(std::string bytes = {});
    static answer reset(std::string bytes = {});
    /// Each piece in a write of its own, with a pause between.
    static answer in_pieces(std::vector<std::string> pieces,
                            std::chrono::microseconds gap = std::chrono::milliseconds{1});
    /// The same answer, later.
    answer after(std::chrono::microseconds delay_before) const;

    std::vector<std::string> pieces{};
    std::chrono::microseconds gap{0};
    std::chrono::microseconds delay{0};
    ending end = ending::stay;
};

/// The usual answer to what clients send by themselves when they connect: HELLO 2 and 3, AUTH, CLIENT, SELECT,
/// READONLY, PING; none for any other request. Lets a handler speak of its own subject only.
/// @param mode  as in HELLO's reply: standalone, cluster or sentinel
std::optional<answer> answer_greeting(const std::vector<std::string>& request, std::string_view mode = "standalone");

/// True if the request's first word is that command, in any case.
bool is_command(const std::vector<std::string>& request, std::string_view name);

}  // namespace valkeyxx::testing
