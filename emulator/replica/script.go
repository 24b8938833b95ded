package replica

import (
	"log/slog"

	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// ShareScript makes the scripted answers of this node those of the cluster. Call it before the node joins.
func ShareScript(c Cluster, of *review.Script, logger *slog.Logger) {
	p := (&valuePart[review.ScriptChange, bool, review.ScriptState]{
		cluster: c, name: "scripted answers", logger: logger, apply: of.Apply, save: of.Save,
		load: loads(of.Load),
	}).handle()
	of.Propose = func(change review.ScriptChange) (bool, error) {
		if change.Use != 0 { // only this node has to know before it goes on
			return p.do(change)
		}
		return p.doOnAll(change)
	}
}
