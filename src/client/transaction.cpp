#include "client/transaction.hpp"

#include "client/result_writer.hpp"
#include "command/script_request.hpp"
#include "command/table.hpp"
#include "resp/server_error.hpp"
#include "routing/fanout.hpp"

#include <valkeyxx/slot.hpp>

namespace valkeyxx {
namespace {

constexpr std::string_view multi_bytes = "*1\r\n$5\r\nMULTI\r\n";
constexpr std::string_view exec_bytes = "*1\r\n$4\r\nEXEC\r\n";

}  // namespace

transaction::transaction() {
    clear();
}

void transaction::clear() {
    bytes_.assign(multi_bytes);
    bytes_ += exec_bytes;
    facts_ = {.info = &info_of(command_id::exec), .repeatable = true, .how = handling::transaction};
    entries_.clear();
    guessed_ = false;
    impossible_.reset();
}

void transaction::append(const encoded_command& c) {
    const command_facts& facts = c.facts();
    if (facts.how == handling::binds || facts.how == handling::breaks || facts.how == handling::uncacheable) {
        throw exception{error{errc::invalid_argument, c.name() + " cannot be part of a transaction"}};
    }
    bytes_.resize(bytes_.size() - exec_bytes.size());
    bytes_ += facts.how == handling::script ? script_request{c.bytes()}.whole() : c.bytes();
    bytes_ += exec_bytes;
    entries_.push_back(facts.info);
    facts_.repeatable = facts_.repeatable && facts.repeatable;
    note_slot(facts);
}

void transaction::note_slot(const command_facts& facts) {
    const std::string name = facts.info->id == command_id::raw ? "a command" : std::string{facts.info->name};
    switch (facts.route) {
        case key_route::slot:
            if (facts_.route != key_route::slot || guessed_) {
                facts_.route = key_route::slot;
                facts_.slot = facts.slot;
                guessed_ = false;
            } else if (facts_.slot != facts.slot && !impossible_) {
                impossible_.emplace(errc::cross_slot,
                                    name + " is for slot " + std::to_string(facts.slot) +
                                        ", what is before it in the transaction for slot " +
                                        std::to_string(facts_.slot) +
                                        ": all of a transaction runs on one node; give its keys a common hash tag such "
                                        "as {user:1}");
            }
            break;
        case key_route::cross_slot:
            if (!impossible_) {
                impossible_.emplace(errc::cross_slot, name +
                                                          " has keys of different slots, which a transaction cannot "
                                                          "take apart");
            }
            break;
        case key_route::unlisted:  // its first argument is perhaps its key; if not, the server says MOVED
            if (facts_.route != key_route::slot) {
                facts_.route = key_route::slot;
                facts_.slot = facts.slot;
                guessed_ = true;
            }
            break;
        case key_route::any:
            if (!impossible_ && routing::spread_of(facts) != routing::spread::one) {
                impossible_.emplace(errc::invalid_argument,
                                    name + " is for several nodes, a transaction runs on one of them");
            }
            break;
    }
}

namespace detail {

std::optional<error> transaction_access::problem(const transaction& t, const clients::engine& e) {
    return e.one_shard() ? std::nullopt : t.impossible_;
}

void transaction_access::prepare(const transaction& t, clients::request& r) {
    r.set_command(t.bytes_, t.facts_);
    r.set_inner_commands(static_cast<std::uint32_t>(t.size()));
}

result<pipeline_result> read_transaction(const transaction& t, reply_view reply) {
    if (reply.is_null()) {
        return error{{.code = errc::transaction_conflict,
                      .text = "a watched key was changed: nothing was run",
                      .command = "EXEC"}};
    }
    if (!reply.is_aggregate() || reply.size() != t.size()) {
        return error{{.code = errc::unexpected_reply,
                      .text = "the server answered a transaction of " + std::to_string(t.size()) +
                              " commands with something else than as many replies",
                      .command = "EXEC",
                      .executed = executed::yes}};
    }
    pipeline_result done;
    result_writer out{done, t.size()};
    std::size_t i = 0;
    for (const reply_view each : reply) {
        if (each.is_error()) {
            out.store(
                i, resp::read_server_error(each.text()).with(std::string{t.entries_[i]->name}, {}, 0, executed::yes));
        } else {
            out.store(i, each);
        }
        ++i;
    }
    return done;
}

}  // namespace detail
}  // namespace valkeyxx
