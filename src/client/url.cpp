// The URL form of a configuration.
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <valkeyxx/config.hpp>

namespace valkeyxx {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t default_port = 6379;
constexpr std::uint16_t default_sentinel_port = 26379;

error bad(const std::string& what) {
    return {errc::invalid_url, what};
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

// "250ms", "5s", "2m".
std::optional<std::chrono::milliseconds> duration(std::string_view text) {
    const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto unit = text.substr(digits.size());
    const auto n = number(digits);
    const std::uint64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
    if (!n || factor == 0 || *n > 1'000'000'000) return std::nullopt;
    return std::chrono::milliseconds{*n * factor};
}

// One option: its name, what its value must look like, and how it is taken over (false: it does not look like that).
struct option {
    std::string_view name;
    std::string_view shape;
    bool (*take)(config&, std::string_view);
};

template <auto Member>
bool take_duration(config& c, std::string_view text) {
    const auto d = duration(text);
    if (d) c.*Member = *d;
    return d.has_value();
}

template <auto Member>
bool take_number(config& c, std::string_view text) {
    const auto n = number(text);
    if (n) c.*Member = static_cast<std::remove_reference_t<decltype(c.*Member)>>(*n);
    return n.has_value() && *n <= 1'000'000'000;
}

bool take_protocol(config& c, std::string_view text) {
    c.protocol = text == "2" ? 2 : 3;
    return text == "2" || text == "3";
}

bool take_repeat(config& c, std::string_view text) {
    if (text == "at_most_once") c.repeat = repeat_policy::at_most_once;
    if (text == "at_least_once") c.repeat = repeat_policy::at_least_once;
    return text == "at_most_once" || text == "at_least_once";
}

constexpr std::array<std::pair<std::string_view, read_from>, 6> readers{{
    {"primary", read_from::primary},
    {"prefer_replica", read_from::prefer_replica},
    {"round_robin", read_from::round_robin},
    {"random", read_from::random},
    {"lowest_latency", read_from::lowest_latency},
    {"same_zone", read_from::same_zone},
}};

bool take_readers(config& c, std::string_view text) {
    const auto found = std::find_if(readers.begin(), readers.end(), [&](const auto& r) { return r.first == text; });
    if (found != readers.end()) c.reads = found->second;
    return found != readers.end();
}

bool take_pushes(config& c, std::string_view text) {
    c.pushes = text == "own" ? push_connection::own : push_connection::shared;
    return text == "own" || text == "shared";
}

bool take_when_full(config& c, std::string_view text) {
    c.when_full = text == "wait" ? full_policy::wait : full_policy::fail;
    return text == "fail" || text == "wait";
}

template <auto Member>
bool take_bytes(config& c, std::string_view text) {
    const auto n = number(text);
    if (n) c.*Member = static_cast<std::size_t>(*n);
    return n.has_value();
}

template <auto Member>
bool take_flag(config& c, std::string_view text) {
    c.*Member = text == "yes";
    return text == "yes" || text == "no";
}

template <auto Member>
bool take_text(config& c, std::string_view text) {
    c.*Member = text;
    return !text.empty();
}

template <auto Member>
bool take_secret(config& c, std::string_view text) {
    c.*Member = text;
    return true;  // a value that was refused would be shown
}

template <auto Member>
bool take_tls_text(config& c, std::string_view text) {
    c.tls.*Member = text;
    return !text.empty();
}

template <auto Member>
bool take_cache_duration(config& c, std::string_view text) {
    const auto d = duration(text);
    if (d) c.cache.*Member = *d;
    return d.has_value();
}

template <auto Member>
bool take_cache_size(config& c, std::string_view text) {
    const auto n = number(text);
    if (n) c.cache.*Member = static_cast<std::size_t>(*n);
    return n.has_value();
}

bool take_cache(config& c, std::string_view text) {
    c.cache.enabled = text == "yes";
    return text == "yes" || text == "no";
}

bool take_key_password(config& c, std::string_view text) {
    c.tls.private_key_password = text;
    return true;  // as with take_secret
}

bool take_tls_verify(config& c, std::string_view text) {
    c.tls.verify = text == "none" ? tls_verify::none : text == "chain" ? tls_verify::chain : tls_verify::full;
    return text == "none" || text == "chain" || text == "full";
}

bool take_tls_version(config& c, std::string_view text) {
    c.tls.min_version = text == "1.3" ? tls_version::v1_3 : tls_version::v1_2;
    return text == "1.2" || text == "1.3";
}

// What the sentinels' TLS is like is known at the end, when all of the servers' is.
bool take_sentinel_tls(config& c, std::string_view text) {
    if (text == "no") c.sentinel_tls.emplace();
    return text == "yes" || text == "no";
}

constexpr auto a_duration = "a duration such as 250ms or 5s"sv;
constexpr auto a_number = "a number"sv;

constexpr auto yes_or_no = "yes or no"sv;
constexpr auto a_file = "a file in PEM"sv;

constexpr std::array options{
    option{"availability_zone", "a name", take_text<&config::availability_zone>},
    option{"cache", yes_or_no, take_cache},
    option{"cache_longest_ttl", a_duration, take_cache_duration<&cache_options::longest_ttl>},
    option{"cache_max_bytes", a_number, take_cache_size<&cache_options::max_bytes>},
    option{"cache_max_entry_bytes", a_number, take_cache_size<&cache_options::max_entry_bytes>},
    option{"cache_max_silence", a_duration, take_cache_duration<&cache_options::max_silence>},
    option{"client_name", "a name", take_text<&config::client_name>},
    option{"command_timeout", a_duration, take_duration<&config::command_timeout>},
    option{"connect_timeout", a_duration, take_duration<&config::connect_timeout>},
    option{"dynamic_seeds", yes_or_no, take_flag<&config::dynamic_seeds>},
    option{"limit_blocking", yes_or_no, take_flag<&config::limit_blocking>},
    option{"max_bytes_in_flight", a_number, take_bytes<&config::max_bytes_in_flight>},
    option{"max_exclusive_connections", a_number, take_number<&config::max_exclusive_connections>},
    option{"max_in_flight", a_number, take_number<&config::max_in_flight>},
    option{"max_in_flight_per_shard", a_number, take_number<&config::max_in_flight_per_shard>},
    option{"max_bytes_in_flight_per_shard", a_number, take_bytes<&config::max_bytes_in_flight_per_shard>},
    option{"max_redirects", a_number, take_number<&config::max_redirects>},
    option{"max_retries", a_number, take_number<&config::max_retries>},
    option{"min_other_sentinels", a_number, take_number<&config::min_other_sentinels>},
    option{"no_evict", yes_or_no, take_flag<&config::no_evict>},
    option{"no_touch", yes_or_no, take_flag<&config::no_touch>},
    option{"protocol", "2 or 3", take_protocol},
    option{"pushes", "own or shared", take_pushes},
    option{"read_from", "primary, prefer_replica, round_robin, random, lowest_latency or same_zone", take_readers},
    option{"refresh_every", a_duration, take_duration<&config::refresh_every>},
    option{"refresh_interval", a_duration, take_duration<&config::refresh_interval>},
    option{"remap_seeds", yes_or_no, take_flag<&config::remap_seeds>},
    option{"repeat", "at_most_once or at_least_once", take_repeat},
    option{"require_full_coverage", yes_or_no, take_flag<&config::require_full_coverage>},
    option{"sentinel_events", yes_or_no, take_flag<&config::sentinel_events>},
    option{"sentinel_password", "a password", take_secret<&config::sentinel_password>},
    option{"sentinel_tls", yes_or_no, take_sentinel_tls},
    option{"sentinel_username", "a name", take_text<&config::sentinel_username>},
    option{"ping_interval", a_duration, take_duration<&config::ping_interval>},
    option{"subscription_timeout", a_duration, take_duration<&config::subscription_timeout>},
    option{"suspect_after", a_duration, take_duration<&config::suspect_after>},
    option{"tcp_keepalive", a_duration, take_duration<&config::tcp_keepalive>},
    option{"tcp_user_timeout", a_duration, take_duration<&config::tcp_user_timeout>},
    option{"tls_ca", a_file, take_tls_text<&tls_options::ca_file>},
    option{"tls_ca_directory", "a folder", take_tls_text<&tls_options::ca_directory>},
    option{"tls_certificate", a_file, take_tls_text<&tls_options::certificate_file>},
    option{"tls_cipher_suites", "a list of cipher suites", take_tls_text<&tls_options::cipher_suites>},
    option{"tls_ciphers", "a list of ciphers", take_tls_text<&tls_options::ciphers>},
    option{"tls_key", a_file, take_tls_text<&tls_options::private_key_file>},
    option{"tls_key_password", "a password", take_key_password},
    option{"tls_min_version", "1.2 or 1.3", take_tls_version},
    option{"tls_server_name", "a name", take_tls_text<&tls_options::server_name>},
    option{"tls_verify", "full, chain or none", take_tls_verify},
    option{"when_full", "fail or wait", take_when_full},
};

// How many letters must change to make one word of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

std::string unknown_option(std::string_view name) {
    const auto far = [name](const option& o) {
        const bool part_of_it = name.size() > 2 && o.name.find(name) != std::string_view::npos;  // "timeout", "name"
        return part_of_it ? 0 : distance(o.name, name);
    };
    const auto nearest = std::min_element(options.begin(), options.end(),
                                          [&](const option& a, const option& b) { return far(a) < far(b); });
    return "there is no option \"" + std::string{name} + "\"; did you mean \"" + std::string{nearest->name} + "\"?";
}

result<void> take_option(config& c, const std::string& name, const std::string& text) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const option& o) { return o.name == name; });
    if (found == options.end()) return bad(unknown_option(name));
    if (!found->take(c, text)) {
        return bad("option " + name + " must be " + std::string{found->shape} + ", not \"" + text + "\"");
    }
    return {};
}

