# The rooms of src/ and which rooms each may see. This is the only declaration of the direction of includes; the
# layers test reads it from the build (rooms.txt) and fails on an include or a symbol that runs the other way.
#
# A room is a static library of all its sources. Tests of a room link that room and what it may see, nothing else.
set(redislite_rooms "")
file(WRITE ${PROJECT_BINARY_DIR}/rooms.txt "")

# For a source of which a test links a copy of its own in the place of the room's: in a unity build its object must be
# its own, so that the linker can leave it in the library.
function(redislite_replaceable source)
  if(source MATCHES "^src/([a-z]+)/")
    set(target room_${CMAKE_MATCH_1})
  else()
    set(target redislite_cli)
  endif()
  set_source_files_properties(${PROJECT_SOURCE_DIR}/${source}
    TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

function(redislite_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SEES")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc ${PROJECT_SOURCE_DIR}/src/${name}/*.h)
  if(NOT sources)  # nobody has moved in yet
    file(WRITE ${PROJECT_BINARY_DIR}/empty_room.cc "")
    set(sources ${PROJECT_BINARY_DIR}/empty_room.cc)
  endif()
  add_library(room_${name} STATIC ${sources})
  set_target_properties(room_${name} PROPERTIES LINKER_LANGUAGE CXX)  # a room may be headers only
  target_include_directories(room_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(room_${name} PUBLIC redislite_flags)
  foreach(seen IN LISTS room_SEES)
    target_link_libraries(room_${name} PUBLIC room_${seen})
  endforeach()
  list(JOIN room_SEES " " seen)
  file(APPEND ${PROJECT_BINARY_DIR}/rooms.txt "${name}: ${seen}\n")
  set(redislite_rooms ${redislite_rooms} ${name} PARENT_SCOPE)
endfunction()

redislite_room(base)
redislite_room(os       SEES base)
redislite_room(resp     SEES base)
redislite_room(types    SEES base)
redislite_room(storage  SEES os base)
redislite_room(engine   SEES storage types resp os base)
redislite_room(commands SEES engine types resp os base)
redislite_room(session  SEES commands engine resp os base)
redislite_room(capi     SEES session commands engine storage types resp os base)

target_link_libraries(room_base PUBLIC ZLIB::ZLIB Threads::Threads)
target_include_directories(room_capi PUBLIC ${PROJECT_SOURCE_DIR}/include)
