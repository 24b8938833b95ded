// Package pause stops processes for a while, for tests.
package pause
