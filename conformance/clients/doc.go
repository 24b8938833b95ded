// Package clients runs other people's programs against a running emulator.
package clients
