// Package limits runs tests under limits of the system, for instance as if the disk were full. Only Linux
// is supported.
package limits
