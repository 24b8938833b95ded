// Package invoke reaches the Lambda functions that review messages, or what stands for them: a server with
// Lambda's API, a web server, a program, or a rule that needs no code. It carries events and answers, and
// does not look into them.
package invoke

import (
	"context"
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Call is one invocation of a function.
type Call struct {
	Function string        // ARN, which may end with a version or an alias
	Owner    ivschat.Owner // account and region of the room
	Event    []byte        // a JSON object without line feeds
}

// An Invoker invokes functions. It is safe for concurrent use.
type Invoker interface {
	// Invoke returns the answer of the function, which has at most MaximumAnswer bytes and need not be JSON.
	// The error is a *FunctionError if the function ran and failed, and a *LongAnswerError if its answer is
	// too long. Every other error, such as a *ServerError, means that the function could not be invoked. When the
	// context ends, Invoke returns at once, with an error.
	Invoke(ctx context.Context, call Call) (answer []byte, err error)
	// Close ends what the Invoker has started, and waits for it. It is not called during an Invoke.
	Close()
}

// MaximumAnswer is how long an answer may be, in bytes. It is far more than a valid answer needs.
const MaximumAnswer = 1 << 20

// A FunctionError says that a function ran and failed, for instance with an exception.
type FunctionError struct {
	Message string // what the function, or its runtime, says about it; at most 1 KiB
}

// Error returns the message.
func (e *FunctionError) Error() string { return e.Message }

// A ServerError says that a server did not invoke a function.
type ServerError struct {
	Message string // with what the server says about it
	Log     string // without that, because it can be what a user has written
}

// Error returns the message.
func (e *ServerError) Error() string { return e.Message }

// A saying is a part of an error that comes from a server.
type saying string

// serverError returns a ServerError. The arguments that are sayings are not in its text for the log.
func serverError(format string, arguments ...any) error {
	e := &ServerError{Message: fmt.Sprintf(format, arguments...)}
	for i, argument := range arguments {
		if said, ok := argument.(saying); ok && said != "" {
			arguments[i] = "…"
		}
	}
	e.Log = fmt.Sprintf(format, arguments...)
	return e
}

// A LongAnswerError says that the answer of a function has more than MaximumAnswer bytes.
type LongAnswerError struct{}

// Error says so.
func (*LongAnswerError) Error() string { return "the answer has more than 1 MiB" }
