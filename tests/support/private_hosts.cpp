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

}  // namespace valkeyxx::testing
