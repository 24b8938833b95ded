// Package shortfile reads files that must not be longer than a maximum. Without one, a file such as /dev/zero would
// fill the memory.
package shortfile

import (
	"fmt"
	"io"
	"os"
)

// Read reads a file of at most that many bytes.
func Read(path string, maximum int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	return ReadAll(file, maximum)
}

// ReadAll reads a file that is open, of at most that many bytes.
func ReadAll(file *os.File, maximum int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(file, maximum+1))
	if err == nil && int64(len(text)) > maximum {
		return nil, fmt.Errorf("%s has more than %d bytes, which is the maximum", file.Name(), maximum)
	}
	return text, err
}
