// Many commands in one go, over any slots and nodes; each keeps its own typed result.
//
//   vk::pipeline batch;
//   auto hits = batch.add(incr("hits"));
//   auto name = batch.add(get("user:1"));
//   auto done = cluster.execute(batch);
//   std::int64_t n = done[hits].value();          // throws if this one failed
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <valkeyxx/command.hpp>
#include <valkeyxx/target.hpp>

namespace valkeyxx {

namespace detail {
class batch;
class result_writer;
struct batch_deleter {
    void operator()(batch* b) const noexcept;
};
}  // namespace detail

/// A list of commands. They leave together, in one write for each node, and take effect in their order as far as they
/// concern the same slot. Commands that may wait for other clients (BLPOP) have connections of their own, and no order
/// to the others. Not a transaction: commands of others may come between, and some may fail while others
/// succeed. A value; executing does not change it, so it may be executed again, by several threads at once.
class pipeline {
  public:
    /// Names a command's place in the result, with its type.
    template <class R>
    struct handle {
        std::size_t index;
    };

    /// Adds a copy of the command at the end.
    template <class R>
    handle<R> add(const command<R>& c) {
        const auto bytes = c.encoded().bytes();
        entries_.push_back({bytes_.size(), bytes.size(), c.encoded().facts(), 0});
        bytes_.append(bytes);
        return {entries_.size() - 1};
    }

    /// The same for one that goes where `to` says; replies of several nodes become one.
    template <class R>
    handle<R> add(const command<R>& c, target to) {
        const auto h = add(c);
        targets_.push_back(std::move(to));
        entries_.back().target = static_cast<std::uint32_t>(targets_.size());
        return h;
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// Of its requests.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
    /// Removes every command; keeps the memory for the next ones.
    void clear() noexcept {
        bytes_.clear();
        entries_.clear();
        targets_.clear();
    }

  private:
    friend class detail::batch;

    struct entry {
        std::size_t at;
        std::size_t size;
        command_facts facts;
        std::uint32_t target;  // its place in targets_ and one more; 0: none
    };

    std::string bytes_;
    std::vector<entry> entries_;
    std::vector<target> targets_;
};

/// The outcome of a pipeline: for each command a reply or an error. Give the same object to `execute` again and it
/// reuses its memory. Movable. For one thread at a time.
class pipeline_result {
  public:
    pipeline_result();
    pipeline_result(pipeline_result&&) noexcept;
    pipeline_result& operator=(pipeline_result&&) noexcept;
    ~pipeline_result();

    [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

    /// The decoded result of one command. With `R` = std::string_view it points into this object.
    template <class R>
    [[nodiscard]] result<R> operator[](pipeline::handle<R> h) const {
        return get<R>(h.index);
    }
    template <class R>
    [[nodiscard]] result<R> get(std::size_t index) const {
        if (failed(index)) [[unlikely]]
            return failure(index);
        return decode<R>(reply(index));
    }

    /// The same without decoding: whether the command failed, and then why, or else its reply, which points into this
    /// object.
    [[nodiscard]] bool failed(std::size_t index) const noexcept { return items_[index].root.span == 0; }
    [[nodiscard]] const error& failure(std::size_t index) const noexcept { return errors_[items_[index].base]; }
    [[nodiscard]] reply_view reply(std::size_t index) const noexcept {
        const item& i = items_[index];
        return {bytes_.data() + i.base, i.root.kind < value_kind::array ? &i.root : nodes_.data() + i.root.at};
    }

    /// True if every command has a reply.
    [[nodiscard]] bool ok() const noexcept { return errors_.empty(); }
    /// Throws the error of the first command, in their order, that has one.
    void throw_first_error() const;

  private:
    friend class detail::batch;
    friend class detail::result_writer;

    struct item {
        std::size_t base = 0;  // of the reply's text in bytes_; of a failed command its error's place in errors_
        // A scalar reply, or the first node of an aggregate, whose `at` then says where its nodes begin in nodes_.
        // Without an extent: the command failed.
        resp::node root{.at = 0, .size = 0, .span = 0, .kind = value_kind::null};
    };

    std::string bytes_;
    std::vector<resp::node> nodes_;
    std::vector<item> items_;
    std::vector<error> errors_;
    std::unique_ptr<detail::batch, detail::batch_deleter> batch_;  // the client's own part, kept for the next execution
};

}  // namespace valkeyxx
