package cors

import (
	"log/slog"
	"sync"
)

// Refusals logs the first refusal because of each host or other value, since a page or a container that
// polls would fill the log. It is safe for concurrent use.
type Refusals struct {
	logger *slog.Logger

	mu     sync.Mutex          // guards logged
	logged map[string]struct{} // the values, cut off
}

// maximumLogged and maximumValue limit how many values are logged and how many bytes of each are remembered.
// Clients choose both.
const (
	maximumLogged = 100
	maximumValue  = 300
)

// NewRefusals returns Refusals that nothing was refused in yet.
func NewRefusals(logger *slog.Logger) *Refusals {
	return &Refusals{logger: logger, logged: map[string]struct{}{}}
}

// Log logs a refusal with its reason, unless there was one because of the same value before.
func (r *Refusals) Log(message, because string, reason error) {
	if r.isFirst(because[:min(len(because), maximumValue)]) {
		r.logger.Warn(message, "reason", reason)
	}
}

// isFirst reports whether this is the first refusal because of the value, within the limit.
func (r *Refusals) isFirst(because string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, before := r.logged[because]
	if before || len(r.logged) == maximumLogged {
		return false
	}
	r.logged[because] = struct{}{}
	return true
}
