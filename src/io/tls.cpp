#include "io/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <cerrno>
#include <limits>

namespace valkeyxx::io {
namespace {

// --- the socket, as OpenSSL sees it ----------------------------------------------------------------------------------
// Its own kind of BIO for sockets would let a write to a dead peer kill the process by SIGPIPE.

int fd_of(BIO* b) noexcept {
    return *static_cast<const int*>(BIO_get_data(b));
}

bool try_later() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int socket_write(BIO* b, const char* bytes, std::size_t size, std::size_t* moved) {
    BIO_clear_retry_flags(b);
    const ssize_t n = ::send(fd_of(b), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
        if (try_later()) BIO_set_retry_write(b);
        return 0;
    }
    *moved = static_cast<std::size_t>(n);
    return 1;
}

int socket_read(BIO* b, char* into, std::size_t size, std::size_t* moved) {
    BIO_clear_retry_flags(b);
    errno = 0;
    const ssize_t n = ::recv(fd_of(b), into, size, MSG_DONTWAIT);
    if (n <= 0) {
        if (n < 0 && try_later()) BIO_set_retry_read(b);
        if (n == 0) errno = ECONNRESET;
        return 0;
    }
    *moved = static_cast<std::size_t>(n);
    return 1;
}

long socket_control(BIO* /*b*/, int what, long /*number*/, void* /*pointer*/) {
    return what == BIO_CTRL_FLUSH ? 1 : 0;  // nothing is kept back
}

const BIO_METHOD* socket_method() {
    static const auto made = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        if (m == nullptr) throw std::bad_alloc{};
        BIO_meth_set_write_ex(m, socket_write);
        BIO_meth_set_read_ex(m, socket_read);
        BIO_meth_set_ctrl(m, socket_control);
        return m;
    }();
    return made;
}

// --- errors ----------------------------------------------------------------------------------------------------------

class tls_category final : public std::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "TLS"; }
    [[nodiscard]] std::string message(int code) const override {
        const char* const reason = ERR_reason_error_string(static_cast<unsigned>(code));
        return "TLS: " + std::string{reason != nullptr ? reason : "error " + std::to_string(code)};
    }
};

const tls_category& category() {
    static const tls_category c;
    return c;
}

// The newest of the errors, which are then forgotten.
std::string last_reason() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "unknown reason";
    const char* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

error bad(const std::string& what) {
    return {errc::invalid_argument, "config::tls: " + what};
}

bool is_address(const std::string& host) {
    unsigned char binary[sizeof(in6_addr)];
    return ::inet_pton(AF_INET, host.c_str(), binary) == 1 || ::inet_pton(AF_INET6, host.c_str(), binary) == 1;
}

// --- certificates ----------------------------------------------------------------------------------------------------

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* p) const noexcept {
        Free(p);
    }
};
using bio = std::unique_ptr<BIO, freed_by<BIO_free>>;
using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

