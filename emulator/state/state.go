// Package state resets an emulator, takes snapshots of it, and restores them.
package state

import (
	"cmp"
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

// Config is everything that has state. Every member is required.
type Config struct {
	Store   Store
	Live    Live
	Faults  *fault.Set
	Journal *journal.Journal
	Clock   *clock.Clock
	Owner   ivschat.Owner // of resources in a document that does not say whose they are
}

// A Store has rooms and logging configurations.
type Store interface {
	// Resources returns what the account has, or what all accounts have when it is "".
	Resources(ctx context.Context, account string) (ivschat.Resources, error)
	// Replace replaces what the account has, or what all accounts have when it is "".
	Replace(ctx context.Context, account string, by ivschat.Resources) error
	// Seed adds the resources, or updates those that have the same ID.
	Seed(ctx context.Context, resources ivschat.Resources) error
	// LoggingConfiguration returns it, or a ResourceNotFoundException.
	LoggingConfiguration(ctx context.Context, arn ivschat.ARN) (ivschat.LoggingConfiguration, error)
}

// Live has the sessions of chat clients.
type Live interface {
	// Reset closes the sessions of an account, or all when it is "".
	Reset(account string)
}

// A State is the state of an emulator as a whole. It is safe for concurrent use.
type State struct{ config Config }

// New returns the state.
func New(config Config) *State { return &State{config} }

// Resources returns the rooms and logging configurations of an account, or all when it is "".
func (s *State) Resources(ctx context.Context, account string) (ivschat.Resources, error) {
	return s.config.Store.Resources(ctx, account)
}

// Reset removes the rooms, logging configurations, sessions, faults and journal of an account. With
// account "" it removes those of all accounts, and the clock runs with the machine's time again. Keys
// stay, and used chat tokens stay used. Connected clients are closed.
func (s *State) Reset(ctx context.Context, account string) error {
	s.config.Faults.Clear(account)
	if err := s.config.Store.Replace(ctx, account, ivschat.Resources{}); err != nil {
		return err
	}
	s.config.Live.Reset(account)
	s.config.Journal.Forget(account)
	if account == "" {
		s.config.Clock.Reset()
	}
	return nil
}

// Snapshot returns a document with the rooms and logging configurations of an account, or all when it
// is "", with their tags.
func (s *State) Snapshot(ctx context.Context, account string) ([]byte, error) {
	resources, err := s.config.Store.Resources(ctx, account)
	if err != nil {
		return nil, err
	}
	return snapshot.Encode(resources, s.config.Clock.Now()), nil
}

// Restore replaces what an account has, or what all accounts have when it is "", by what the document
// has, with the same IDs and ARNs. Resources of no particular account become this account's.
// Connected clients are closed. If the document is invalid, nothing changes, and the error says where
// it is wrong.
func (s *State) Restore(ctx context.Context, account string, document []byte) error {
	defaults := s.defaults()
	defaults.Owner.AccountID = cmp.Or(account, defaults.Owner.AccountID)
	resources, err := snapshot.Decode(document, defaults)
	if err != nil {
		return err
	}
	if account != "" {
		resources = ofAccount(account, resources)
	}
	if err := s.config.Store.Replace(ctx, account, resources); err != nil {
		return err
	}
	s.config.Live.Reset(account)
	return nil
}

// ofAccount returns those of the resources that belong to the account.
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

// Seed adds what the document has to what exists. Seeding twice changes nothing. If the document is
// invalid, nothing changes, and the error says where it is wrong.
func (s *State) Seed(ctx context.Context, document []byte) error {
	defaults := s.defaults()
	defaults.Exists = func(configuration ivschat.ARN) bool {
		_, err := s.config.Store.LoggingConfiguration(ctx, configuration)
		return err == nil
	}
	resources, err := snapshot.Decode(document, defaults)
	if err != nil {
		return err
	}
	return s.config.Store.Seed(ctx, resources)
}

func (s *State) defaults() snapshot.Defaults {
	return snapshot.Defaults{Owner: s.config.Owner, Now: s.config.Clock.Now()}
}
