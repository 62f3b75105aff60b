#include "valkeyxx_cli/observation.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/ip/address.hpp>

#include <valkeyxx/log.hpp>
#include <valkeyxx/metrics.hpp>

#include "valkeyxx_cli/metrics_server.hpp"

namespace valkeyxx::cli {

namespace {

std::string check_address(const std::string& text) {
    boost::system::error_code wrong;
    boost::asio::ip::make_address(text, wrong);
    return wrong ? "\"" + text + "\" is no IP address" : std::string{};
}

// Lines into a file, or onto stderr.
class log_file {
  public:
    log_file(const std::string& name, bool json) : name_{name}, json_{json} {
        if (name == "-") return;
        errno = 0;
        file_.open(name, std::ios::app);
        if (!file_) throw std::system_error{errno, std::generic_category(), "the log " + name + " cannot be written"};
    }

    void write(const log_record& r) {
        std::ostream& out = name_ == "-" ? std::cerr : file_;
        out << (json_ ? to_json(r) : to_logfmt(r)) + "\n" << std::flush;
        if (!out && !std::exchange(failed_, true)) {
            std::cerr << "valkeyxx: the log " << name_ << " cannot be written any more\n";
        }
    }

  private:
    std::string name_;
    bool json_;
    bool failed_ = false;
    std::ofstream file_;
};

}  // namespace

struct observation::running {
    std::vector<std::shared_ptr<observer>> observers;
    std::shared_ptr<observer> all;  // nullptr: none
    std::unique_ptr<metrics_server> server;
};

observation::observation() = default;
observation::~observation() = default;

void observation::add_options(CLI::App& app) {
    auto* port = app.add_option("--metrics-port", port_,
                                "Serve metrics for Prometheus at http://ADDRESS:PORT/metrics while it runs; 0: at any "
                                "free port, which is told on stderr")
                     ->type_name("PORT")
                     ->check(CLI::Range{0, 65535});
    app.add_option("--metrics-address", address_, "Where to serve them (default: 127.0.0.1)")
        ->type_name("ADDRESS")
        ->check(CLI::Validator{check_address, "", "address"})
        ->needs(port);
    auto* log = app.add_option("--log", log_,
                               "Append what happens to connections, nodes and the topology, and commands that fail, to "
                               "this file; - is stderr")
                    ->type_name("FILE");
    app.add_option("--log-format", format_, "logfmt (the default) or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"logfmt", "json"}))
        ->needs(log);
}

std::shared_ptr<observer> observation::watcher() const {
    return running_ ? running_->all : start();
}

std::shared_ptr<observer> observation::start() const {
    auto all = std::make_unique<running>();
    if (!log_.empty()) {
        const auto file = std::make_shared<log_file>(log_, format_ == "json");
        all->observers.push_back(std::make_shared<log_observer>([file](const log_record& r) { file->write(r); },
                                                                log_options{.failed_commands = true}));
    }
    if (port_ >= 0) {
        const auto counts = std::make_shared<metrics>();
        all->observers.push_back(counts);
        all->server = std::make_unique<metrics_server>(endpoint{address_, static_cast<std::uint16_t>(port_)},
                                                       [counts] { return counts->prometheus_text(); });
        std::cerr << "valkeyxx: metrics at http://" << all->server->at().text() << "/metrics" << std::endl;
    }
    if (!all->observers.empty()) all->all = std::make_shared<observers>(all->observers);
    running_ = std::move(all);
    return running_->all;
}

std::shared_ptr<observer> both(std::shared_ptr<observer> one, std::shared_ptr<observer> other) {
    if (!one) return other;
    if (!other) return one;
    return std::make_shared<observers>(std::vector{std::move(one), std::move(other)});
}

}  // namespace valkeyxx::cli
