# libredislite, shared and static, made of all rooms.
set(room_objects "")
foreach(room IN LISTS redislite_rooms)
  list(APPEND room_objects $<TARGET_OBJECTS:room_${room}>)
endforeach()

add_library(redislite SHARED ${room_objects})
add_library(redislite_static STATIC ${room_objects})
foreach(library redislite redislite_static)
  target_include_directories(${library} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${library} PRIVATE $<BUILD_INTERFACE:redislite_flags> ZLIB::ZLIB Threads::Threads)
  add_library(redislite::${library} ALIAS ${library})
endforeach()
set_target_properties(redislite_static PROPERTIES OUTPUT_NAME redislite)
# ABI 0 until 1.0: libredislite.so.0.
set_target_properties(redislite PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

# The exported names are the ones that the public header declares: the linker's list is made from it, so that a function
# cannot be declared and not exported, nor the other way.
set(public_header ${PROJECT_SOURCE_DIR}/include/redislite.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${public_header})
file(STRINGS ${public_header} declarations REGEX "^RL_API ")
set(exported_names "")
foreach(declaration IN LISTS declarations)
  string(REGEX REPLACE "^RL_API [^(]*[ *](rl_[a-z0-9_]+)\\(.*" "\\1" name "${declaration}")
  string(APPEND exported_names "    ${name};\n")
endforeach()
set(export_map ${PROJECT_BINARY_DIR}/redislite.map)
configure_file(${PROJECT_SOURCE_DIR}/cmake/redislite.map.in ${export_map} @ONLY)
set_target_properties(redislite PROPERTIES LINK_DEPENDS ${export_map})
target_link_options(redislite PRIVATE
  -Wl,--version-script=${export_map} -Wl,-Bsymbolic-functions -Wl,-z,now -Wl,-z,relro -Wl,--as-needed)
if(NOT REDISLITE_SANITIZE)
  # A sanitizer's own functions come with the program, not with the library.
  target_link_options(redislite PRIVATE -Wl,--no-undefined)
endif()

# What users get, without the tests.
add_custom_target(product DEPENDS redislite redislite_static)
