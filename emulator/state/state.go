// Package state resets an emulator, takes snapshots of it, and restores them.
package state

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// Config has all parts of an emulator that have state. Every member is required.
type Config struct {
	Store   Store
	Live    Live
	Faults  *fault.Set
	Reviews Reviews
	Logs    Logs
	Journal *journal.Journal
	Clock   *clock.Clock
	Seed    *Seed
	Owner   ivschat.Owner // of the resources in a document that have no account or region
}

// A Store stores rooms and logging configurations.
type Store interface {
	// Resources returns the resources of the account, or of all accounts if it is "".
	Resources(ctx context.Context, account string) (ivschat.Resources, error)
	// Owners returns the owners of all resources, each with the number of its rooms.
	Owners(ctx context.Context) (map[ivschat.Owner]int, error)
	// Replace replaces the resources of the account, or of all accounts if it is "".
	Replace(ctx context.Context, account string, by ivschat.Resources) error
	// Seed adds the resources. It updates a resource that exists with the same ARN.
	Seed(ctx context.Context, resources ivschat.Resources) error
	// LoggingConfiguration returns the logging configuration, or a ResourceNotFoundException.
	LoggingConfiguration(ctx context.Context, arn ivschat.ARN) (ivschat.LoggingConfiguration, error)
}

// Live has the sessions of connected chat clients.
type Live interface {
	// Reset closes the sessions of the account, or of all accounts if it is "", and forgets them.
	Reset(account string) error
	// Restore closes the sessions of the account, or of all accounts if it is "".
	Restore(account string) error
}

// Reviews has the scripted answers to events.
type Reviews interface {
	// Clear removes those of the account, or all if it is "".
	Clear(account string) error
}

// Logs are the chat logs.
type Logs interface {
	// Clear removes the records of the account that are not delivered yet, or of all accounts if it is "".
	Clear(account string) error
}

// A State is the state of an emulator as a whole. It is safe for concurrent use.
type State struct {
	config Config // static
}

// New returns the state of the emulator with these parts.
func New(config Config) *State { return &State{config: config} }

// Resources returns the rooms and logging configurations of an account, or of all accounts if it is
// "".
func (s *State) Resources(ctx context.Context, account string) (ivschat.Resources, error) {
	return s.config.Store.Resources(ctx, account)
}

// Owners returns the owners of all resources, each with the number of its rooms.
func (s *State) Owners(ctx context.Context) (map[ivschat.Owner]int, error) {
	return s.config.Store.Owners(ctx)
}

// Seeded reports whether there is a seed, to which ResetToSeed can go back.
func (s *State) Seeded() bool { return s.config.Seed.Save().Seeded }

// Reset removes the rooms, logging configurations, faults, scripted answers and journal of an account, and its
// records of chat logs that are not delivered yet. It closes its sessions, and undoes what moved its clock alone. For
// account "" it does so for all accounts, and sets the clock back to the machine's time. Keys stay, and used chat
// tokens stay used. If it fails, or its context ends before it begins, nothing changes. Only if the other nodes of a
// cluster cannot be reached, a part of it may have happened.
func (s *State) Reset(ctx context.Context, account string) error {
	return s.reset(ctx, account, ivschat.Resources{})
}

// ResetToSeed is like Reset, but also adds again what Seed has added to the account, or to all accounts
// if it is "". It fails with a *SeedError if there is no seed, or if the seed alone is not complete.
func (s *State) ResetToSeed(ctx context.Context, account string) error {
	seeded := s.config.Seed.Save()
	if !seeded.Seeded {
		return &SeedError{"there is no seed: start the emulator with --seed FILE, or seed it in Go"}
	}
	seed := seeded.Resources
	if account != "" {
		seed = ofAccount(account, seed)
	}
	if err := checkComplete(seed); err != nil {
		return err
	}
	return s.reset(ctx, account, seed)
}

func (s *State) reset(ctx context.Context, account string, to ivschat.Resources) error {
	if err := s.config.Store.Replace(ctx, account, to); err != nil {
		return err
	}
	if err := s.config.Faults.Clear(account); err != nil {
		return err
	}
	if err := s.config.Reviews.Clear(account); err != nil {
		return err
	}
	if err := s.config.Live.Reset(account); err != nil {
		return err
	}
	if err := s.config.Logs.Clear(account); err != nil {
		return err
	}
	if err := s.config.Journal.Forget(account); err != nil {
		return err
	}
	giveMemoryBack()
	return s.config.Clock.Account(account).Reset()
}

