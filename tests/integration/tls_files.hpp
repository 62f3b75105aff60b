// Certificates that are replaced while somebody uses them.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/certificates.hpp"
#include "support/temp_dir.hpp"

#include <valkeyxx/tls.hpp>

namespace valkeyxx::testing {

inline std::string contents(const std::string& file) {
    std::ostringstream all;
    all << std::ifstream{file}.rdbuf();
    return all.str();
}

/// What a client is told to use; the files change, their names do not.
class tls_folder {
  public:
    tls_folder(const certificate_authority& trusted, const certificate_files& own) { put(trusted, own); }

    [[nodiscard]] tls_options options() const {
        return {.enabled = true,
                .ca_file = folder_.file("ca.pem"),
                .certificate_file = folder_.file("own.pem"),
                .private_key_file = folder_.file("own.key")};
    }
    /// Each file is whole at all times.
    void put(const certificate_authority& trusted, const certificate_files& own) const {
        put_one(trusted.file(), "ca.pem");
        put_one(own.certificate, "own.pem");
        put_one(own.key, "own.key");
    }
    /// Leaves the first half of the file, as somebody does who is still writing it.
    void halve(const std::string& name) const {
        const std::string all = contents(folder_.file(name));
        std::ofstream{folder_.file(name)} << all.substr(0, all.size() / 2);
    }

  private:
    void put_one(const std::string& from, const std::string& name) const {
        std::filesystem::copy_file(from, folder_.file("new"));
        std::filesystem::rename(folder_.file("new"), folder_.file(name));
    }

    temp_dir folder_;
};

}  // namespace valkeyxx::testing
