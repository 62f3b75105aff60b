// Prometheus' text format, version 0.0.4:
// https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
//
//   exposition out{{{"client", "orders"}}};
//   out.family("valkeyxx_retries_total", "counter", "Tries after the first.");
//   out.sample({{"kind", "LOADING"}}, 7);       // valkeyxx_retries_total{client="orders",kind="LOADING"} 7
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/duration_histogram.hpp"

namespace valkeyxx::telemetry {

class exposition {
  public:
    using label = std::pair<std::string_view, std::string_view>;
    using labels = std::initializer_list<label>;

    /// @param constant  labels that all samples have. Their names must be right: see is_label_name().
    explicit exposition(const std::vector<std::pair<std::string, std::string>>& constant = {});

    /// Begins a metric; its samples follow. What it says has no line breaks.
    void family(std::string_view name, std::string_view type, std::string_view help);
    void sample(labels of, std::uint64_t value);
    void histogram(labels of, const duration_histogram& h);

    [[nodiscard]] std::string take() && { return std::move(text_); }

  private:
    void line(std::string_view suffix, labels of, std::string_view upper_end, std::string_view value);

    std::string constant_;  // as they stand in a line
    std::string name_;
    std::string text_;
};

/// Letters, digits and '_', the first one no digit; those that begin with "__", and "le", are Prometheus' own.
bool is_label_name(std::string_view text) noexcept;

/// Seconds, as short as they can be told: "0.00025".
std::string in_seconds(std::chrono::nanoseconds time);

}  // namespace valkeyxx::telemetry
