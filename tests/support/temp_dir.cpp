// Temp folders: one folder per program, locked while the program lives, so that the next one can sweep what was left.
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <system_error>

#include "support/socket.hpp"

namespace valkeyxx::testing {

namespace fs = std::filesystem;

namespace {

constexpr const char* prefix = "valkeyxx-test-";

bool keeps_folders() {
    static const bool keeps = std::getenv("VALKEYXX_TEST_KEEP") != nullptr;
    return keeps;
}

// The lock belongs to the open file and goes with the process, however that ends.
bool try_lock(const unique_fd& fd) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    return fd && ::fcntl(fd.get(), F_OFD_SETLK, &whole) == 0;
}

void remove_tree(const std::string& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) std::cerr << "cannot remove " << path << ": " << error.message() << '\n';
}

// Folders whose program was killed: nobody holds their lock. A folder without a lock file is still being made.
void sweep() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), error)) {
        const auto path = entry.path().string();
        if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
        const unique_fd fd{::open((path + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
        if (try_lock(fd)) remove_tree(path);
    }
}

}  // namespace

class session_dir {
  public:
    session_dir() {
        if (!keeps_folders()) sweep();
        // A sweeping program may take the lock between our creating and locking the file: then it removes the folder.
        while (!create()) {
        }
    }
    session_dir(const session_dir&) = delete;
    session_dir& operator=(const session_dir&) = delete;
    ~session_dir() {
        if (keeps_folders()) {
            ::unlink((path_ + "/lock").c_str());  // no later program may sweep it
        } else {
            remove_tree(path_);
        }
    }

    std::string new_folder() {
        auto folder = path_ + "/" + std::to_string(count_++);
        if (::mkdir(folder.c_str(), 0700) != 0)
            throw std::system_error(errno, std::generic_category(), "mkdir " + folder);
        return folder;
    }

    static std::shared_ptr<session_dir> shared() {
        static std::mutex mutex;
        static std::weak_ptr<session_dir> current;
        const std::lock_guard guard(mutex);
        auto session = current.lock();
        if (!session) current = session = std::make_shared<session_dir>();
        return session;
    }

  private:
    bool create() {
        path_ = (fs::temp_directory_path() / (std::string(prefix) + "XXXXXX")).string();
        if (::mkdtemp(path_.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), "mkdtemp " + path_);
        lock_ = unique_fd{::open((path_ + "/lock").c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600)};
        if (!lock_) throw std::system_error(errno, std::generic_category(), "cannot create " + path_ + "/lock");
        return try_lock(lock_);
    }

    std::string path_;
    unique_fd lock_;
    std::atomic<int> count_{0};
};

temp_dir::temp_dir() : session_(session_dir::shared()), path_(session_->new_folder()) {}

temp_dir::~temp_dir() {
    if (!keeps_folders()) remove_tree(path_);
}

}  // namespace valkeyxx::testing
