// Package mistakes collects what is wrong with a document, so that its author learns everything at once.
package mistakes

import (
	"errors"
	"fmt"
	"strings"
)

// A List is everything that is wrong. The zero value is empty.
type List []string

// Expect adds a mistake, unless the condition holds.
func (l *List) Expect(ok bool, format string, args ...any) {
	if !ok {
		*l = append(*l, fmt.Sprintf(format, args...))
	}
}

// Err returns an error with all mistakes, or nil if there are none.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return errors.New(strings.Join(l, "; "))
}

// Numbered says which of several documents an error is about. The noun is what each of them is. The first one
// has the index 0.
func Numbered(noun string, index, count int, err error) error {
	if count == 1 {
		return err
	}
	return fmt.Errorf("%s %d of %d: %w", noun, index+1, count, err)
}
