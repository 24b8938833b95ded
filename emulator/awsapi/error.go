package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
)

// A ServerError says that a server did not do what it was asked for.
type ServerError struct {
	Message string // with what the server says about it
	Log     string // without that, because it can be what a user has written
}

// Error returns the message.
func (e *ServerError) Error() string { return e.Message }

// A Saying is a part of an error that comes from a server.
type Saying string

// Errorf returns a ServerError. The arguments that are sayings are not in its text for the log.
func Errorf(format string, arguments ...any) *ServerError {
	e := &ServerError{Message: fmt.Sprintf(format, arguments...)}
	for i, argument := range arguments {
		if said, ok := argument.(Saying); ok && said != "" {
			arguments[i] = "…"
		}
	}
	e.Log = fmt.Sprintf(format, arguments...)
	return e
}

// Unreachable returns the error for a server that could not be reached, or did not answer. advice says what
// to do about the former.
func Unreachable(ctx context.Context, server string, err error, advice string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s has not answered: %w", server, ctx.Err())
	}
	problem := Short(err.Error())
	_, isHeader := errors.AsType[textproto.ProtocolError](err)
	if isHeader || strings.Contains(problem, "transport connection broken") { // quotes what the server says
		return Errorf("%s does not answer as a web server: %s: %s", server, Saying(problem), advice)
	}
	return fmt.Errorf("%s cannot be reached: %s: %s", server, problem, advice)
}
