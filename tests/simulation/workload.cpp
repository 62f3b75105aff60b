#include "workload.hpp"

#include <algorithm>
#include <array>

#include "checks.hpp"
#include "client/batch.hpp"
#include "server.hpp"

#include <valkeyxx/command_id.hpp>

namespace valkeyxx::simulation {

// Commands for one slot, of a caller who does not wait for one before starting the next.
struct workload::burst {
    std::uint32_t caller;
    std::uint32_t number;  // among the batches
    std::vector<std::size_t> keys;
    std::size_t left;  // calls still to be made
    std::size_t under_way = 0;
    std::vector<const call*> single = {};  // of those under way, in their order

    /// The last command that waits in the client at this moment; 0: none does.
    [[nodiscard]] command_number waiting() const noexcept;
};

// One command, as the asynchronous face starts it.
class workload::call final : public clients::request, public clients::completion {
  public:
    call(workload& w, encoded_command c, command_number n, std::uint32_t caller, burst_owner of)
        : request{*w.engine_, false},
          workload_{w},
          command_{std::move(c)},
          number_{n},
          caller_{caller},
          part_of_{std::move(of)} {
        set_command(command_.bytes(), command_.facts());
    }

    [[nodiscard]] command_number number() const noexcept { return number_; }

    void on_reply(reply_view reply) noexcept override {
        check_reply(workload_.world_, number_, reply);
        workload_.engine_->defer(*this);
    }
    void on_error(error why) noexcept override {
        ++workload_.failures_;
        check_error(workload_.world_, number_, why, workload_.closed());
        workload_.engine_->defer(*this);
    }
    void run() noexcept override {
        workload& w = workload_;
        const std::uint32_t caller = caller_;
        const burst_owner of = part_of_;
        if (of) std::erase(of->single, this);
        delete this;
        w.ended(caller, of);
    }

  private:
    workload& workload_;
    encoded_command command_;
    command_number number_;
    std::uint32_t caller_;
    burst_owner part_of_;
};

command_number workload::burst::waiting() const noexcept {
    const auto found = std::find_if(single.rbegin(), single.rend(),
                                    [](const call* c) { return c->where() == clients::request::place::waiting; });
    return found != single.rend() ? (*found)->number() : 0;
}

// One pipeline, as the asynchronous face starts it.
class workload::batch_call final : public detail::batch::owner, public clients::completion {
  public:
    batch_call(workload& w, std::uint32_t caller, burst_owner of)
        : workload_{w}, caller_{caller}, part_of_{std::move(of)} {}

    pipeline& commands() noexcept { return commands_; }
    void start(command_number first, time_point deadline) {
        first_ = first;
        detail::batch::of(outcome_).start(*workload_.engine_, commands_, outcome_, deadline, *this, false);
    }

    void batch_done() noexcept override { workload_.engine_->defer(*this); }
    void run() noexcept override {
        for (std::size_t i = 0; i < outcome_.size(); ++i) {
            const auto n = static_cast<command_number>(first_ + i);
            if (outcome_.failed(i)) {
                check_error(workload_.world_, n, outcome_.failure(i), workload_.closed());
            } else {
                check_reply(workload_.world_, n, outcome_.reply(i));
            }
        }
        workload& w = workload_;
        const std::uint32_t caller = caller_;
        const burst_owner of = part_of_;
        delete this;
        w.ended(caller, of);
    }

