package emulator

// Version is the version of this program, the newest in CHANGELOG.md.
const Version = "0.1.0"
