package emulator

import (
	"cmp"

	"github.com/ivschat-local/ivschat-local/emulator/control"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
	"github.com/ivschat-local/ivschat-local/emulator/world"
)

// Faults is what goes wrong on purpose.
func (e *Emulator) Faults() *fault.Set { return e.faults }

// Journal is what happened so far.
func (e *Emulator) Journal() *journal.Journal { return e.journal }

// Sessions gives the open sessions of an account and of a room, the longest
// first. "" and no ARN mean any.
func (e *Emulator) Sessions(account string, in ivschat.ARN) []*room.Session {
	return e.live.Sessions(account, in)
}

// RandomSeed is what chance began from.
func (e *Emulator) RandomSeed() uint64 { return e.random.Seed() }

// World gives the rooms and logging configurations of an account, of all when
// it is "".
func (e *Emulator) World(account string) (ivschat.World, error) { return e.store.World(account) }

// Reset forgets the rooms, logging configurations, sessions, faults and the
// journal of an account.
// With account "" it forgets those of all, and the clock runs with the machine
// again. Keys stay, and used chat tokens stay used. Clients that are connected
// are closed.
func (e *Emulator) Reset(account string) error {
	e.faults.Clear(account)
	if err := e.store.Replace(account, ivschat.World{}); err != nil {
		return err
	}
	e.live.Reset(account)
	e.journal.Forget(account)
	if account == "" {
		e.clock.Reset()
	}
	return nil
}

// Snapshot writes down the rooms and logging configurations of an account, of
// all when it is "", with their tags.
func (e *Emulator) Snapshot(account string) ([]byte, error) {
	there, err := e.store.World(account)
	if err != nil {
		return nil, err
	}
	return world.Encode(there, e.clock.Now()), nil
}

// Restore forgets what an account has, "" for all, and has what the snapshot
// says instead, with its ids and ARNs. What says no account is this one's. A
// snapshot that is wrong changes nothing, and the error says where it is.
// Clients that are connected are closed.
func (e *Emulator) Restore(account string, snapshot []byte) error {
	defaults := e.defaults()
	defaults.Owner.AccountID = cmp.Or(account, defaults.Owner.AccountID)
	there, err := world.Decode(snapshot, defaults, control.Violations)
	if err != nil {
		return err
	}
	if account != "" {
		there = of(account, there)
	}
	if err := e.store.Replace(account, there); err != nil {
		return err
	}
	e.live.Reset(account)
	return nil
}

// of gives what belongs to one account.
func of(account string, all ivschat.World) (one ivschat.World) {
	for _, r := range all.Rooms {
		if r.ARN.Owner.AccountID == account {
			one.Rooms = append(one.Rooms, r)
		}
	}
	for _, c := range all.LoggingConfigurations {
		if c.ARN.Owner.AccountID == account {
			one.LoggingConfigurations = append(one.LoggingConfigurations, c)
		}
	}
	return one
}

// Seed keeps what the document has beside what is there. Seeding again changes
// nothing. A document that is wrong changes nothing, and the error says where
// it is.
func (e *Emulator) Seed(document []byte) error {
	defaults := e.defaults()
	defaults.There = func(configuration ivschat.ARN) bool {
		_, err := e.store.LoggingConfiguration(configuration)
		return err == nil
	}
	there, err := world.Decode(document, defaults, control.Violations)
	if err != nil {
		return err
	}
	return e.store.Seed(there)
}

func (e *Emulator) defaults() world.Defaults {
	return world.Defaults{Owner: ivschat.Owner{AccountID: e.config.Account, Region: e.config.Region}, Now: e.clock.Now()}
}
