package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

var loggingConfigurations = &kind[ivschat.LoggingConfiguration]{
	resourceType: ivschat.LoggingConfigurationResource,
	plural:       "logging configurations",
	in:           func(o *owned) *collection[ivschat.LoggingConfiguration] { return &o.configurations },
	arn:          func(c *ivschat.LoggingConfiguration) *ivschat.ARN { return &c.ARN },
	updateTime:   func(c *ivschat.LoggingConfiguration) time.Time { return c.UpdateTime },
	tags:         func(c *ivschat.LoggingConfiguration) *ivschat.Tags { return &c.Tags },
	uses:         func(*ivschat.LoggingConfiguration) []ivschat.ARN { return nil },
	lists:        listsOfLoggingConfiguration,
	clone:        cloneLoggingConfiguration,
	append:       appendLoggingConfiguration,
	read:         readLoggingConfiguration,
	readJSON:     readLoggingConfigurationJSON,
}

// listsOfLoggingConfiguration returns the list from which Transitions and EndTransitions read.
func listsOfLoggingConfiguration(c *ivschat.LoggingConfiguration) []list {
	if c.Outcome == nil {
		return nil
	}
	return []list{{by: inTransition}}
}

func cloneLoggingConfiguration(c ivschat.LoggingConfiguration) ivschat.LoggingConfiguration {
	c.ARN.ID = strings.Clone(c.ARN.ID)
	c.Name = strings.Clone(c.Name)
	c.CreateTime, c.UpdateTime = cloneTime(c.CreateTime), cloneTime(c.UpdateTime)
	c.DestinationConfiguration = cloneDestination(c.DestinationConfiguration)
	c.State = cloneState(c.State)
	if o := c.Outcome; o != nil {
		c.Outcome = &ivschat.LoggingConfigurationOutcome{
			State: cloneState(o.State), Name: strings.Clone(o.Name),
			DestinationConfiguration: cloneDestination(o.DestinationConfiguration),
		}
	}
	c.Tags = cloneTags(c.Tags)
	return c
}

func cloneState(state ivschat.LoggingConfigurationState) ivschat.LoggingConfigurationState {
	return ivschat.LoggingConfigurationState(strings.Clone(string(state)))
}

func cloneDestination(d ivschat.DestinationConfiguration) ivschat.DestinationConfiguration {
	kind, name := destinationOf(d)
	return newDestination(kind, strings.Clone(name))
}

// The kinds of destinations in a record.
const (
	noDestination = iota
	s3Destination
	cloudWatchLogsDestination
	firehoseDestination
)

// newDestination returns a destination of a kind, with its name.
func newDestination(kind uint64, name string) (d ivschat.DestinationConfiguration) {
	switch kind {
	case s3Destination:
		d.S3 = &ivschat.S3DestinationConfiguration{BucketName: name}
	case cloudWatchLogsDestination:
		d.CloudWatchLogs = &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: name}
	case firehoseDestination:
		d.Firehose = &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: name}
	}
	return d
}

// destinationOf reverses newDestination.
func destinationOf(d ivschat.DestinationConfiguration) (kind uint64, name string) {
	switch {
	case d.S3 != nil:
		return s3Destination, d.S3.BucketName
	case d.CloudWatchLogs != nil:
		return cloudWatchLogsDestination, d.CloudWatchLogs.LogGroupName
	case d.Firehose != nil:
		return firehoseDestination, d.Firehose.DeliveryStreamName
	}
	return noDestination, ""
}

func appendLoggingConfiguration(content []byte, c *ivschat.LoggingConfiguration) []byte {
	content = bytereader.AppendText(content, c.Name)
	content = appendTime(content, c.CreateTime)
	content = appendTime(content, c.UpdateTime)
	content = appendDestination(content, c.DestinationConfiguration)
	content = bytereader.AppendText(content, string(c.State))
	content = appendTags(content, c.Tags)
	if o := c.Outcome; o != nil { // only then, so that all other records are as they always were
		content = bytereader.AppendText(bytereader.AppendText(content, string(o.State)), o.Name)
		content = appendDestination(content, o.DestinationConfiguration)
	}
	return content
}

func appendDestination(content []byte, d ivschat.DestinationConfiguration) []byte {
	kind, name := destinationOf(d)
	return bytereader.AppendText(appendNumber(content, int(kind)), name)
}

func readLoggingConfiguration(f *fields, arn ivschat.ARN) ivschat.LoggingConfiguration {
	c := ivschat.LoggingConfiguration{
		ARN: arn, Name: f.Text(), CreateTime: f.time(), UpdateTime: f.time(),
		DestinationConfiguration: newDestination(f.Uvarint(), f.Text()),
		State:                    ivschat.LoggingConfigurationState(f.Text()),
		Tags:                     f.tags(),
	}
	if len(f.Rest) > 0 {
		c.Outcome = &ivschat.LoggingConfigurationOutcome{
			State: ivschat.LoggingConfigurationState(f.Text()), Name: f.Text(),
			DestinationConfiguration: newDestination(f.Uvarint(), f.Text()),
		}
	}
	return c
}

// CreateLoggingConfiguration stores a new logging configuration. Errors are a
// ServiceQuotaExceededException when its owner already has quota of them, and ivschat.ErrIDTaken.
func (s *Store) CreateLoggingConfiguration(
	ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
) error {
	return s.update(ctx, func(d *draft) error {
		return insert(d, loggingConfigurations, &configuration, quota)
	})
}

