# The library once more, for tests only, with the tests' switches compiled in, which nothing that is shipped has
# (base/failpoint.h): as one source (tools/amalgamate), which takes a tenth of the time. It is built when a test that
# links it is.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(switched ${PROJECT_BINARY_DIR}/switched)
file(GLOB_RECURSE switched_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*)
add_custom_command(OUTPUT ${switched}/redislite.cc
  COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/amalgamate ${switched}
  COMMAND ${CMAKE_COMMAND} -E touch ${switched}/redislite.cc
  DEPENDS ${switched_sources} ${PROJECT_SOURCE_DIR}/tools/amalgamate ${PROJECT_SOURCE_DIR}/include/redislite.h)
add_library(redislite_switched STATIC EXCLUDE_FROM_ALL ${switched}/redislite.cc)
set_target_properties(redislite_switched PROPERTIES UNITY_BUILD OFF)  # it is one already
target_include_directories(redislite_switched PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(redislite_switched PUBLIC redislite_flags ZLIB::ZLIB Threads::Threads)
target_compile_definitions(redislite_switched PUBLIC RL_FAILPOINTS)
target_compile_options(redislite_switched PRIVATE -O1)  # it has to die at the right places, not to be fast
