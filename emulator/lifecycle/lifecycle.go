// Package lifecycle creates, updates and deletes logging configurations, with the states that they have meanwhile:
//
//	CREATING -> ACTIVE, or CREATE_FAILED
//	UPDATING -> ACTIVE, or UPDATE_FAILED
//	DELETING -> it does not exist any more, or DELETE_FAILED
//
// CREATING, UPDATING and DELETING last for the same delay, in the time of the account (decision D72).
//
// # How it works
//
// The store has the state and what it will lead to (ivschat.LoggingConfigurationOutcome), so both survive a restart.
// When a transition ends follows from its update time. An account with transitions has one alarm of its clock, for the
// earliest end. The alarm asks the store to end what is over, and the answer says when the next one ends. So an alarm
// belongs to no particular logging configuration: it does no harm if that was replaced meanwhile, by a reset for
// instance.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// retryInterval is how long, in the machine's time, the end of a transition that could not be stored waits for the
// next attempt.
const retryInterval = 5 * time.Second

// A Store stores logging configurations. If one does not exist, the error is a ResourceNotFoundException.
type Store interface {
	// CreateLoggingConfiguration stores a new one. The error is a ServiceQuotaExceededException if
	// its owner already has quota of them, and ivschat.ErrIDTaken if its ID is in use.
	CreateLoggingConfiguration(ctx context.Context, configuration ivschat.LoggingConfiguration, quota int) error
	// UpdateLoggingConfiguration calls change with it, stores the result and returns it, or returns the error of
	// change.
	UpdateLoggingConfiguration(
		ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration) error,
	) (ivschat.LoggingConfiguration, error)
	// DeleteLoggingConfiguration calls change with it and removes it if its state is then LoggingConfigurationDeleted,
	// or stores the result. The error is that of change, or a ConflictException if a room refers to it.
	DeleteLoggingConfiguration(
		ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration) error,
	) error
	// EndTransitions ends the transitions of an account, or of all if it is "", for which due returns a time: when
	// they ended. It returns those that have not ended.
	EndTransitions(
		ctx context.Context, account string, due func(ivschat.LoggingConfiguration) (at time.Time, isDue bool),
	) (waiting []ivschat.LoggingConfiguration, err error)
	// Transitions returns the logging configurations of an account, or of all if it is "", that are in transition.
	Transitions(ctx context.Context, account string) ([]ivschat.LoggingConfiguration, error)
}

// Config is what a Lifecycle works with. Every member is required.
type Config struct {
	Store  Store
	Clock  *clock.Clock
	Delay  time.Duration // how long transitions last; 0 means that they end at once (decision D10)
	Logger *slog.Logger
	// Shared is whether other nodes have the same store and the same clock, which this one does not have yet. Then Resume
	// is called once it has them, and Began for what the other nodes begin. All nodes end all transitions, and the first
	// to do so is the one that does it. So they also end if the node is gone on which they began.
	Shared bool
}

// A Lifecycle changes the states of logging configurations. Close ends it. It is safe for concurrent use.
type Lifecycle struct {
	Config // static

	mu      sync.Mutex // guards what follows
	closed  bool
	alarms  map[string]*alarm            // for the earliest end of a transition, by account
	retries map[string]*time.Timer       // by account
	ending  map[<-chan struct{}]struct{} // of the goroutines that end transitions; each closes its own
}

// An alarm is one of the clock of an account. The function that it runs knows it by its address.
type alarm struct {
	at    time.Time
	clock *clock.Alarm
}

// New returns a Lifecycle that also ends the transitions of an earlier run. Those that are over have ended when it
// returns. Who moves the clock waits until all that this makes due have ended, or could not be stored.
func New(config Config) *Lifecycle {
	l := &Lifecycle{
		Config: config, alarms: map[string]*alarm{}, retries: map[string]*time.Timer{},
		ending: map[<-chan struct{}]struct{}{},
	}
	config.Clock.AfterMove(func(string) { l.await() })
	if !config.Shared {
		l.Resume()
	}
	return l
}

// Resume ends the transitions that are over, and makes sure that the others will end.
func (l *Lifecycle) Resume() { l.end("") }

// Began makes sure that a transition ends that began on another node. It does not block.
func (l *Lifecycle) Began(c ivschat.LoggingConfiguration) {
	l.wake(c.ARN.Owner.AccountID, c.UpdateTime.Add(l.Delay))
}