// LoggingConfiguration returns the logging configuration, or a ResourceNotFoundException.
func (s *Store) LoggingConfiguration(
	ctx context.Context, arn ivschat.ARN,
) (configuration ivschat.LoggingConfiguration, err error) {
	index, err := s.view(ctx)
	if err != nil {
		return configuration, err
	}
	found, err := find(index, loggingConfigurations, arn)
	if err != nil {
		return configuration, err
	}
	return found.resource, nil
}

// UpdateLoggingConfiguration calls change with the logging configuration, stores the changed one and
// returns it. It returns a ResourceNotFoundException, or the error of change, which must not change what
// the maps and pointers of the logging configuration refer to.
func (s *Store) UpdateLoggingConfiguration(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration) error,
) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.update(ctx, func(d *draft) (err error) {
		configuration, err = changeLoggingConfiguration(d, arn, change)
		return err
	})
	return configuration, err
}

// DeleteLoggingConfiguration is like UpdateLoggingConfiguration for a change that removes the logging
// configuration, now or later, but returns a ConflictException while a room refers to it (decision D55). It is
// removed now if change gives it the state LoggingConfigurationDeleted.
func (s *Store) DeleteLoggingConfiguration(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration) error,
) error {
	return s.update(ctx, func(d *draft) error {
		_, err := changeLoggingConfiguration(d, arn, func(c *ivschat.LoggingConfiguration) error {
			if room, found := d.index.of(arn.Owner).userOf(arn); found {
				return ivschat.Conflict(arn, "is in use by room "+room+" and cannot be deleted before it is detached")
			}
			return change(c)
		})
		return err
	})
}

// ActiveLoggingConfigurations returns the logging configurations of a room that are ACTIVE, in the order in which the
// room has them. It reads from memory alone, because it is called for each frame. A room that does not exist has
// none.
func (s *Store) ActiveLoggingConfigurations(room ivschat.ARN) (active []ivschat.LoggingConfiguration) {
	index, err := s.current()
	if err != nil {
		return nil
	}
	owned := index.of(room.Owner)
	found, ok := owned.rooms.byID.get(idKey(room.ID))
	if !ok {
		return nil
	}
	identifiers := found.resource.LoggingConfigurationIdentifiers
	if len(identifiers) > 0 {
		active = make([]ivschat.LoggingConfiguration, 0, len(identifiers))
	}
	for _, arn := range identifiers {
		configuration, ok := owned.configurations.byID.get(idKey(arn.ID))
		if ok && configuration.resource.State == ivschat.LoggingConfigurationActive {
			active = append(active, configuration.resource)
		}
	}
	return active
}

// changeLoggingConfiguration calls change with a copy of a logging configuration, and stores the changed one, or
// removes it if its state is then LoggingConfigurationDeleted.
func changeLoggingConfiguration(
	d *draft, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration) error,
) (configuration ivschat.LoggingConfiguration, err error) {
	old, err := find(&d.index, loggingConfigurations, arn)
	if err != nil {
		return configuration, err
	}
	configuration = old.resource
	if err := change(&configuration); err != nil {
		return configuration, err
	}
	if configuration.State == ivschat.LoggingConfigurationDeleted {
		return configuration, remove(d, loggingConfigurations, arn)
	}
	return update(d, loggingConfigurations, arn, func(c *ivschat.LoggingConfiguration) { *c = configuration })
}

// EndTransitions ends CREATING, UPDATING and DELETING of the logging configurations of the account, or of all accounts
// if it is "", for which due returns a time, which becomes their update time. It ends all of them or, with an error,
// none, and returns those that are still in transition.
func (s *Store) EndTransitions(
	ctx context.Context, account string, due func(ivschat.LoggingConfiguration) (at time.Time, isDue bool),
) (waiting []ivschat.LoggingConfiguration, err error) {
	err = s.update(ctx, func(d *draft) error {
		waiting = nil // of an earlier attempt
		for _, owned := range d.index.ownersOf(account) {
			var all []ivschat.LoggingConfiguration
			for _, found := range owned.configurations.from(list{by: inTransition}, position{}) {
				all = append(all, found.resource)
			}
			for _, c := range slices.Backward(all) { // so that those with the same time stay in their order
				at, isDue := due(c)
				if !isDue {
					waiting = append(waiting, c)
					continue
				}
				c.UpdateTime = at
				end := func(target *ivschat.LoggingConfiguration) error { *target = c.Ended(); return nil }
				if _, err := changeLoggingConfiguration(d, c.ARN, end); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return waiting, err
}

// Transitions returns the logging configurations of the account, or of all accounts if it is "", that are CREATING,
// UPDATING or DELETING.
func (s *Store) Transitions(ctx context.Context, account string) (all []ivschat.LoggingConfiguration, err error) {
	index, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	for _, owned := range index.ownersOf(account) {
		for _, found := range owned.configurations.from(list{by: inTransition}, position{}) {
			all = append(all, found.resource)
		}
	}
	return all, nil
}

// userOf returns the ID of the room that refers to the logging configuration and whose ID sorts first, if
// there is one.
func (o *owned) userOf(configuration ivschat.ARN) (room string, found bool) {
	in := list{byLoggingConfiguration, configuration.ID}
	for _, user := range o.rooms.from(in, position{}) {
		if id := user.resource.ARN.ID; !found || id < room {
			room, found = id, true
		}
	}
	return room, found
}

// ListLoggingConfigurations returns the page of the owner's logging configurations, the one updated
// last first. next is the position of the last one if more follow, and nil otherwise.
func (s *Store) ListLoggingConfigurations(
	ctx context.Context, owner ivschat.Owner, page ivschat.Page,
) (configurations []ivschat.LoggingConfiguration, next []byte, err error) {
	index, err := s.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	return index.of(owner).configurations.page(ctx, list{}, page, matchAll)
}