// "host", "host:port" or "[v6]:port".
result<endpoint> read_host(std::string_view text, std::uint16_t usual_port) {
    if (text.empty()) return bad("a host is missing: hosts stand after valkey:// as host:port,host:port");
    const std::string alone = "valkey://" + std::string{text};  // what is parsed is a view of it
    const auto parsed = boost::urls::parse_uri(alone);
    // A port that is none ("7000x") ends early, and what is left over passes for a path.
    if (!parsed || parsed->host().empty() || !parsed->encoded_path().empty())
        return bad("\"" + std::string{text} + "\" is not a host with a port");
    endpoint seed{.host = parsed->host_address(), .port = usual_port};
    if (parsed->has_port()) {
        if (parsed->port_number() == 0) return bad("\"" + std::string{text} + "\" has no port from 1 to 65535");
        seed.port = parsed->port_number();
    }
    return seed;
}

// A password that holds '/', '?' or '#' as it is ends the authority too early: the '@' behind it then stands further on
// (another one may be part of the password), and what was taken for host, path or option are parts of the password.
// None of it may be shown.
bool password_is_cut(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos) return false;
    const auto end = url.find_first_of("/?#", start + 3);
    return end != std::string_view::npos && url.find('@', end) != std::string_view::npos;
}

// "/database", of sentinels "/service/database".
result<void> take_path(config& c, boost::urls::segments_view path, bool sentinels) {
    auto segment = path.begin();
    const auto more = [&] { return segment != path.end() && !std::string{*segment}.empty(); };
    if (sentinels) {
        if (!more()) return bad("the service is missing: valkey+sentinel://sentinel,sentinel/service");
        c.service = *segment;
        ++segment;
    }
    if (!more()) return {};
    const std::string number{*segment};
    const char* const end = number.data() + number.size();
    const auto [stop, failure] = std::from_chars(number.data(), end, c.database);
    if (failure != std::errc{} || stop != end || c.database < 0 || ++segment != path.end()) {
        return bad("the URL's path is not the number of a database: \"" + std::string{path.buffer()} + "\"");
    }
    return {};
}

