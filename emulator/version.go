package emulator

// Version is the version of the emulator, the latest in CHANGELOG.md.
const Version = "0.1.0"
