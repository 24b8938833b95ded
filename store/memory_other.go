//go:build !linux

package store

import "os"

// anonymousFile creates a temporary file, and removes its name where the system allows that while
// the file is open.
func anonymousFile(name string) (*os.File, error) {
	f, err := os.CreateTemp("", name)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	return f, nil
}
