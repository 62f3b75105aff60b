// libFuzzer target: any bytes, whole and in two pieces, must get the same verdict and the same reply, and a reply must
// print. The first byte says where the input is cut.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <valkeyxx/print.hpp>

#include "resp/decoder.hpp"

using namespace valkeyxx;
using resp::decoder;
using status = decoder::status;

namespace {

void require(bool fact) {
    if (!fact) std::abort();
}

// Small limits, so that the fuzzer reaches them.
constexpr resp::limits tight{
    .max_depth = 8, .max_bulk_bytes = 1000, .max_elements = 100, .max_reply_bytes = 3000, .max_line_bytes = 100};

void judge(std::string_view wire, std::size_t cut, resp::limits limits) {
    decoder whole{limits};
    const status verdict = whole.parse(wire);

    decoder pieces{limits};
    auto piece = std::make_unique<std::string>(wire.substr(0, cut));
    status last = pieces.parse(*piece);
    if (last == status::need_more) {
        piece.reset();  // nothing of it may be looked at again
        last = pieces.parse(wire);
    }
    switch (verdict) {
        case status::ready: {
            require(last == status::ready && pieces.consumed() == whole.consumed());
            require(pieces.reply() == whole.reply());
            const value copy{whole.reply()};
            require(copy.view() == whole.reply());
            require(to_json(copy) == to_json(whole.reply()));
            require(to_cli_text(copy) == to_cli_text(whole.reply()));
            break;
        }
        case status::need_more:
            require(last == status::need_more && whole.missing() > 0 && pieces.missing() > 0);
            break;
        case status::bad:
            require(last != status::ready && !whole.problem().empty());
            break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view wire{reinterpret_cast<const char*>(data) + 1, size - 1};
    const std::size_t cut = wire.size() * data[0] / 255;
    judge(wire, cut, {});
    judge(wire, cut, tight);
    return 0;
}