struct known_scheme {
    std::string_view name;
    bool sentinels;
    bool encrypted;
};
constexpr std::array schemes{
    known_scheme{"valkey", false, false},         known_scheme{"valkeys", false, true},
    known_scheme{"valkey+sentinel", true, false}, known_scheme{"valkeys+sentinel", true, true},
    known_scheme{"redis", false, false},          known_scheme{"rediss", false, true},
    known_scheme{"redis+sentinel", true, false},  known_scheme{"rediss+sentinel", true, true},
    known_scheme{"redis-sentinel", true, false},  known_scheme{"rediss-sentinel", true, true},
};

result<config> read_url(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) {
        return bad("a URL looks like valkey://host:port; this one has no scheme");
    }
    const auto scheme = url.substr(0, scheme_end);
    if (scheme == "unix" || scheme == "valkey+unix") {
        return bad("a cluster cannot be reached through a Unix socket: its nodes name each other by host and port");
    }
    const auto known = std::find_if(schemes.begin(), schemes.end(), [&](const auto& s) { return s.name == scheme; });
    if (known == schemes.end()) {
        return bad("the scheme \"" + std::string{scheme} +
                   "\" is not known; use valkey:// or valkey+sentinel://, with TLS valkeys:// or valkeys+sentinel://");
    }
    const bool sentinels = known->sentinels;

    // A list of hosts is more than a URL can hold: take it out, and leave the rest to the URL parser.
    const auto authority_end = std::min(url.find_first_of("/?#", scheme_end + 3), url.size());
    const auto authority = url.substr(scheme_end + 3, authority_end - scheme_end - 3);
    const auto at = authority.rfind('@');
    const auto user = at == std::string_view::npos ? ""sv : authority.substr(0, at + 1);
    auto hosts = at == std::string_view::npos ? authority : authority.substr(at + 1);

    config c;
    c.tls.enabled = known->encrypted;
    for (bool more = true; more;) {
        const auto comma = hosts.find(',');
        more = comma != std::string_view::npos;
        auto seed = read_host(hosts.substr(0, comma), sentinels ? default_sentinel_port : default_port);
        if (!seed) return std::move(seed).error();
        c.seeds.push_back(*std::move(seed));
        hosts.remove_prefix(more ? comma + 1 : hosts.size());
    }

    const std::string rest = "valkey://" + std::string{user} + "host" + std::string{url.substr(authority_end)};
    const auto parsed = boost::urls::parse_uri(rest);
    if (!parsed) return bad("user, path or options are not those of a URL: " + parsed.error().message());
    if (parsed->has_userinfo()) {
        c.username = parsed->user();
        c.password = parsed->password();
        if (c.password.empty()) return bad("there is a user but no password: write user:password@, or :password@");
    }
    const auto path_taken = take_path(c, parsed->segments(), sentinels);
    if (!path_taken) return path_taken.error();
    if (parsed->has_fragment()) return bad("a fragment (#...) means nothing here");
    std::set<std::string> given;
    // Percent-encoding alone: a plus is a plus, as in the rest of the URL.
    for (const auto& param : parsed->params(boost::urls::encoding_opts{})) {
        if (!given.insert(std::string{param.key}).second) {
            return bad("option " + std::string{param.key} + " is given more than once");
        }
        const auto taken = take_option(c, std::string{param.key}, std::string{param.value});
        if (!taken) return taken.error();
        if (!known->encrypted && std::string_view{param.key}.starts_with("tls_")) {
            return bad("option " + std::string{param.key} + " needs TLS: valkeys:// or valkeys+sentinel://");
        }
    }
    return c;
}

}  // namespace

result<config> parse_url(std::string_view url) {
    auto c = read_url(url);
    if (!c && password_is_cut(url)) {
        return bad(
            "a host, path or option cannot be understood; if the password holds / ? # or @, percent-encode them "
            "(%2F %3F %23 %40)");
    }
    return c;
}

}  // namespace valkeyxx
