//go:build !libredislite

package redislite

// The engine is redislite.cc beside this file, which `bindings/go/update` makes of src/.

// #cgo CXXFLAGS: -std=c++20 -fvisibility=hidden -DNDEBUG
// #cgo LDFLAGS: -lz -lpthread
import "C"
