#include "support/certificates.hpp"

#include <cstdint>
#include <fstream>
#include <stdexcept>

#include "support/program.hpp"

namespace valkeyxx::testing {
namespace {

void openssl(arguments words) {
    words.insert(words.begin(), "openssl");
    const auto done = run_program(words);
    if (done.exit_code != 0) throw std::runtime_error{"openssl " + words[1] + ": " + done.err};
}

void make_key(const std::string& file) {
    openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file});
}

}  // namespace

certificate_authority::certificate_authority(const std::string& name) {
    make_key(folder_.file("ca.key"));
    openssl(
        {"req", "-x509", "-new", "-key", folder_.file("ca.key"), "-subj", "/CN=" + name, "-days", "2", "-out", file()});
}

certificate_files certificate_authority::issue(const std::string& names, int days) {
    const std::string stem = folder_.file(std::to_string(++issued_));
    make_key(stem + ".key");
    openssl({"req", "-new", "-key", stem + ".key", "-subj", "/CN=test", "-out", stem + ".csr"});
    std::ofstream{stem + ".ext"} << "subjectAltName=" << names << '\n';
    openssl({"x509", "-req", "-in", stem + ".csr", "-CA", file(), "-CAkey", folder_.file("ca.key"), "-CAcreateserial",
             "-days", std::to_string(days), "-extfile", stem + ".ext", "-out", stem + ".pem"});
    return {stem + ".pem", stem + ".key"};
}

arguments certificate_authority::server_arguments(std::uint16_t port, const certificate_files& own,
                                                  const std::string& clients) const {
    return {"--tls-port",         std::to_string(port),
            "--tls-cert-file",    own.certificate,
            "--tls-key-file",     own.key,
            "--tls-ca-cert-file", file(),
            "--tls-auth-clients", clients};
}

}  // namespace valkeyxx::testing
