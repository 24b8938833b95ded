// Package iam knows who may call the control plane: access keys with their secrets, and the permissions of their
// principals.
package iam

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// A Caller is a principal with an access key.
type Caller struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string    // "" for a key that is not temporary
	Account         string    // 12 digits
	PrincipalARN    string    // such as arn:aws:iam::123456789012:user/anna
	Expiration      time.Time // of the machine's clock; zero means never
	Policies        []*policy.Policy
}

// Callers are all callers. They do not change.
type Callers struct {
	list []*Caller // not empty
	byID map[string]*Caller
}

// NewCallers returns the callers of a list that is not empty.
func NewCallers(list ...*Caller) *Callers {
	c := &Callers{list: list, byID: map[string]*Caller{}}
	for _, caller := range list {
		c.byID[caller.AccessKeyID] = caller
	}
	return c
}

// Find returns the caller with an access key ID, or nil.
func (c *Callers) Find(accessKeyID string) *Caller { return c.byID[accessKeyID] }

// All returns all callers, in the order of the credentials file.
func (c *Callers) All() []*Caller { return c.list }
