package emulator

import "github.com/ivschat-local/ivschat-local/internal/build"

// Version is the version of the emulator, the latest in CHANGELOG.md.
const Version = build.Version