// CreateLoggingConfiguration stores a new logging configuration, whose state it sets. It ends in CREATE_FAILED if it
// fails, and in ACTIVE otherwise. For the errors see Store.
func (l *Lifecycle) CreateLoggingConfiguration(
	ctx context.Context, c ivschat.LoggingConfiguration, quota int, fails bool,
) error {
	outcome := outcomeOf(c, ivschat.LoggingConfigurationActive)
	if fails {
		outcome.State = ivschat.LoggingConfigurationCreateFailed
	}
	l.begin(&c, ivschat.LoggingConfigurationCreating, outcome, c.CreateTime)
	err := l.Store.CreateLoggingConfiguration(ctx, c, quota)
	l.began(c.ARN, c.CreateTime, err)
	return err
}

// UpdateLoggingConfiguration calls change with a logging configuration and returns the result, which is stored at the
// end of UPDATING. If it fails, it ends in UPDATE_FAILED and keeps what it has. The error is a
// ResourceNotFoundException, or a ConflictException if it is neither ACTIVE nor UPDATE_FAILED.
func (l *Lifecycle) UpdateLoggingConfiguration(
	ctx context.Context, arn ivschat.ARN, now time.Time, fails bool, change func(*ivschat.LoggingConfiguration),
) (changed ivschat.LoggingConfiguration, err error) {
	_, err = l.Store.UpdateLoggingConfiguration(ctx, arn, func(c *ivschat.LoggingConfiguration) error {
		if err := checkCanBeUpdated(*c); err != nil {
			return err
		}
		changed = *c
		change(&changed)
		changed.State, changed.UpdateTime = ivschat.LoggingConfigurationActive, now
		outcome := outcomeOf(changed, changed.State)
		if fails {
			outcome = outcomeOf(*c, ivschat.LoggingConfigurationUpdateFailed)
		}
		l.begin(c, ivschat.LoggingConfigurationUpdating, outcome, now)
		return nil
	})
	l.began(arn, now, err)
	return changed, err
}

// DeleteLoggingConfiguration removes a logging configuration at the end of DELETING, or ends in DELETE_FAILED if it
// fails. The error is a ResourceNotFoundException, or a ConflictException if a room refers to it, or if it is
// CREATING, UPDATING or DELETING.
func (l *Lifecycle) DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN, now time.Time, fails bool) error {
	err := l.Store.DeleteLoggingConfiguration(ctx, arn, func(c *ivschat.LoggingConfiguration) error {
		if err := checkNotInTransition(*c); err != nil {
			return err
		}
		outcome := outcomeOf(*c, ivschat.LoggingConfigurationDeleted)
		if fails {
			outcome.State = ivschat.LoggingConfigurationDeleteFailed
		}
		l.begin(c, ivschat.LoggingConfigurationDeleting, outcome, now)
		return nil
	})
	l.began(arn, now, err)
	return err
}

// outcomeOf returns the outcome that leaves a logging configuration as it is, with a state.
func outcomeOf(
	c ivschat.LoggingConfiguration, state ivschat.LoggingConfigurationState,
) ivschat.LoggingConfigurationOutcome {
	return ivschat.LoggingConfigurationOutcome{
		State: state, Name: c.Name, DestinationConfiguration: c.DestinationConfiguration,
	}
}

func checkNotInTransition(c ivschat.LoggingConfiguration) error {
	if c.Outcome == nil {
		return nil
	}
	return ivschat.Conflict(c.ARN, fmt.Sprintf("is %s: wait until that has ended, and try again", c.State))
}

// checkCanBeUpdated returns a ConflictException for a state in which there can be no update (decision D72).
func checkCanBeUpdated(c ivschat.LoggingConfiguration) error {
	switch c.State {
	case ivschat.LoggingConfigurationCreateFailed, ivschat.LoggingConfigurationDeleteFailed:
		return ivschat.Conflict(c.ARN, fmt.Sprintf("is %s and cannot be updated: delete it", c.State))
	default:
		return checkNotInTransition(c)
	}
}

// begin begins a transition. Without a delay, it is over.
func (l *Lifecycle) begin(
	c *ivschat.LoggingConfiguration, state ivschat.LoggingConfigurationState,
	outcome ivschat.LoggingConfigurationOutcome, now time.Time,
) {
	c.State, c.Outcome, c.UpdateTime = state, &outcome, now
	if l.Delay == 0 {
		*c = c.Ended()
	}
}

