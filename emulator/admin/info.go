package admin

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// maximumOwners is how many owners info has: a user interface lets people choose one.
const maximumOwners = 1000

// An infoView is what a user interface needs to know about the emulator, in JSON.
type infoView struct {
	Version    string      `json:"version"`
	StartTime  time.Time   `json:"startTime"` // of this node, in the machine's time
	Run        string      `json:"run"`       // the end of the IDs of its events
	RandomSeed uint64      `json:"randomSeed"`
	Account    string      `json:"account"` // of unsigned requests, as the region
	Region     string      `json:"region"`
	TokenTTL   string      `json:"tokenTTL"`
	Auth       string      `json:"auth"`   // off, signatures or iam
	TLS        bool        `json:"tls"`    // whether clients can use it
	Seeded     bool        `json:"seeded"` // whether a reset can go back to a seed
	Owners     []ownerView `json:"owners"`
	ChatLogs   logsView    `json:"chatLogs"`

	// Only in a cluster.
	Node  string `json:"node,omitempty"` // the name of the one that answers
	Nodes []Node `json:"nodes,omitempty"`
}

// A logsView says how chat logs are delivered to destinations without an endpoint, in JSON.
type logsView struct {
	Window string `json:"window"` // how long records for S3 are collected
	Folder string `json:"folder,omitempty"`
}

// An ownerView is an account and a region that have resources.
type ownerView struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Rooms   int    `json:"rooms"`
}

func (a *api) getInfo(w http.ResponseWriter, r *http.Request) error {
	rooms, err := a.State.Owners(r.Context())
	if err != nil {
		return err
	}
	owners := []ownerView{}
	for owner, count := range rooms {
		owners = append(owners, ownerView{owner.AccountID, owner.Region, count})
	}
	slices.SortFunc(owners, func(a, b ownerView) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	node, nodes := a.nodes()
	return send(w, http.StatusOK, infoView{
		Version:    a.Version,
		StartTime:  a.Started.UTC(),
		Run:        a.run(),
		RandomSeed: a.RandomSeed,
		Account:    a.Owner.AccountID,
		Region:     a.Owner.Region,
		TokenTTL:   a.TokenTTL.String(),
		Auth:       a.Auth,
		TLS:        a.TLS,
		Seeded:     a.State.Seeded(),
		Owners:     owners[:min(len(owners), maximumOwners)],
		ChatLogs:   logsView{a.ChatLogs.Window.String(), a.ChatLogFolder},
		Node:       node,
		Nodes:      nodes,
	})
}
