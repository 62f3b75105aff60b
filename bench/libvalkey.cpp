// libvalkey's client for one server.
#include <valkey/async.h>
#include <valkey/valkey.h>

#include "c_client.hpp"

namespace valkeyxx::bench {
namespace {

struct libvalkey_api {
    using context = valkeyContext;
    using reply = valkeyReply;
    using async_context = valkeyAsyncContext;
    using node_context = valkeyAsyncContext;
    static constexpr int string_type = VALKEY_REPLY_STRING;
    static constexpr int status_type = VALKEY_REPLY_STATUS;

    static std::vector<c_context<libvalkey_api>> connect(const job& j) {
        std::vector<c_context<libvalkey_api>> contexts;
        contexts.emplace_back(valkeyConnect("127.0.0.1", j.servers.standalone));
        if (!contexts.back() || contexts.back()->err) die("libvalkey cannot connect");
        return contexts;
    }
    static void disconnect(context* c) { valkeyFree(c); }
    static void free_reply(reply* r) { freeReplyObject(r); }

    static reply* command(context* c, c_arguments& a) {
        return static_cast<reply*>(valkeyCommandArgv(c, a.count(), a.bytes(), a.sizes()));
    }
    static bool append(context* c, c_arguments& a) {
        return valkeyAppendCommandArgv(c, a.count(), a.bytes(), a.sizes()) == VALKEY_OK;
    }
    static bool flush(context* c) {
        for (int done = 0; !done;)
            if (valkeyBufferWrite(c, &done) != VALKEY_OK) return false;
        return true;
    }
    static reply* next(context* c) {
        void* r = nullptr;
        return valkeyGetReply(c, &r) == VALKEY_OK ? static_cast<reply*>(r) : nullptr;
    }
    static void end_batch(context*) {}

    static std::vector<async_context*> async_connect(const job& j, epoll_loop<libvalkey_api>& loop) {
        async_context* c = valkeyAsyncConnect("127.0.0.1", j.servers.standalone);
        if (!c || c->err) die("libvalkey cannot connect");
        loop.attach(c);
        valkeyAsyncSetConnectCallback(c, [](valkeyAsyncContext*, int status) {
            if (status != VALKEY_OK) die("libvalkey cannot connect");
        });
        return {c};
    }
    static bool connected(const std::vector<async_context*>& contexts, epoll_loop<libvalkey_api>&) {
        return contexts.front()->c.flags & VALKEY_CONNECTED;
    }
    static void async_disconnect(async_context* c) { valkeyAsyncFree(c); }
    static bool async_command(async_context* c, valkeyCallbackFn* on_reply, void* data, c_arguments& a) {
        return valkeyAsyncCommandArgv(c, on_reply, data, a.count(), a.bytes(), a.sizes()) == VALKEY_OK;
    }
    static void handle_read(node_context* c) { valkeyAsyncHandleRead(c); }
    static void handle_write(node_context* c) { valkeyAsyncHandleWrite(c); }
};

#define VALKEYXX_BENCH_TEXT_OF(x) #x
#define VALKEYXX_BENCH_VERSION(a, b, c) \
    VALKEYXX_BENCH_TEXT_OF(a) "." VALKEYXX_BENCH_TEXT_OF(b) "." VALKEYXX_BENCH_TEXT_OF(c)
const peer_version version{
    "libvalkey", VALKEYXX_BENCH_VERSION(LIBVALKEY_VERSION_MAJOR, LIBVALKEY_VERSION_MINOR, LIBVALKEY_VERSION_PATCH)};

const registration sync_scenarios{"libvalkey", {"get16", "set16", "get1k"}, run_c_sync<libvalkey_api>};
const registration pipelines{"libvalkey", {"pipe100", "pipe1000", "pipe1000_1k"}, run_c_pipeline<libvalkey_api>};
const registration async_scenarios{"libvalkey", {"async64", "async1024"}, run_c_async<libvalkey_api>};

}  // namespace
}  // namespace valkeyxx::bench