// A SeedError says why the state cannot go back to the seed.
type SeedError struct{ message string }

// Error returns the message.
func (e *SeedError) Error() string { return e.message }

// checkComplete refuses a seed with a room whose logging configuration is not in it. It existed when the
// emulator was seeded, but a reset removes it.
func checkComplete(seed ivschat.Resources) error {
	exists := map[ivschat.ARN]bool{}
	for _, configuration := range seed.LoggingConfigurations {
		exists[configuration.ARN] = true
	}
	for _, room := range seed.Rooms {
		for _, arn := range room.LoggingConfigurationIdentifiers {
			if !exists[arn] {
				return &SeedError{fmt.Sprintf("the seed has the room %s, but not its logging configuration %s: "+
					"add that to the seed", room.ARN, arn)}
			}
		}
	}
	return nil
}

// Snapshot returns a document with the rooms and logging configurations of an account, or of all
// accounts if it is "", with their tags.
func (s *State) Snapshot(ctx context.Context, account string) ([]byte, error) {
	resources, err := s.config.Store.Resources(ctx, account)
	if err != nil {
		return nil, err
	}
	return snapshot.Encode(resources, s.config.Clock.Account(account).Now()), nil
}

// Restore replaces the resources of an account, or of all accounts if it is "", by those of a snapshot,
// with the same IDs and ARNs. A resource without an account in the document gets this account, and
// resources of other accounts are left out. Restore also closes the sessions. If the document is invalid,
// nothing changes, and the *DocumentError has the line and the reason.
func (s *State) Restore(ctx context.Context, account string, document []byte) error {
	return s.RestoreFrom(ctx, account, bytes.NewReader(document))
}

// RestoreFrom is like Restore for a document that is decoded while it is read.
func (s *State) RestoreFrom(ctx context.Context, account string, document io.Reader) error {
	resources, err := snapshot.Decode(document, s.defaults(account))
	if err != nil {
		return &DocumentError{err}
	}
	if account != "" {
		resources = ofAccount(account, resources)
	}
	if err := s.config.Store.Replace(ctx, account, resources); err != nil {
		return err
	}
	return s.config.Live.Restore(account)
}

// A DocumentError says why a snapshot cannot be restored, or why a document is not a seed.
type DocumentError struct{ err error }

// Error returns the lines and the reasons.
func (e *DocumentError) Error() string { return e.err.Error() }

// Unwrap returns the error of the reader, if there was one.
func (e *DocumentError) Unwrap() error { return e.err }

// ofAccount returns the resources that belong to the account.
func ofAccount(account string, all ivschat.Resources) (found ivschat.Resources) {
	for _, room := range all.Rooms {
		if room.ARN.Owner.AccountID == account {
			found.Rooms = append(found.Rooms, room)
		}
	}
	for _, configuration := range all.LoggingConfigurations {
		if configuration.ARN.Owner.AccountID == account {
			found.LoggingConfigurations = append(found.LoggingConfigurations, configuration)
		}
	}
	return found
}

// Seed adds the resources of the document, which may be JSON or YAML, to the existing ones. Seeding
// twice changes nothing. If the document is invalid, nothing changes, and the *DocumentError has the lines and
// the reasons. ResetToSeed goes back to what was seeded.
func (s *State) Seed(ctx context.Context, document []byte) error {
	return s.SeedAccount(ctx, "", document)
}

// SeedAccount is like Seed for one account, or for all if it is "". A resource without an account in the document
// gets this account, and resources of other accounts are left out.
func (s *State) SeedAccount(ctx context.Context, account string, document []byte) error {
	defaults := s.defaults(account)
	defaults.Exists = func(configuration ivschat.ARN) bool {
		_, err := s.config.Store.LoggingConfiguration(ctx, configuration)
		return err == nil
	}
	resources, err := snapshot.DecodeSeed(document, defaults)
	if err != nil {
		return &DocumentError{err}
	}
	if account != "" {
		resources = ofAccount(account, resources)
	}
	if err := s.config.Store.Seed(ctx, resources); err != nil {
		return err
	}
	return s.config.Seed.add(resources)
}

// defaults returns the defaults for a document that is about an account, or about all if it is "".
func (s *State) defaults(account string) snapshot.Defaults {
	owner := s.config.Owner
	owner.AccountID = cmp.Or(account, owner.AccountID)
	return snapshot.Defaults{Owner: owner, Now: s.config.Clock.Account(account).Now()}
}
