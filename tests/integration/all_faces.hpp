// One command through every face of the library: a waiting call, a callback, a future, a coroutine, and where no target
// is named a pipeline of each kind too. What comes out must not tell them apart.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <vector>

#include <valkeyxx/async_cluster.hpp>
#include <valkeyxx/valkeyxx.hpp>

namespace valkeyxx::testing {

class all_faces {
  public:
    explicit all_faces(const config& settings) : waiting{settings}, started{settings} {}

    /// Runs the command in each way, one after the other, and gives each result to `check(const result<R>&)`.
    template <class R, class Check>
    void each(const command<R>& c, Check check) {
        run(c.encoded(), std::nullopt, [&](const result<value>& reply) { check(decoded<R>(reply)); });
    }
    /// The same for a command with a target, which pipelines do not have.
    template <class R, class Check>
    void each(const command<R>& c, const target& to, Check check) {
        run(c.encoded(), to, [&](const result<value>& reply) { check(decoded<R>(reply)); });
    }

    /// What each node said, by a waiting call and by a future.
    template <class R, class Check>
    void each_node(const command<R>& c, const target& to, Check check) {
        run_on_each(c.encoded(), to, [&](const std::vector<node_result<value>>& replies) {
            std::vector<node_result<R>> all;
            for (const auto& [node, reply] : replies) all.push_back({node, decoded<R>(reply)});
            check(all);
        });
    }

    /// Learns the topology with both clients.
    void connect();

    cluster waiting;
    async_cluster started;

  private:
    // Types are decoded here, from the whole reply: the faces themselves are compiled once, for every test.
    void run(const encoded_command& c, const std::optional<target>& to,
             const std::function<void(const result<value>&)>& check);
    void run_on_each(const encoded_command& c, const target& to,
                     const std::function<void(const std::vector<node_result<value>>&)>& check);

    template <class R>
    static result<R> decoded(const result<value>& reply) {
        if (!reply) return reply.error();
        return decode<R>(reply->view());
    }
};

}  // namespace valkeyxx::testing
