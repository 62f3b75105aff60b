// What a client does, as metrics for Prometheus and as a log.
//
//   11_observability valkey://127.0.0.1:7000
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <valkeyxx/valkeyxx.hpp>

namespace vk = valkeyxx;
using namespace vk::commands;

namespace {

void use(vk::cluster& cluster) {
    cluster.execute(set("user:10", "ada"));
    for (int i = 0; i < 99; ++i) cluster.execute(get("user:10"));
    if (!cluster.try_execute(incr("user:10"))) std::cout << "ada is no number\n";
}

// The sum of a metric's samples.
double total(const std::string& text, const std::string& metric) {
    std::istringstream lines{text};
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(metric)) sum += std::stod(line.substr(line.rfind(' ')));
    }
    return sum;
}

void observe(const std::string& url) {
    vk::config settings = vk::parse_url(url).value();
    auto metrics = std::make_shared<vk::metrics>();
    auto log = std::make_shared<vk::log_observer>(
        [](const vk::log_record& r) { std::clog << vk::to_logfmt(r) << '\n'; },  // or your own logger
        vk::log_options{.least = vk::log_level::warning});
    settings.watcher = std::make_shared<vk::observers>(std::vector<std::shared_ptr<vk::observer>>{metrics, log});

    vk::cluster cluster{settings};
    use(cluster);
    const std::string page = metrics->prometheus_text();  // what GET /metrics of your server answers
    std::cout << total(page, "valkeyxx_commands_total") << " commands, " << total(page, "valkeyxx_errors_total")
              << " failed\n";
    bool busy = false;
    for (const vk::node_stats& node : cluster.node_statistics()) busy = busy || node.in_flight != 0 || node.suspected;
    std::cout << (busy ? "something is left to do\n" : "nothing is left to do\n");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: 11_observability URL\n";
        return 2;
    }
    try {
        observe(argv[1]);
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << '\n';
        return 1;
    }
}
