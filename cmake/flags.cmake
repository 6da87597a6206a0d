# Warnings, sanitizers and coverage: what every target of ours is compiled with.
add_library(redislite_flags INTERFACE)
target_compile_options(redislite_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>
  # Calls inside the library are settled when it is linked, never by what the host has loaded.
  -fno-semantic-interposition)
if(REDISLITE_DEVELOPER)
  target_compile_options(redislite_flags INTERFACE -Werror)
endif()
if(REDISLITE_SANITIZE)
  target_compile_options(redislite_flags INTERFACE
    -fsanitize=${REDISLITE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(redislite_flags INTERFACE -fsanitize=${REDISLITE_SANITIZE})
  if(REDISLITE_SANITIZE MATCHES undefined)
    # It looks at an object's memory through a pipe, and calls the object bad when no descriptor is left for one: a
    # store and a server must live through that.
    target_compile_options(redislite_flags INTERFACE -fno-sanitize=vptr)
  endif()
endif()
if(REDISLITE_COVERAGE)
  target_compile_options(redislite_flags INTERFACE --coverage)
  target_link_options(redislite_flags INTERFACE --coverage)
endif()