  private:
    workload& workload_;
    std::uint32_t caller_;
    burst_owner part_of_;
    command_number first_ = 0;
    pipeline commands_;
    pipeline_result outcome_;
};

void workload::start() {
    left_ = world_.settings.commands;
    for (std::uint32_t c = 0; c < world_.settings.callers; ++c) done(c);
}

void workload::done(std::uint32_t caller) {
    if (left_ == 0 || caller == nobody_waits) return;
    const auto pause = world_.random.between(duration{}, world_.settings.think);
    world_.time.after(pause, [this, caller] { next(caller); });
}

void workload::ended(std::uint32_t caller, const burst_owner& of) {
    --under_way_;
    if (!of) {
        done(caller);
    } else if (--of->under_way == 0 && of->left == 0) {
        done(caller);
    }
}

void workload::next(std::uint32_t caller) {
    if (left_ == 0) return;
    if (world_.random.percent(world_.settings.pipeline_percent)) {
        start_pipeline(caller);
    } else if (world_.random.percent(world_.settings.burst_percent)) {
        start_burst(caller);
    } else {
        start_one(caller, world_.random.below(world_.keys.keys().size()), touch::try_all);
    }
}

encoded_command workload::make(std::uint32_t caller, std::size_t key_number, std::uint32_t batch, touch how) {
    dice& random = world_.random;
    const key& k = world_.keys.keys()[key_number];
    record r;
    r.key = key_number;
    r.caller = caller;
    r.batch = batch;
    r.probe = how == touch::promise;
    r.submitted = scheduler::now();
    r.deadline = r.submitted + world_.settings.client.command_timeout;
    const auto luck = how == touch::try_to_write ? random.between<std::size_t>(40, 99) : random.below(100);
    if (luck < 30) {
        r.what = operation::get;
    } else if (luck < 37) {
        r.what = operation::mget;
    } else if (luck < 39 && caller != nobody_waits) {
        r.what = operation::ping;
    } else if (luck < 40 && caller != nobody_waits) {
        r.what = operation::dbsize;
    } else {
        switch (k.holds) {
            case content::text:
                r.what = luck < 90 ? operation::set : operation::del;
                break;
            case content::list_of_tokens:
                r.what = operation::append;
                break;
            case content::counter:
                r.what = operation::incr;
                break;
        }
    }
    const bool repeats = world_.settings.client.repeat == repeat_policy::at_least_once;
    r.once = !repeats && (r.what == operation::append || r.what == operation::incr || r.what == operation::del);
    const operation what = r.what;
    if ((what == operation::mget || what == operation::del) && caller != nobody_waits) {
        for (std::size_t more = random.percent(70) ? 0 : random.below(5); more != 0; --more) {
            const std::size_t other = random.below(world_.keys.keys().size());
            if (what == operation::mget || world_.keys.keys()[other].holds == content::text) {
                r.more_keys.push_back(other);
            }
        }
    }
    const std::vector<std::size_t> more_keys = r.more_keys;
    const command_number n = world_.commands.add(std::move(r));
    const std::string mark = "#" + std::to_string(n);
    // Not by the words alone: the number is one word more than the server knows, and the table would be at a loss.
    const auto many = [&](command_id id) {
        const std::string last = k.tag + mark;
        std::vector<std::string_view> words{k.name};
        for (const std::size_t other : more_keys) words.push_back(world_.keys.keys()[other].name);
        words.push_back(last);
        encoded_command all{id, words, encoded_command::keys::all};
        all.allow_split();
        return all;
    };
    const auto command = [](command_id id, encoded_command::keys where, const auto&... w) {
        const std::array<std::string_view, sizeof...(w)> args{std::string_view{w}...};
        return encoded_command{id, args, where};
    };
    using keys = encoded_command::keys;
    switch (what) {
        case operation::get:
            return command(command_id::get, keys::first, k.name, mark);
        case operation::set:
            // The value ends in the number; sometimes it is long.
            return command(command_id::set, keys::first, k.name,
                           std::string(random.percent(5) ? random.below(3000) : 0, 'x') + mark);
        case operation::append:
            return command(command_id::append, keys::first, k.name, mark + ";");
        case operation::incr:
            return command(command_id::incr, keys::first, k.name, mark);
        case operation::del:
            return many(command_id::del);
        case operation::mget:
            return many(command_id::mget);
        case operation::ping:
            return command(command_id::ping, keys::none, mark);
        case operation::dbsize:
            break;
    }
    return command(command_id::dbsize, keys::none, mark);
}

void workload::start_one(std::uint32_t caller, std::size_t key, touch how, const burst_owner& of) {
    if (left_ != 0 && caller != nobody_waits) --left_;
    auto command = make(caller, key, of ? of->number : 0, how);
    const auto n = static_cast<command_number>(world_.commands.all().size());
    world_.log([&] { return "start " + world_.commands.describe(n); });
    auto* c = new call{*this, std::move(command), n, caller, of};
    ++under_way_;
    const std::unique_lock lock{engine_->mutex()};
    c->set_deadline(world_.commands.of(n).deadline);
    if (of) {
        world_.commands.of(n).behind = of->waiting();
        of->single.push_back(c);
        ++of->under_way;
    }
    engine_->submit(*c);
    engine_->flush_soon();
}

void workload::start_pipeline(std::uint32_t caller, const burst_owner& of) {
    const std::size_t longest = of ? 3 : world_.settings.longest_pipeline;
    const std::size_t size = std::min(left_, world_.random.between<std::size_t>(1, longest));
    left_ -= size;
    auto* b = new batch_call{*this, caller, of};
    const auto first = static_cast<command_number>(world_.commands.all().size() + 1);
    const std::uint32_t number = of ? of->number : ++batches_;
    // Few keys, so that many of the commands concern the same one.
    const std::size_t some = world_.random.between<std::size_t>(1, 6);
    const std::size_t from = world_.random.below(world_.keys.keys().size());
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t key =
            of ? world_.random.one_of(of->keys) : (from + world_.random.below(some)) % world_.keys.keys().size();
        b->commands().add(command<value>{make(caller, key, number, touch::try_all)});
    }
    world_.log([&] { return "pipeline of " + std::to_string(size) + " from " + world_.commands.describe(first); });
    ++under_way_;
    const std::unique_lock lock{engine_->mutex()};
    if (of) {
        const command_number before = of->waiting();
        for (std::size_t i = 0; i < size; ++i) {
            world_.commands.of(static_cast<command_number>(first + i)).behind = before;
        }
        ++of->under_way;
    }
    b->start(first, world_.commands.of(first).deadline);
    engine_->flush_soon();
}

