#include <iostream>
#include <optional>
#include <string>

#include <boost/asio.hpp>
#include <boost/redis/connection.hpp>

int main() {
    boost::asio::io_context loop;
    boost::redis::connection connection{loop};
    boost::redis::request request;
    request.push("SET", "greeting", "hello");
    request.push("GET", "greeting");
    boost::redis::response<std::string, std::optional<std::string>> response;
    connection.async_run({}, {}, boost::asio::detached);
    connection.async_exec(request, response, [&](auto, auto) {
        std::cout << std::get<1>(response).value().value_or("nothing") << '\n';
        connection.cancel();
    });
    loop.run();
}
