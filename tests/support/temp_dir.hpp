// Folders that go away with the object, and with the next test program when this one was killed.
#pragma once

#include <memory>
#include <string>

namespace valkeyxx::testing {

class session_dir;

/// One folder below the program's own folder in the system's temp folder. Paths stay short enough for Unix sockets.
/// VALKEYXX_TEST_KEEP=1 keeps all folders for a look at them.
class temp_dir {
  public:
    temp_dir();
    temp_dir(const temp_dir&) = delete;
    temp_dir& operator=(const temp_dir&) = delete;
    ~temp_dir();

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::shared_ptr<session_dir> session_;
    std::string path_;
};

}  // namespace valkeyxx::testing