// began makes sure that a transition that began at this time will end, unless the error says that it did not begin.
// After an error of the disk, or of the other nodes of a cluster, the store does not know whether it did.
func (l *Lifecycle) began(arn ivschat.ARN, now time.Time, err error) {
	exception, refused := errors.AsType[*ivschat.Exception](err)
	refused = refused && exception.Type != ivschat.ServiceUnavailable
	if !refused && !errors.Is(err, ivschat.ErrIDTaken) {
		l.wake(arn.Owner.AccountID, now.Add(l.Delay))
	}
}

// due returns when a transition ended, and whether it is over. If it began later than the time of the clock, the
// clock was set back, by a restart for instance. Then it is over, because its end could be years away.
func (l *Lifecycle) due(c ivschat.LoggingConfiguration) (at time.Time, isDue bool) {
	now := l.Clock.Account(c.ARN.Owner.AccountID).Now()
	if c.UpdateTime.After(now) {
		return now, true
	}
	at = c.UpdateTime.Add(l.Delay)
	return at, !at.After(now)
}

// wake sets the alarm of an account, so that it rings at the time, or earlier.
func (l *Lifecycle) wake(account string, at time.Time) {
	if l.Delay == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	set := l.alarms[account]
	if l.closed || set != nil && !at.Before(set.at) {
		return
	}
	if set != nil {
		l.Clock.Stop(set.clock)
	}
	a := &alarm{at: at}
	l.alarms[account] = a
	a.clock = l.Clock.Account(account).At(at, func() (ended <-chan struct{}) { return l.ring(account, a) })
}

// ring ends the transitions of an account that are over, when an alarm or a retry, for which a is nil, says so.
func (l *Lifecycle) ring(account string, a *alarm) (ended <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alarms[account] == a {
		delete(l.alarms, account)
	}
	if l.closed {
		return nil
	}
	done := make(chan struct{})
	l.ending[done] = struct{}{}
	go func() {
		l.end(account)
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.ending, done)
		close(done)
	}()
	return done
}

// await waits for the goroutines that are ending transitions now.
func (l *Lifecycle) await() {
	l.mu.Lock()
	ending := slices.Collect(maps.Keys(l.ending))
	l.mu.Unlock()
	for _, done := range ending {
		<-done
	}
}

// end ends the transitions that are over, of an account, or of all accounts if it is "".
func (l *Lifecycle) end(account string) {
	waiting, err := l.Store.EndTransitions(context.Background(), account, l.due)
	if err != nil {
		l.retry(account, err)
		return
	}
	for _, c := range waiting {
		l.wake(c.ARN.Owner.AccountID, c.UpdateTime.Add(l.Delay))
	}
}

// retry ends the transitions of an account some time later, because now it failed.
func (l *Lifecycle) retry(account string, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.retries[account] != nil {
		return
	}
	l.Logger.Warn("logging configurations stay CREATING, UPDATING or DELETING for now, because their new state "+
		"could not be stored", "error", why, "retry_in", retryInterval)
	l.retries[account] = time.AfterFunc(retryInterval, func() {
		l.mu.Lock()
		delete(l.retries, account)
		l.mu.Unlock()
		l.ring(account, nil)
	})
}

// A Transition is CREATING, UPDATING or DELETING of a logging configuration.
type Transition struct {
	LoggingConfiguration ivschat.ARN
	End                  time.Time // of the clock of its account; not after now if it is about to be stored
}

// Transitions returns the transitions that have not ended, of an account, or of all if it is "".
func (l *Lifecycle) Transitions(ctx context.Context, account string) ([]Transition, error) {
	configurations, err := l.Store.Transitions(ctx, account)
	transitions := make([]Transition, len(configurations))
	for i, c := range configurations {
		end, _ := l.due(c)
		transitions[i] = Transition{c.ARN, end}
	}
	return transitions, err
}

// Close waits until no transition is being ended. Those that are not over end after the next start.
func (l *Lifecycle) Close() {
	l.mu.Lock()
	l.closed = true
	for _, a := range l.alarms {
		l.Clock.Stop(a.clock)
	}
	for _, timer := range l.retries {
		timer.Stop()
	}
	l.mu.Unlock()
	l.await()
}