bio text(const std::string& pem) {
    if (pem.size() > std::numeric_limits<int>::max()) throw std::bad_alloc{};
    bio b{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    if (!b) throw std::bad_alloc{};
    return b;
}

// OpenSSL's own way would be to ask at the terminal. `of`: the options.
int password(char* into, int size, int /*writing*/, void* of) {
    const auto& known = static_cast<const tls_options*>(of)->private_key_password;
    if (known.empty() || size < 0 || known.size() > static_cast<std::size_t>(size)) return -1;
    return static_cast<int>(known.copy(into, known.size()));
}

void* for_password(const tls_options& o) {
    return const_cast<tls_options*>(&o);  // as C wants it; password() only reads
}

certificate next_certificate(BIO* from) {
    return certificate{PEM_read_bio_X509(from, nullptr, nullptr, nullptr)};
}

result<void> trust(SSL_CTX* c, const tls_options& o) {
    if (!o.ca_file.empty() && SSL_CTX_load_verify_file(c, o.ca_file.c_str()) != 1) {
        return bad("no certificates can be read from ca_file \"" + o.ca_file + "\": " + last_reason());
    }
    if (!o.ca_directory.empty() && SSL_CTX_load_verify_dir(c, o.ca_directory.c_str()) != 1) {
        return bad("ca_directory \"" + o.ca_directory + "\" cannot be used: " + last_reason());
    }
    if (!o.ca_certificates.empty()) {
        const bio from = text(o.ca_certificates);
        int found = 0;
        while (const certificate each = next_certificate(from.get())) {
            if (X509_STORE_add_cert(SSL_CTX_get_cert_store(c), each.get()) != 1) {
                return bad("ca_certificates: " + last_reason());
            }
            ++found;
        }
        ERR_clear_error();  // that there are no more
        if (found == 0) return bad("ca_certificates has no certificate in PEM");
    }
    if (o.ca_file.empty() && o.ca_directory.empty() && o.ca_certificates.empty() &&
        SSL_CTX_set_default_verify_paths(c) != 1) {
        return bad("the system's trusted certificates cannot be found: " + last_reason());
    }
    return {};
}

result<void> use_certificate(SSL_CTX* c, const tls_options& o) {
    if (!o.certificate_file.empty()) {
        if (SSL_CTX_use_certificate_chain_file(c, o.certificate_file.c_str()) != 1) {
            return bad("no certificate can be read from certificate_file \"" + o.certificate_file +
                       "\": " + last_reason());
        }
        return {};
    }
    const bio from = text(o.certificate);
    const certificate own = next_certificate(from.get());
    if (!own) return bad("certificate is not in PEM: " + last_reason());
    if (SSL_CTX_use_certificate(c, own.get()) != 1) return bad("certificate: " + last_reason());
    while (const certificate between = next_certificate(from.get())) {
        if (SSL_CTX_add1_chain_cert(c, between.get()) != 1) return bad("certificate: " + last_reason());
    }
    ERR_clear_error();
    return {};
}

// Never shows what the key is.
result<void> use_key(SSL_CTX* c, const tls_options& o) {
    if (!o.private_key_file.empty()) {
        if (SSL_CTX_use_PrivateKey_file(c, o.private_key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
            return bad("no key for the certificate can be read from private_key_file \"" + o.private_key_file +
                       "\": " + last_reason());
        }
        return {};
    }
    const bio from = text(o.private_key);
    const key own{PEM_read_bio_PrivateKey(from.get(), nullptr, password, for_password(o))};
    if (!own) return bad("private_key is no key in PEM, or not of this password: " + last_reason());
    if (SSL_CTX_use_PrivateKey(c, own.get()) != 1) return bad("private_key: " + last_reason());
    return {};
}

result<void> identify(SSL_CTX* c, const tls_options& o) {
    SSL_CTX_set_default_passwd_cb(c, password);
    SSL_CTX_set_default_passwd_cb_userdata(c, for_password(o));
    const bool has_certificate = !o.certificate_file.empty() || !o.certificate.empty();
    const bool has_key = !o.private_key_file.empty() || !o.private_key.empty();
    if (has_certificate != has_key) return bad(has_key ? "a key without a certificate" : "a certificate without a key");
    if (!has_certificate) return {};
    if (auto used = use_certificate(c, o); !used) return used;
    if (auto used = use_key(c, o); !used) return used;
    if (SSL_CTX_check_private_key(c) != 1) return bad("the key is not that of the certificate: " + last_reason());
    return {};
}

}  // namespace

// --- one connection --------------------------------------------------------------------------------------------------

void tls_layer::deleter::operator()(ssl_st* s) const noexcept {
    SSL_free(s);
}

transfer tls_layer::outcome(int code, int kept_errno) noexcept {
    switch (code) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return {};
        case SSL_ERROR_ZERO_RETURN:
            broken_ = true;
            return {.bytes = 0, .failure = std::make_error_code(std::errc::connection_reset)};
        case SSL_ERROR_SYSCALL:
            broken_ = true;
            return {.bytes = 0,
                    .failure = kept_errno != 0 ? std::error_code{kept_errno, std::system_category()}
                                               : std::make_error_code(std::errc::connection_reset)};
        default:
            broken_ = true;
            return {.bytes = 0, .failure = std::error_code{static_cast<int>(ERR_peek_last_error()), category()}};
    }
}

// Until nothing is left: what OpenSSL has taken from the socket already wakes nobody.
transfer tls_layer::read(std::span<char> into) noexcept {
    filled_ = false;
    std::size_t got = 0;
    while (got < into.size()) {
        ERR_clear_error();
        errno = 0;
        std::size_t more = 0;
        const int ok = SSL_read_ex(session_.get(), into.data() + got, into.size() - got, &more);
        if (ok == 1) {
            got += more;
            continue;
        }
        const int kept_errno = errno;
        const transfer end = outcome(SSL_get_error(session_.get(), ok), kept_errno);
        if (got == 0) return end;
        filled_ = !end;  // what came before the end first; the end shows again
        return {.bytes = got, .failure = {}};
    }
    filled_ = true;
    return {.bytes = got, .failure = {}};
}

transfer tls_layer::write(std::string_view bytes) noexcept {
    ERR_clear_error();
    errno = 0;
    std::size_t moved = 0;
    const int ok = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &moved);
    if (ok == 1) return {.bytes = moved, .failure = {}};
    const int kept_errno = errno;
    return outcome(SSL_get_error(session_.get(), ok), kept_errno);
}

tls_progress tls_layer::shake_hands() {
    ERR_clear_error();
    errno = 0;
    const int ok = SSL_connect(session_.get());
    if (ok == 1) {
        ready_ = true;
        return {.step = tls_progress::next::done};
    }
    const int kept_errno = errno;
    switch (SSL_get_error(session_.get(), ok)) {
        case SSL_ERROR_WANT_READ:
            return {.step = tls_progress::next::readable};
        case SSL_ERROR_WANT_WRITE:
            return {.step = tls_progress::next::writable};
        case SSL_ERROR_SYSCALL:
            broken_ = true;
            return {.problem = kept_errno == 0 || kept_errno == ECONNRESET
                                   ? "closed by the server, which may not speak TLS"
                                   : std::system_category().message(kept_errno)};
        default:
            broken_ = true;
            break;
    }
    if (const auto verdict = SSL_get_verify_result(session_.get()); verdict != X509_V_OK) {
        ERR_clear_error();
        return {.problem =
                    std::string{"the server's certificate is refused: "} + X509_verify_cert_error_string(verdict)};
    }
    return {.problem = last_reason()};
}

