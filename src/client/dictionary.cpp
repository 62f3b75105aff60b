#include "client/dictionary.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "client/engine.hpp"
#include "command/keys.hpp"
#include "routing/fanout.hpp"

namespace valkeyxx::clients {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_entries = 1000;  // whoever names more makes them up
constexpr auto forget_after = 10s;          // that no server knew a command: a module may have been loaded since

std::string upper(std::string_view word) {
    std::string text{word};
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string request_of(std::vector<std::string_view> words) {
    const encoded_command c{words};
    return std::string{c.bytes()};
}

}  // namespace

struct dictionary::entry {
    std::unique_ptr<const described_command> known;
    bool asked = false;                  // and not answered yet
    io::time_point unknown_until{};      // no server knew it, or none would tell
    std::vector<std::uint16_t> waiting;  // the slots of requests that wait for the answer
};

// COMMAND INFO for a name, or COMMAND GETKEYS for one request.
class dictionary::question final : public request {
  public:
    question(dictionary& of, std::string bytes, std::uint16_t slot, std::string name, std::uint64_t number)
        : request{of.engine_, false},
          of_{of},
          bytes_{std::move(bytes)},
          name_{std::move(name)},
          number_{number},
          slot_{slot} {
        set_command(bytes_, {.info = &info_of(name_.empty() ? command_id::command_getkeys : command_id::command_info),
                             .repeatable = true});
        set_deadline(of.engine_.default_deadline());
    }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] std::uint16_t slot() const noexcept { return slot_; }
    [[nodiscard]] bool done() const noexcept { return done_; }

    void on_reply(reply_view reply) noexcept override { answer(reply); }
    void on_error(error) noexcept override { answer(std::nullopt); }

  private:
    void answer(std::optional<reply_view> reply) noexcept {
        if (name_.empty()) {
            of_.keys_found(*this, reply);
        } else {
            of_.described(*this, reply);
        }
        done_ = true;  // from now on the next question may take our place
    }

    dictionary& of_;
    std::string bytes_;
    std::string name_;  // empty: its keys are asked for
    std::uint64_t number_;
    std::uint16_t slot_;
    bool done_ = false;
};

dictionary::dictionary(engine& e) noexcept : engine_{e} {}
dictionary::~dictionary() = default;

bool dictionary::resolve(request& r) {
    const auto words = routing::words_of(r.bytes());
    // Of a command of the table that has subcommands, the subcommand is new.
    const bool is_sub = words.size() > 1 && find_command(words[0], {}) != nullptr;
    const std::string name = upper(words[0]) + (is_sub ? '|' + upper(words[1]) : std::string{});
    command_facts guess = r.facts();
    guess.route = words.size() > 1 && !is_sub ? key_route::slot : key_route::any;
    if (!entries_.contains(name) && entries_.size() >= most_entries) {
        r.route_by(guess);
        return true;
    }
    entry& found = entries_[name];
    if (found.known) {
        const auto* sub = words.size() > 1 ? found.known->subcommand(words[1]) : nullptr;
        return resolve_by(sub != nullptr ? *sub : *found.known, r, words);
    }
    if (!found.asked && io::clock::now() < found.unknown_until) {
        r.route_by(guess);
        return true;
    }
    found.waiting.push_back(r.facts().slot);
    if (!std::exchange(found.asked, true)) ask(request_of({"COMMAND", "INFO", name}), 0, name, 0);
    return false;
}

bool dictionary::resolve_by(const described_command& known, request& r, const std::vector<std::string_view>& words) {
    command_facts facts{
        .info = &known.info(), .repeatable = known.info().repeat == repeatable::read_only, .how = known.info().how};
    if (!known.hides_keys()) {
        std::vector<std::uint32_t> positions;
        find_keys(known.info(), words, positions);
        for (std::uint32_t at : positions) note_key(facts, words[at]);
        r.route_by(facts);
        return true;
    }
    const auto answer = keys_.find(r.number());
    if (answer == keys_.end()) {
        keys_.emplace(r.number(), std::nullopt);
        std::vector<std::string_view> all{"COMMAND", "GETKEYS"};
        all.insert(all.end(), words.begin(), words.end());
        ask(request_of(std::move(all)), r.facts().slot, {}, r.number());
        return false;
    }
    if (!answer->second) return false;
    facts.slot = answer->second->slot;
    facts.route = answer->second->route;
    r.route_by(facts);
    return true;
}

void dictionary::ask(std::string bytes, std::uint16_t slot, std::string name, std::uint64_t number) {
    std::erase_if(questions_, [](const auto& q) { return q->done(); });
    questions_.push_back(std::make_unique<question>(*this, std::move(bytes), slot, std::move(name), number));
    engine_.ask(*questions_.back());
}

void dictionary::described(question& q, std::optional<reply_view> reply) noexcept {
    entry& e = entries_[q.name()];
    e.asked = false;
    if (reply && reply->size() == 1) {
        std::string name = q.name();
        std::replace(name.begin(), name.end(), '|', ' ');
        e.known = described_command::read((*reply)[0], name);
    }
    if (!e.known) e.unknown_until = io::clock::now() + forget_after;
    for (std::uint16_t slot : std::exchange(e.waiting, {})) engine_.go_on(slot);
}

void dictionary::keys_found(question& q, std::optional<reply_view> reply) noexcept {
    command_facts facts;
    if (reply && reply->is_aggregate()) {
        for (const reply_view key : *reply) note_key(facts, key.text());
    }
    keys_[q.number()] = facts;
    engine_.go_on(q.slot());
    keys_.erase(q.number());  // its request has taken it, or has ended
}

}  // namespace valkeyxx::clients
