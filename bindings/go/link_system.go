//go:build libredislite

package redislite

// The engine is the library that is installed on the system.

// #cgo pkg-config: redislite
import "C"