tls_layer::~tls_layer() {
    if (!ready_ || broken_) return;
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(session_.get()));  // the connection ends in any case
    ERR_clear_error();
}

// --- all connections -------------------------------------------------------------------------------------------------

std::vector<tls_context::file_state> tls_context::look_at_files() const {
    std::vector<file_state> files;
    // Of the folder when something was put into it or taken out: certificates in it are replaced under other names.
    for (const auto* path :
         {&options_.ca_file, &options_.ca_directory, &options_.certificate_file, &options_.private_key_file}) {
        if (path->empty()) continue;
        file_state f{*path};
        struct stat s {};
        if (::stat(path->c_str(), &s) == 0) {
            f.changed = s.st_ctim;
            f.number = s.st_ino;
            f.size = s.st_size;
        }
        files.push_back(std::move(f));
    }
    return files;
}

result<std::shared_ptr<ssl_ctx_st>> tls_context::make() const {
    ERR_clear_error();
    std::shared_ptr<SSL_CTX> c{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    if (!c) return bad("TLS cannot be used: " + last_reason());
    const int least = options_.min_version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    if (SSL_CTX_set_min_proto_version(c.get(), least) != 1) return bad("min_version: " + last_reason());
    if (!options_.ciphers.empty() && SSL_CTX_set_cipher_list(c.get(), options_.ciphers.c_str()) != 1) {
        return bad("ciphers \"" + options_.ciphers + "\": " + last_reason());
    }
    if (!options_.cipher_suites.empty() && SSL_CTX_set_ciphersuites(c.get(), options_.cipher_suites.c_str()) != 1) {
        return bad("cipher_suites \"" + options_.cipher_suites + "\": " + last_reason());
    }
    // A reply says by itself where it ends: one that was cut off is noticed without a goodbye, which not all peers say.
    SSL_CTX_set_options(c.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // What is written again after "not now" is in a buffer that may have moved and grown.
    SSL_CTX_set_mode(c.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(c.get(), 1);
    SSL_CTX_set_verify(c.get(), options_.verify == tls_verify::none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    if (options_.verify != tls_verify::none) {
        if (const auto trusted = trust(c.get(), options_); !trusted) return trusted.error();
    }
    if (const auto known = identify(c.get(), options_); !known) return known.error();
    return c;
}

result<void> tls_context::load() {
    const std::lock_guard lock{mutex_};
    auto files = look_at_files();
    auto made = make();
    if (!made) return made.error();
    context_ = *std::move(made);
    files_ = std::move(files);
    return {};
}

std::optional<error> tls_context::take_problem() {
    const std::lock_guard lock{mutex_};
    return std::exchange(problem_, std::nullopt);
}

result<std::unique_ptr<tls_layer>> tls_context::begin(int fd, const std::string& host) {
    const std::lock_guard lock{mutex_};
    if (auto files = look_at_files(); files != files_) {
        // Certificate and key may be replaced one after the other: until both are, the old ones go on.
        if (auto renewed = make()) {
            context_ = *std::move(renewed);
            files_ = std::move(files);
            bad_.clear();
            bad_reason_.clear();
        } else if (files != bad_ || renewed.error().text() != bad_reason_) {
            bad_ = std::move(files);
            bad_reason_ = renewed.error().text();
            problem_ = renewed.error();
        }
    }
    ERR_clear_error();
    std::unique_ptr<SSL, tls_layer::deleter> session{SSL_new(context_.get())};
    BIO* const link = session ? BIO_new(socket_method()) : nullptr;
    if (link == nullptr) return error{errc::cannot_connect, "TLS cannot begin: " + last_reason()};
    BIO_set_init(link, 1);
    SSL_set_bio(session.get(), link, link);

    const std::string& name = options_.server_name.empty() ? host : options_.server_name;
    const bool numeric = is_address(name);
    bool named = numeric || SSL_set_tlsext_host_name(session.get(), name.c_str()) == 1;
    if (options_.verify == tls_verify::full) {
        named = named && (numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), name.c_str()) == 1
                                  : SSL_set1_host(session.get(), name.c_str()) == 1);
    }
    if (!named) return error{errc::cannot_connect, "\"" + name + "\" cannot be a server's name: " + last_reason()};
    std::unique_ptr<tls_layer> layer{new tls_layer{context_, session.release(), fd}};
    BIO_set_data(link, &layer->fd_);
    return layer;
}

}  // namespace valkeyxx::io
