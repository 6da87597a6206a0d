# What `make install` puts where, for find_package(redislite) and for pkg-config.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/redislite)
install(FILES ${PROJECT_SOURCE_DIR}/include/redislite.h ${PROJECT_SOURCE_DIR}/include/redislite.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS redislite redislite_static EXPORT redislite-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT redislite-targets NAMESPACE redislite:: DESTINATION ${package_dir})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/redislite-config.cmake.in
  ${PROJECT_BINARY_DIR}/redislite-config.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the ABI.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/redislite-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/redislite-config.cmake ${PROJECT_BINARY_DIR}/redislite-config-version.cmake
        DESTINATION ${package_dir})

# The .pc file finds its prefix from where it lies, so that an installed tree can be moved. The way up is as long as the
# library directory is deep (lib, or lib/x86_64-linux-gnu).
string(REGEX REPLACE "[^/]+" ".." libdir_up ${CMAKE_INSTALL_LIBDIR})
configure_file(${PROJECT_SOURCE_DIR}/cmake/redislite.pc.in ${PROJECT_BINARY_DIR}/redislite.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/redislite.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET redislite-cli)
  add_dependencies(product redislite-cli redislite-server)
  install(TARGETS redislite-cli redislite-server RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
