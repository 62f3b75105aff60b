// hiredis: one context for each server. For cluster scenarios its user routes by hand, as the library has no cluster.
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include "c_client.hpp"

namespace valkeyxx::bench {
namespace {

struct hiredis_api {
    using context = redisContext;
    using reply = redisReply;
    using async_context = redisAsyncContext;
    using node_context = redisAsyncContext;
    static constexpr int string_type = REDIS_REPLY_STRING;
    static constexpr int status_type = REDIS_REPLY_STATUS;

    static std::vector<c_context<hiredis_api>> connect(const job& j) {
        std::vector<c_context<hiredis_api>> contexts;
        for (const std::uint16_t port : j.ports()) {
            contexts.emplace_back(redisConnect("127.0.0.1", port));
            if (!contexts.back() || contexts.back()->err) die("hiredis cannot connect");
        }
        return contexts;
    }
    static void disconnect(context* c) { redisFree(c); }
    static void free_reply(reply* r) { freeReplyObject(r); }

    static reply* command(context* c, c_arguments& a) {
        return static_cast<reply*>(redisCommandArgv(c, a.count(), a.bytes(), a.sizes()));
    }
    static bool append(context* c, c_arguments& a) {
        return redisAppendCommandArgv(c, a.count(), a.bytes(), a.sizes()) == REDIS_OK;
    }
    static bool flush(context* c) {
        for (int done = 0; !done;)
            if (redisBufferWrite(c, &done) != REDIS_OK) return false;
        return true;
    }
    static reply* next(context* c) {
        void* r = nullptr;
        return redisGetReply(c, &r) == REDIS_OK ? static_cast<reply*>(r) : nullptr;
    }
    static void end_batch(context*) {}

    static std::vector<async_context*> async_connect(const job& j, epoll_loop<hiredis_api>& loop) {
        std::vector<async_context*> contexts;
        for (const std::uint16_t port : j.ports()) {
            async_context* c = redisAsyncConnect("127.0.0.1", port);
            if (!c || c->err) die("hiredis cannot connect");
            loop.attach(c);
            redisAsyncSetConnectCallback(c, [](const redisAsyncContext*, int status) {
                if (status != REDIS_OK) die("hiredis cannot connect");
            });
            contexts.push_back(c);
        }
        return contexts;
    }
    static bool connected(const std::vector<async_context*>& contexts, epoll_loop<hiredis_api>&) {
        for (const async_context* c : contexts)
            if (!(c->c.flags & REDIS_CONNECTED)) return false;
        return true;
    }
    static void async_disconnect(async_context* c) { redisAsyncFree(c); }
    static bool async_command(async_context* c, redisCallbackFn* on_reply, void* data, c_arguments& a) {
        return redisAsyncCommandArgv(c, on_reply, data, a.count(), a.bytes(), a.sizes()) == REDIS_OK;
    }
    static void handle_read(node_context* c) { redisAsyncHandleRead(c); }
    static void handle_write(node_context* c) { redisAsyncHandleWrite(c); }
};

#define VALKEYXX_BENCH_TEXT_OF(x) #x
#define VALKEYXX_BENCH_VERSION(a, b, c) \
    VALKEYXX_BENCH_TEXT_OF(a) "." VALKEYXX_BENCH_TEXT_OF(b) "." VALKEYXX_BENCH_TEXT_OF(c)
const peer_version version{"hiredis", VALKEYXX_BENCH_VERSION(HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH)};

const registration sync_scenarios{"hiredis", {"get16", "set16", "get1k", "cget16"}, run_c_sync<hiredis_api>};
const registration pipelines{
    "hiredis", {"pipe100", "pipe1000", "pipe1000_1k", "cpipe1000"}, run_c_pipeline<hiredis_api>};
const registration async_scenarios{
    "hiredis", {"async64", "async1024", "casync64", "casync1024"}, run_c_async<hiredis_api>};

}  // namespace
}  // namespace valkeyxx::bench
