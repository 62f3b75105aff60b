// What one has without a C++ client: hiredis, and Asio for everything that must not wait.
#include <iostream>

#include <hiredis/hiredis.h>
#include <boost/asio.hpp>

int main() {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket socket{loop};
    boost::asio::connect(socket, boost::asio::ip::tcp::resolver{loop}.resolve("127.0.0.1", "7000"));
    redisContext* context = redisConnect("127.0.0.1", 7000);
    freeReplyObject(redisCommand(context, "SET %s %s", "greeting", "hello"));
    auto* reply = static_cast<redisReply*>(redisCommand(context, "GET %s", "greeting"));
    std::cout << (reply->str != nullptr ? reply->str : "nothing") << '\n';
    freeReplyObject(reply);
    redisFree(context);
}
