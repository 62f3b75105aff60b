#include "valkeyxx_cli/pipe_progress.hpp"

#include <cmath>
#include <iomanip>
#include <sstream>

namespace valkeyxx::cli {

std::string pipe_progress::text_of(const pipe_tally& so_far, std::chrono::duration<double> lasted) const {
    const auto bytes = static_cast<double>(so_far.bytes);
    std::ostringstream line;
    line << std::fixed << so_far.commands << " commands, ";
    if (lasted.count() > 0) line << std::llround(static_cast<double>(so_far.commands) / lasted.count()) << "/s, ";
    line << std::setprecision(1) << bytes / 1e6 << " MB";
    if (size_ && *size_ > 0) {
        const auto size = static_cast<double>(*size_);
        line << ", " << std::llround(bytes / size * 100) << " %";
        // A file may have grown.
        if (bytes > 0 && bytes < size)
            line << ", " << std::llround(lasted.count() * (size - bytes) / bytes) << " s left";
    }
    if (so_far.errors != 0) line << ", " << so_far.errors << " errors";
    return line.str();
}

}  // namespace valkeyxx::cli
