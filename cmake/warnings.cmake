# Warnings for our own targets only; a dependency's headers are system headers.
function(valkeyxx_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${VALKEYXX_WERROR}>:-Werror>
    # GCC 12 sees overlapping copies where string + string is inlined (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    # GCC 12 takes the members of a moved std::variant for uninitialized once Asio's handlers are inlined around it.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    # GCC cannot see fences under TSan and says so for each one in Boost.Asio.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
endfunction()
