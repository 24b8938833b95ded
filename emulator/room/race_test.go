//go:build race

package room

import "time"

// The race detector makes everything many times as slow.
func init() { within = 20 * time.Second }
