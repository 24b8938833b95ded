package replica

import (
	"log/slog"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/state"
)

// ShareSeed makes the seed of this node, to which a reset can go back, that of the cluster. Call it before the node
// joins.
func ShareSeed(c Cluster, of *state.Seed, logger *slog.Logger) {
	p := (&valuePart[ivschat.Resources, struct{}, state.SeedState]{
		cluster: c, name: "seed", logger: logger, save: of.Save,
		apply: func(resources ivschat.Resources) (struct{}, error) {
			of.Apply(resources)
			return struct{}{}, nil
		},
		load: loads(of.Load),
	}).handle()
	of.Propose = func(resources ivschat.Resources) error {
		_, err := p.doOnAll(resources)
		return err
	}
}
