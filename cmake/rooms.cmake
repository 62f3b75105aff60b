# One OBJECT library per room of src/. A room finds the headers of the rooms it may see and of no others: each room's
# folder is reached through an include root of its own, which only the rooms that link it inherit. An include that points
# upward does not compile.
function(valkeyxx_room name)
  cmake_parse_arguments(ROOM "" "" "SEES;LINKS" ${ARGN})
  set(root ${PROJECT_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${root}/${name} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(valkeyxx_${name} OBJECT ${sources})
  target_include_directories(valkeyxx_${name} PUBLIC ${root} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(valkeyxx_${name} PUBLIC ${ROOM_LINKS})
  foreach(below IN LISTS ROOM_SEES)
    target_link_libraries(valkeyxx_${name} PUBLIC valkeyxx_${below})
  endforeach()
  # Nobody replaces our functions at load time: lets GCC inline across functions of one file, as Clang does anyway.
  target_compile_options(valkeyxx_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
  set_target_properties(valkeyxx_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  valkeyxx_warnings(valkeyxx_${name})
  set_property(GLOBAL APPEND PROPERTY VALKEYXX_ROOMS ${name})
endfunction()
