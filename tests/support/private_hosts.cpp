#include "support/private_hosts.hpp"

#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <stdexcept>

namespace valkeyxx::testing {

private_hosts::private_hosts() {
    set("");
    possible_ = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount(folder_.file("hosts").c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
}

void private_hosts::set(const std::string& lines) const {
    std::ofstream file{folder_.file("hosts"), std::ios::trunc};  // the same file, which is what was mounted
    file << lines;
    if (!file.flush()) throw std::runtime_error{"cannot write " + folder_.file("hosts")};
}

bool private_hosts::ask(const std::string& name_server) const {
    const std::string resolv_conf = folder_.file("resolv.conf");
    std::ofstream file{resolv_conf};
    file << "nameserver " << name_server << '\n';
    if (!file.flush()) throw std::runtime_error{"cannot write " + resolv_conf};
    return ::mount(resolv_conf.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0;
}

}  // namespace valkeyxx::testing
