// Package invoke reaches the Lambda functions that review messages, or what stands for them: a server with
// Lambda's API, a web server, a program, or a rule that needs no code. It carries events and answers, and
// does not look into them.
package invoke

import (
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
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
	// too long. Every other error, such as an *awsapi.ServerError, means that the function could not be
	// invoked. When the context ends, Invoke returns at once, with an error.
	Invoke(ctx context.Context, call Call) (answer []byte, err error)
	// Close ends what the Invoker has started, and waits for it. It is not called during an Invoke.
	Close()
}

// MaximumAnswer is how long an answer may be, in bytes. It is far more than a valid answer needs.
const MaximumAnswer = awsapi.MaximumBody

// A FunctionError says that a function ran and failed, for instance with an exception.
type FunctionError struct {
	Message string // what the function, or its runtime, says about it; at most 1 KiB
}

// Error returns the message.
func (e *FunctionError) Error() string { return e.Message }

// A LongAnswerError says that the answer of a function has more than MaximumAnswer bytes.
type LongAnswerError struct{}

// Error says so.
func (*LongAnswerError) Error() string { return "the answer has more than 1 MiB" }
