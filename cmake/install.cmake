# What `cmake --install` lays down: headers, the library, and how CMake and pkg-config find them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS valkeyxx EXPORT valkeyxx
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/valkeyxx DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")

# The library's own list of links decides what its users must find; a static library needs the private ones, too.
get_target_property(links valkeyxx LINK_LIBRARIES)
set(package_dependencies "find_dependency(Threads)\nfind_dependency(Boost 1.81 COMPONENTS url)")
set(pc_requires_private "")
if("OpenSSL::SSL" IN_LIST links)
  string(APPEND package_dependencies "\nfind_dependency(OpenSSL)")
  set(pc_requires_private "libssl libcrypto")
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/valkeyxx)
install(EXPORT valkeyxx NAMESPACE valkeyxx:: FILE valkeyxxTargets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/valkeyxxConfig.cmake.in ${PROJECT_BINARY_DIR}/valkeyxxConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 every minor version may break its users.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/valkeyxxConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/valkeyxxConfig.cmake ${PROJECT_BINARY_DIR}/valkeyxxConfigVersion.cmake
  DESTINATION ${package_dir})

# Paths relative to the .pc file, so that `cmake --install --prefix` and moved trees work.
set(pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_prefix ${pc_dir} ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/valkeyxx.pc.in ${PROJECT_BINARY_DIR}/valkeyxx.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/valkeyxx.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
