// Package packages has no code. Its tests build the packages of other languages, the container image and what a
// release has, install them as users do, and run their test suites.
//
// The packages are in folders next to this file. Those that are Go modules of their own are not part of this module:
// their dependencies would become those of everybody who uses the emulator in a Go test.
package packages
