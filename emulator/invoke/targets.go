package invoke

import (
	"context"
	"fmt"
	"log/slog"
)

// Config says how functions are reached. Every member but Logger may be missing.
type Config struct {
	Logger *slog.Logger
}

// Targets are the ways to reach functions: an Invoker.
type Targets struct{}

// New returns the targets of the config. Close ends them.
func New(Config) (*Targets, error) { return &Targets{}, nil }

// Invoke invokes the function at its target. Without one, the error is a *NoTargetError.
func (t *Targets) Invoke(_ context.Context, call Call) ([]byte, error) {
	return nil, &NoTargetError{call.Function}
}

// Close ends what the targets have started.
func (t *Targets) Close() {}

// A NoTargetError says that no setting tells how to reach a function.
type NoTargetError struct {
	Function string // ARN
}

// Error names the flags that would help.
func (e *NoTargetError) Error() string {
	return fmt.Sprintf("no setting says how to reach %s: give --review-handler or --lambda-endpoint", e.Function)
}
