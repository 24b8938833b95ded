// Package replica makes what the nodes of a cluster share the parts of the cluster. Each file is about one
// component of the emulator: it encodes the changes of the component, has them appended to the log, and carries
// them out on this node when they are applied. The components know nothing of the cluster, and package cluster
// nothing of them.
package replica

import (
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Cluster is what the parts use of a *cluster.Cluster, which describes the methods.
type Cluster interface {
	Handle(name string, part cluster.Part)
	OnFresh(f func(context.Context) error)
	Do(part string, data []byte) (any, error)
	DoOnAll(part string, data []byte) (any, error)
	Offer(part string, data []byte) bool
	Post(part string, data []byte)
	OnLost(f func())
	Answer(question string, f func(request []byte) ([]byte, error))
	Ask(ctx context.Context, question string, request []byte) ([]cluster.Answer, error)
}

// unavailable returns the exception for an error of the cluster: the control plane and the admin API answer with it.
func unavailable(err error) error {
	return &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: err.Error()}
}
