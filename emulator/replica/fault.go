package replica

import (
	"log/slog"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

// ShareFaults makes the faults of this node those of the cluster. Call it before the node joins.
func ShareFaults(c Cluster, of *fault.Set, logger *slog.Logger) {
	p := (&valuePart[fault.Change, []fault.Rule, fault.State]{
		cluster: c, name: "faults", logger: logger, apply: of.Apply, save: of.Save, load: of.Load,
	}).handle()
	of.Propose = func(change fault.Change) ([]fault.Rule, error) {
		if change.Kind == fault.KindFire { // only this node has to know before it goes on
			return p.do(change)
		}
		return p.doOnAll(change)
	}
}
