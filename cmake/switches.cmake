# The rooms once more, for tests only: one library with the tests' switches compiled in, which nothing that is shipped
# has (base/failpoint.h). It is built when a test that links it is.
set(switched_sources "")
foreach(room IN LISTS redislite_rooms)
  get_target_property(sources room_${room} SOURCES)
  list(APPEND switched_sources ${sources})
endforeach()
add_library(redislite_switched STATIC EXCLUDE_FROM_ALL ${switched_sources})
target_include_directories(redislite_switched PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(redislite_switched PUBLIC redislite_flags ZLIB::ZLIB Threads::Threads)
target_compile_definitions(redislite_switched PUBLIC RL_FAILPOINTS)
