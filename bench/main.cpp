// The benchmark program: one client, one scenario, one line of JSON.
//
//     valkeyxx_bench --client raw --scenario get16 --standalone 6379 --cluster 7001,7002,7003 --seconds 1
//     valkeyxx_bench --preload --standalone 6379 --cluster 7001,7002,7003
//     valkeyxx_bench --list
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "preload.hpp"
#include "registry.hpp"

namespace valkeyxx::bench {
namespace {

constexpr const char* usage =
    "usage: valkeyxx_bench --client NAME --scenario S --standalone PORT --cluster P1,P2,P3 [--seconds X | --ops N]\n"
    "       valkeyxx_bench --preload --standalone PORT --cluster P1,P2,P3\n"
    "       valkeyxx_bench --list";

struct arguments {
    std::string client;
    std::string scenario;
    server_ports servers;
    limits until;
    bool preload = false;
    bool list = false;
};

template <class Number>
Number parse(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) die("not a number: " + std::string(text));
    return number;
}

std::array<std::uint16_t, cluster_nodes> parse_ports(std::string_view text) {
    std::array<std::uint16_t, cluster_nodes> ports{};
    for (std::uint16_t& port : ports) {
        const auto comma = text.find(',');
        port = parse<std::uint16_t>(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    if (!text.empty()) die("the cluster has exactly three primaries");
    return ports;
}

arguments parse_arguments(int argc, char** argv) {
    arguments a;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const auto value = [&]() -> std::string_view {
            if (++i == argc) die(usage);
            return argv[i];
        };
        if (option == "--client")
            a.client = value();
        else if (option == "--scenario")
            a.scenario = value();
        else if (option == "--standalone")
            a.servers.standalone = parse<std::uint16_t>(value());
        else if (option == "--cluster")
            a.servers.cluster = parse_ports(value());
        else if (option == "--seconds")
            a.until.seconds = parse<double>(value());
        else if (option == "--ops")
            a.until.operations = parse<std::uint64_t>(value());
        else if (option == "--preload")
            a.preload = true;
        else if (option == "--list")
            a.list = true;
        else
            die(usage);
    }
    return a;
}

// For the runner and for people: the scenarios, then who can run them, then with which version of their library.
void print_list() {
    for (const scenario& s : all_scenarios())
        std::printf("scenario %s %s %zu %s\n", s.name.data(), name_of(s.shape).data(), s.width,
                    s.cluster ? "cluster" : "standalone");
    for (const driver_entry& d : all_drivers()) std::printf("driver %s %s\n", d.client.data(), d.scenario.data());
    for (const peer_entry& p : all_peer_versions()) std::printf("version %s %s\n", p.client.data(), p.version.data());
    std::printf("missing %s\n", VALKEYXX_BENCH_MISSING);
}

void run(const arguments& a) {
    const scenario& what = find_scenario(a.scenario);
    const driver drive = find_driver(a.client, a.scenario);
    const keyspace keys(what.value_size);
    measurement clock(a.until);
    job j{.what = what, .servers = a.servers, .keys = keys, .clock = clock};
    drive(j);
    std::puts(clock.json(a.client, a.scenario).c_str());
}

int main_with(const arguments& a) {
    if (a.list) {
        print_list();
        return 0;
    }
    if (!a.servers.standalone || !a.servers.cluster[0]) die(usage);
    if (a.preload)
        preload(a.servers);
    else
        run(a);
    return 0;
}

}  // namespace
}  // namespace valkeyxx::bench

int main(int argc, char** argv) {
    return valkeyxx::bench::main_with(valkeyxx::bench::parse_arguments(argc, argv));
}