void workload::start_burst(std::uint32_t caller) {
    const auto& keys = world_.keys.keys();
    std::size_t key = world_.random.below(keys.size());
    // Of the commands for texts few must not run twice, and only of such the order can be told.
    if (keys[key].holds == content::text) key = world_.random.below(keys.size());
    auto b = std::make_shared<burst>(
        burst{.caller = caller, .number = ++batches_, .keys = {}, .left = world_.random.between<std::size_t>(2, 12)});
    for (std::size_t k = 0; k < keys.size(); ++k) {
        if (keys[k].slot == keys[key].slot) b->keys.push_back(k);
    }
    go_on(b);
}

void workload::go_on(const burst_owner& b) {
    b->left = left_ == 0 ? 0 : b->left - 1;
    if (left_ == 0) return;  // nobody starts anything any more
    if (world_.random.percent(15)) {
        start_pipeline(b->caller, b);
    } else {
        start_one(b->caller, world_.random.one_of(b->keys), touch::try_all, b);
    }
    if (b->left == 0) return;
    const auto gap = world_.random.between(duration{}, world_.settings.burst_gap);
    world_.time.after(gap, [this, b] { go_on(b); });
}

void workload::touch_chunks(std::size_t count, touch how) {
    const auto& chunks = world_.keys.chunks();
    for (std::size_t i = 0; i < count; ++i) {
        const chunk& c = chunks[next_chunk_++ % chunks.size()];
        start_one(nobody_waits, c.keys[world_.random.below(c.keys.size())], how);
    }
}

}  // namespace valkeyxx::simulation
