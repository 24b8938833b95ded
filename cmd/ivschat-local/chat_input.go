package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An inputLine is a line of the input, or the error that ended it.
type inputLine struct {
	number int
	text   string
	err    error
}

// maximumLine is how long a line may be in bytes. The longest message of AWS has 500 characters.
const maximumLine = 1 << 20

// readLines returns the lines of an input. The channel is closed at its end, or when the context ends.
func readLines(ctx context.Context, from io.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() { // may wait for input until the program ends
		defer close(lines)
		scanner, number := bufio.NewScanner(from), 0
		scanner.Buffer(nil, maximumLine)
		send := func(line inputLine) bool {
			select {
			case lines <- line:
				return true
			case <-ctx.Done():
				return false
			}
		}
		for scanner.Scan() {
			number++
			if !send(inputLine{number, strings.TrimSuffix(scanner.Text(), "\r"), nil}) {
				return
			}
		}
		err := scanner.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("line %d has more than %d bytes", number+1, maximumLine)
		}
		if err != nil {
			send(inputLine{err: err})
		}
	}()
	return lines
}
