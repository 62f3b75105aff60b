// What the synchronous and the asynchronous scans have in common; not for users.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <valkeyxx/convert.hpp>
#include <valkeyxx/scan_options.hpp>

namespace valkeyxx {

enum class command_id : std::uint16_t;

namespace detail {

/// Where a scan puts what it finds.
class scan_sink {
  public:
    virtual ~scan_sink() = default;
    virtual result<void> take(reply_view items) = 0;
    virtual void take(std::vector<std::string> keys) = 0;
    [[nodiscard]] virtual bool empty() const noexcept = 0;
};

/// One page, and how much of it has been given out.
template <class Item>
class scan_page final : public scan_sink {
  public:
    result<void> take(reply_view items) override {
        auto decoded = decode<std::vector<Item>>(items);
        if (!decoded) return std::move(decoded).error();
        append(*std::move(decoded));
        return {};
    }
    void take(std::vector<std::string> keys) override {
        if constexpr (std::is_same_v<Item, std::string>) append(std::move(keys));
    }
    [[nodiscard]] bool empty() const noexcept override { return next_ == items_.size(); }

    /// Requires !empty().
    Item next() { return std::move(items_[next_++]); }
    /// The rest of the page.
    std::vector<Item> rest() {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(next_));
        next_ = 0;
        return std::exchange(items_, {});
    }

  private:
    void append(std::vector<Item> more) {
        if (empty()) {
            items_ = std::move(more);
            next_ = 0;
        } else {
            items_.insert(items_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        }
    }

    std::vector<Item> items_;
    std::size_t next_ = 0;
};

/// Which members of which key.
struct member_scan_plan {
    command_id command;
    std::string_view key;
    member_scan_options options;
    bool no_values = false;
};

/// Decides what is asked.
class scan_source;
struct scan_source_deleter {
    void operator()(scan_source* s) const noexcept;
};
using scan_source_owner = std::unique_ptr<scan_source, scan_source_deleter>;

}  // namespace detail
}  // namespace valkeyxx
