#include "client/result_writer.hpp"

namespace valkeyxx::detail {

// The tape stays as it is, the text is moved together: each scalar follows the one before.
void result_writer::store_tree(std::size_t base, reply_view reply) {
    pipeline_result& into = *into_;
    for (const resp::node* n = reply.node(); n != reply.node() + reply.node()->span; ++n) {
        const reply_view each{reply.bytes(), n};
        resp::node copy = *n;
        copy.at = static_cast<std::uint32_t>(into.bytes_.size() - base);
        into.bytes_.append(each.text());
        into.nodes_.push_back(copy);
    }
}

}  // namespace valkeyxx::detail
