// Reads Prometheus' text format, and refuses what a Prometheus server, or promtool, would complain of.
#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace valkeyxx::testing {

class exposition_parser {
  public:
    using label_set = std::map<std::string, std::string>;
    struct sample {
        std::string name;
        label_set labels;
        double value = 0;
    };

    /// Throws std::runtime_error that names the wrong line.
    explicit exposition_parser(const std::string& text) {
        if (text.empty() || text.back() != '\n') throw std::runtime_error{"the last line has no end"};
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            line_ = text.substr(at, end - at);
            at = end + 1;
            if (line_.starts_with("#")) {
                take_comment();
            } else {
                take_sample();
            }
        }
        check_histograms();
        for (const auto& [name, type] : types_) check_name(name, type);
    }

    [[nodiscard]] const std::map<std::string, std::string>& types() const { return types_; }
    [[nodiscard]] const std::map<std::string, std::string>& helps() const { return helps_; }
    [[nodiscard]] const std::vector<sample>& samples() const { return samples_; }

    /// Of all samples of this name that have these labels, and perhaps others.
    [[nodiscard]] double sum(std::string_view name, const label_set& with = {}) const {
        double all = 0;
        for (const sample& s : samples_) {
            if (s.name == name && has(s, with)) all += s.value;
        }
        return all;
    }
    [[nodiscard]] std::size_t count(std::string_view name, const label_set& with = {}) const {
        return static_cast<std::size_t>(std::count_if(samples_.begin(), samples_.end(),
                                                      [&](const sample& s) { return s.name == name && has(s, with); }));
    }
    /// The values of a label.
    [[nodiscard]] std::set<std::string> values_of(std::string_view name, const std::string& label) const {
        std::set<std::string> all;
        for (const sample& s : samples_) {
            if (s.name == name && s.labels.contains(label)) all.insert(s.labels.at(label));
        }
        return all;
    }

  private:
    static bool has(const sample& s, const label_set& with) {
        return std::all_of(with.begin(), with.end(), [&](const auto& l) {
            const auto found = s.labels.find(l.first);
            return found != s.labels.end() && found->second == l.second;
        });
    }
    [[noreturn]] void refuse(const std::string& why) const { throw std::runtime_error{why + ": " + line_}; }

    static bool is_name(std::string_view text, bool colons) {
        const auto fits = [colons](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (colons && c == ':');
        };
        return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
               std::all_of(text.begin(), text.end(), fits);
    }

    void take_comment() {
        const bool help = line_.starts_with("# HELP ");
        if (!help && !line_.starts_with("# TYPE ")) refuse("a comment that says nothing");
        const std::string rest = line_.substr(7);
        const std::size_t space = rest.find(' ');
        if (space == std::string::npos) refuse("it says nothing of the metric");
        const std::string name = rest.substr(0, space);
        const std::string says = rest.substr(space + 1);
        if (!is_name(name, true)) refuse("no name");
        if (help) {
            if (!helps_.emplace(name, says).second) refuse("a second HELP");
            return;
        }
        if (says != "counter" && says != "gauge" && says != "histogram") refuse("no type");
        if (!helps_.contains(name)) refuse("a TYPE without HELP before it");
        if (!types_.emplace(name, says).second) refuse("a second TYPE");
        family_ = name;
    }

    void take_sample() {
        sample s;
        std::size_t at = line_.find_first_of("{ ");
        if (at == std::string::npos) refuse("no sample");
        s.name = line_.substr(0, at);
        if (!is_name(s.name, true)) refuse("no name");
        if (line_[at] == '{') at = take_labels(s, at + 1);
        if (at >= line_.size() || line_[at] != ' ') refuse("no value");
        const std::string number = line_.substr(at + 1);
        char* end = nullptr;
        s.value = std::strtod(number.c_str(), &end);
        if (number.empty() || *end != '\0' || std::isspace(static_cast<unsigned char>(number.front())) != 0) {
            refuse("no number");
        }
        if (types_.count(family_) == 0) refuse("a sample before any TYPE");
        const std::string suffix = s.name.starts_with(family_) ? s.name.substr(family_.size()) : "?";
        const bool of_histogram = suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
        if (types_.at(family_) == "histogram" ? !of_histogram : !suffix.empty()) refuse("not of " + family_);
        if ((suffix == "_bucket") != s.labels.contains("le")) refuse("le is for buckets");
        if (types_.at(family_) != "gauge" && !(s.value >= 0)) refuse("less than nothing");
        if (!seen_.insert({s.name, s.labels}).second) refuse("said twice");
        samples_.push_back(std::move(s));
    }

    // Returns where the closing brace ends.
    std::size_t take_labels(sample& s, std::size_t at) {
        for (;;) {
            const std::size_t equals = line_.find("=\"", at);
            if (equals == std::string::npos) refuse("no label");
            const std::string name = line_.substr(at, equals - at);
            if (!is_name(name, false) || name.starts_with("__")) refuse("no name of a label");
            std::string value;
            for (at = equals + 2;; ++at) {
                if (at >= line_.size()) refuse("no end of a label");
                if (line_[at] == '"') break;
                if (line_[at] == '\\') {
                    ++at;
                    if (at >= line_.size() || std::string_view{"\\\"n"}.find(line_[at]) == std::string_view::npos) {
                        refuse("an escape that there is not");
                    }
                    value += line_[at] == 'n' ? '\n' : line_[at];
                } else {
                    value += line_[at];
                }
            }
            if (!s.labels.emplace(name, value).second) refuse("a label twice");
            ++at;
            if (at < line_.size() && line_[at] == '}') return at + 1;
            if (at >= line_.size() || line_[at] != ',') refuse("no comma");
            ++at;
        }
    }

    void check_histograms() const {
        std::map<std::pair<std::string, label_set>, std::vector<std::pair<double, double>>> buckets;
        for (const sample& s : samples_) {
            if (!s.labels.contains("le")) continue;
            label_set others = s.labels;
            const std::string le = others.at("le");
            others.erase("le");
            const double end =
                le == "+Inf" ? std::numeric_limits<double>::infinity() : std::strtod(le.c_str(), nullptr);
            buckets[{s.name.substr(0, s.name.size() - 7), others}].emplace_back(end, s.value);
        }
        for (const auto& [series, list] : buckets) {
            const auto& [name, labels] = series;
            for (std::size_t i = 1; i < list.size(); ++i) {
                if (!(list[i - 1].first < list[i].first)) throw std::runtime_error{name + ": ends do not ascend"};
                if (list[i - 1].second > list[i].second) throw std::runtime_error{name + ": is not cumulative"};
            }
            if (!std::isinf(list.back().first)) throw std::runtime_error{name + ": has no bucket +Inf"};
            const auto others = [&, &n = name, &l = labels](const char* suffix) {
                for (const sample& s : samples_) {
                    if (s.name == n + suffix && s.labels == l) return s.value;
                }
                throw std::runtime_error{n + suffix + " is missing"};
            };
            if (others("_count") != list.back().second) throw std::runtime_error{name + ": does not add up"};
            others("_sum");
        }
    }

    static void check_name(const std::string& name, const std::string& type) {
        const bool total = name.ends_with("_total");
        if ((type == "counter") != total) throw std::runtime_error{name + ": only counters end in _total"};
        for (const char* wrong : {"_milliseconds", "_microseconds", "_ms", "_us", "_count", "_sum", "_bucket"}) {
            if (name.ends_with(wrong)) throw std::runtime_error{name + ": has a suffix that it should not"};
        }
        if (type == "histogram" && !name.ends_with("_seconds")) throw std::runtime_error{name + ": has no unit"};
    }

    std::string line_;
    std::string family_;
    std::map<std::string, std::string> types_;
    std::map<std::string, std::string> helps_;
    std::vector<sample> samples_;
    std::set<std::pair<std::string, label_set>> seen_;
};

}  // namespace valkeyxx::testing
