#include "routing/subscription_dialogue.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace valkeyxx::routing {
namespace {

using namespace std::string_view_literals;

// What a PING may be refused with. (A subscription may, too; but then nothing of it was confirmed.)
constexpr std::array refusals_of_ping{"LOADING"sv, "MASTERDOWN"sv, "NOPERM"sv, "NOAUTH"sv};

bool may_be_of_ping(std::string_view error) {
    return std::any_of(refusals_of_ping.begin(), refusals_of_ping.end(),
                       [=](std::string_view word) { return error.starts_with(word); });
}

// Where the item stands in the command, the number of its items if it does not.
std::size_t place_in(const subscription_dialogue::entry& e, subscription_dialogue::item_id item) {
    return static_cast<std::size_t>(std::find(e.items.begin(), e.items.end(), item) - e.items.begin());
}

}  // namespace

bool subscription_dialogue::subscribed(item_id item) {
    if (entries_.empty()) return false;
    entry& e = entries_.front();
    if (!e.subscribe || e.refused || e.answered == e.items.size() || e.items[e.answered] != item) return false;
    ++e.answered;
    return true;
}

bool subscription_dialogue::unsubscribed(item_id item) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        entry& e = entries_[i];
        const std::size_t place = place_in(e, item);
        if (place == e.items.size() || e.refused) continue;
        if (e.subscribe && place < e.answered) continue;  // it was confirmed; only the PING is not answered yet
        // Only the oldest can be what is answered, but whichever it is: it is no longer subscribed to.
        if (!e.subscribe && i == 0 && e.answered < e.items.size()) ++e.answered;
        return false;
    }
    return true;
}

auto subscription_dialogue::replied(std::optional<std::string_view> error) -> verdict {
    if (entries_.empty()) return verdict::broken;
    entry& e = entries_.front();
    const bool open = e.answered < e.items.size();
    if (!error) {
        // An unsubscription needs no confirmation for us to be sure that it has happened.
        return open && e.subscribe && !e.refused ? verdict::broken : verdict::over;
    }
    if (e.items.empty() || e.refused) return verdict::over;
    // A server that has moved the slot meanwhile says farewell, which may look like the confirmation, and then refuses
    // the command: MOVED, or that there is no subscription.
    if (open || (!e.subscribe && !may_be_of_ping(*error))) {
        if (e.subscribe && e.answered != 0) return verdict::broken;
        e.refused = true;
        return verdict::refused;
    }
    return verdict::over;
}

auto subscription_dialogue::finish() -> entry {
    entry e = std::move(entries_.front());
    entries_.pop_front();
    return e;
}

}  // namespace valkeyxx::routing
