package replica

import (
	"log/slog"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// A limitedCall is what limits apply to, at a time of its account.
type limitedCall struct {
	Now    time.Time
	Limits []throttle.Limit
}

// ShareLimiter makes the rate limits of this node those of the cluster: for the operations, and for messages before
// their reviews. Those of what is published are applied with it. Call it before the node joins.
func ShareLimiter(c Cluster, of *throttle.Limiter, logger *slog.Logger) {
	p := (&valuePart[limitedCall, bool, throttle.State]{
		cluster: c, name: "rate limits", logger: logger, save: of.Save,
		apply: func(call limitedCall) (bool, error) { return of.AllowAt(call.Now, call.Limits...), nil },
		load:  loads(of.Load),
	}).handle()
	of.Propose = func(now time.Time, limits []throttle.Limit) (bool, error) { return p.do(limitedCall{now, limits}) }
}
