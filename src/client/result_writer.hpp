// Fills a pipeline's result: each command's reply, wherever it came from, or its error.
#pragma once

#include <cstddef>
#include <utility>

#include <valkeyxx/pipeline.hpp>

namespace valkeyxx::detail {

class result_writer {
  public:
    result_writer() = default;
    /// Makes room for `size` outcomes, and forgets those of before.
    result_writer(pipeline_result& into, std::size_t size) : into_{&into} {
        into.bytes_.clear();
        into.nodes_.clear();
        into.errors_.clear();
        into.items_.resize(size);
    }

    // Once for each reply: what most of them need is inlined into its caller.
    void store(std::size_t index, reply_view reply) {
        pipeline_result& into = *into_;
        pipeline_result::item& item = into.items_[index];
        item.base = into.bytes_.size();
        item.root = *reply.node();
        if (!reply.is_aggregate()) [[likely]] {
            item.root.at = 0;
            into.bytes_.append(reply.text());
        } else {
            item.root.at = static_cast<std::uint32_t>(into.nodes_.size());
            store_tree(item.base, reply);
        }
    }
    void store(std::size_t index, error why) {
        into_->items_[index] = {.base = into_->errors_.size(),
                                .root = {.at = 0, .size = 0, .span = 0, .kind = value_kind::null}};
        into_->errors_.push_back(std::move(why));
    }

  private:
    void store_tree(std::size_t base, reply_view reply);

    pipeline_result* into_ = nullptr;
};

}  // namespace valkeyxx::detail
