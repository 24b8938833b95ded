package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// A Cluster is what the admin API knows of the nodes of a cluster, of which this one is a member.
type Cluster interface {
	// Nodes returns the nodes in the order in which they joined.
	Nodes() []Node
	// Run tells the runs of the cluster apart. Each has a journal of its own.
	Run() string
	// Ready returns nil if this node may answer requests, or else why not. Then, what it has can be outdated.
	Ready() error
	// Barrier returns once this node has everything that happened on other nodes before the call.
	Barrier(ctx context.Context) error
}

// A Node is a node of a cluster, also in JSON.
type Node struct {
	ID   string `json:"id"` // unique
	Name string `json:"name"`
	Self bool   `json:"self"` // whether it is the one that answers
}

// nodes returns the name of this node and all nodes, or nothing without a cluster.
func (a *api) nodes() (name string, all []Node) {
	if a.Cluster == nil {
		return "", nil
	}
	all = a.Cluster.Nodes()
	if i := slices.IndexFunc(all, func(n Node) bool { return n.Self }); i >= 0 {
		name = all[i].Name
	}
	return name, all
}

// independent has the paths whose answers need nothing of what the nodes of a cluster share.
var independent = []string{
	"callers", "callers/{accessKeyId}/sign", "info", "metrics", "ca", "openapi.json", "seed.schema.json",
}

// whenReady returns a handler that answers only while this node may answer.
func (a *api) whenReady(handle handlerFunc) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if a.Cluster != nil {
			if err := a.Cluster.Ready(); err != nil {
				return newStatusError(http.StatusServiceUnavailable, "%v", err)
			}
		}
		return handle(w, r)
	}
}

// upToDate returns a handler of a request that reads a journal, or how often something was used. It answers once this
// node has everything that a client can know that has an answer of another node.
func (a *api) upToDate(handle handlerFunc) handlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if a.Cluster != nil {
			err := a.Cluster.Barrier(r.Context())
			if errors.Is(err, context.Canceled) {
				return err
			}
			if err != nil {
				return newStatusError(http.StatusServiceUnavailable, "%v", err)
			}
		}
		return handle(w, r)
	}
}
