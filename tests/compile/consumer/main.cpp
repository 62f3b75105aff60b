// The smallest user of the library: needs its headers and its compiled part, connects to nothing.
#include <iostream>

#include <valkeyxx/valkeyxx.hpp>

int main() {
    const valkeyxx::error e{valkeyxx::errc::slot_not_served, "slot 42"};
    std::cout << e.message() << '\n';
    return e == valkeyxx::errc::slot_not_served ? 0 : 1;
}
