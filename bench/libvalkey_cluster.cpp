// libvalkey's cluster client: it routes by itself, also in pipelines.
#include <valkey/cluster.h>

#include <string>

#include "c_client.hpp"

namespace valkeyxx::bench {
namespace {

std::string seed_of(const job& j) {
    return "127.0.0.1:" + std::to_string(j.servers.cluster[0]);
}

struct libvalkey_cluster_api {
    using context = valkeyClusterContext;
    using reply = valkeyReply;
    using async_context = valkeyClusterAsyncContext;
    using node_context = valkeyAsyncContext;
    static constexpr int string_type = VALKEY_REPLY_STRING;
    static constexpr int status_type = VALKEY_REPLY_STATUS;

    static std::vector<c_context<libvalkey_cluster_api>> connect(const job& j) {
        std::vector<c_context<libvalkey_cluster_api>> contexts;
        contexts.emplace_back(valkeyClusterConnect(seed_of(j).c_str()));
        if (!contexts.back() || contexts.back()->err) die("libvalkey cannot connect to the cluster");
        return contexts;
    }
    static void disconnect(context* c) { valkeyClusterFree(c); }
    static void free_reply(reply* r) { freeReplyObject(r); }

    static reply* command(context* c, c_arguments& a) {
        return static_cast<reply*>(valkeyClusterCommandArgv(c, a.count(), a.bytes(), a.sizes()));
    }
    static bool append(context* c, c_arguments& a) {
        return valkeyClusterAppendCommandArgv(c, a.count(), a.bytes(), a.sizes()) == VALKEY_OK;
    }
    static bool flush(context*) { return true; }  // the first next() sends to all nodes
    static reply* next(context* c) {
        void* r = nullptr;
        return valkeyClusterGetReply(c, &r) == VALKEY_OK ? static_cast<reply*>(r) : nullptr;
    }
    static void end_batch(context* c) { valkeyClusterReset(c); }

    using loop = epoll_loop<libvalkey_cluster_api>;
    static std::vector<async_context*> async_connect(const job& j, loop& l) {
        const std::string seed = seed_of(j);
        valkeyClusterOptions options{};
        options.initial_nodes = seed.c_str();
        options.options = VALKEY_OPT_BLOCKING_INITIAL_UPDATE;  // ready for commands when it returns
        options.attach_fn = [](valkeyAsyncContext* c, void* to) {
            static_cast<loop*>(to)->attach(c);
            return VALKEY_OK;
        };
        options.attach_data = &l;
        // Not only for the error: without this callback nothing is watched before the first command.
        options.async_connect_callback = [](valkeyAsyncContext*, int status) {
            if (status != VALKEY_OK) die("libvalkey cannot connect to a node");
        };
        async_context* c = valkeyClusterAsyncConnectWithOptions(&options);
        if (!c || c->err) die("libvalkey cannot connect to the cluster");

        // It connects to a node with the first command for it; that is no part of the measurement.
        valkeyClusterNodeIterator nodes{};
        valkeyClusterInitNodeIterator(&nodes, &c->cc);
        while (valkeyClusterNode* node = valkeyClusterNodeNext(&nodes))
            if (!valkeyClusterGetValkeyAsyncContext(c, node)) die("libvalkey cannot connect to a node");
        return {c};
    }
    static bool connected(const std::vector<async_context*>& contexts, loop&) {
        valkeyClusterNodeIterator nodes{};
        valkeyClusterInitNodeIterator(&nodes, &contexts.front()->cc);
        while (const valkeyClusterNode* node = valkeyClusterNodeNext(&nodes))
            if (!node->acon || !(node->acon->c.flags & VALKEY_CONNECTED)) return false;
        return true;
    }
    static void async_disconnect(async_context* c) { valkeyClusterAsyncFree(c); }
    static bool async_command(async_context* c, valkeyClusterCallbackFn* on_reply, void* data, c_arguments& a) {
        return valkeyClusterAsyncCommandArgv(c, on_reply, data, a.count(), a.bytes(), a.sizes()) == VALKEY_OK;
    }
    static void handle_read(node_context* c) { valkeyAsyncHandleRead(c); }
    static void handle_write(node_context* c) { valkeyAsyncHandleWrite(c); }
};

const registration sync_scenarios{"libvalkey", {"cget16"}, run_c_sync<libvalkey_cluster_api>};
const registration pipelines{"libvalkey", {"cpipe1000"}, run_c_pipeline<libvalkey_cluster_api>};
const registration async_scenarios{"libvalkey", {"casync64", "casync1024"}, run_c_async<libvalkey_cluster_api>};

}  // namespace
}  // namespace valkeyxx::bench
