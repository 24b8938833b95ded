// Package contexts has what the standard library's package context does not have.
package contexts

import "context"

// UntilClosed returns a context that also ends when the channel is closed. The caller must call cancel, which
// returns when nothing waits for the channel any more.
func UntilClosed(ctx context.Context, closed <-chan struct{}) (until context.Context, cancel func()) {
	until, cancelContext := context.WithCancel(ctx)
	done := make(chan struct{}) // closed by the goroutine when it ends
	go func() {
		defer close(done)
		select {
		case <-closed:
			cancelContext()
		case <-until.Done():
		}
	}()
	return until, func() {
		cancelContext()
		<-done
	}
}
