package store

import (
	"context"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A loggingConfigurationRecord is a logging configuration as it is stored.
type loggingConfigurationRecord struct {
	ARN            string                            `json:"arn"`
	Name           string                            `json:"name,omitempty"`
	CreateTime     time.Time                         `json:"createTime"`
	UpdateTime     time.Time                         `json:"updateTime"`
	S3Bucket       string                            `json:"s3Bucket,omitempty"` // one of the three is set
	CloudWatchLogs string                            `json:"cloudWatchLogsGroup,omitempty"`
	FirehoseStream string                            `json:"firehoseStream,omitempty"`
	State          ivschat.LoggingConfigurationState `json:"state"`
	Tags           ivschat.Tags                      `json:"tags,omitempty"`
	Position       []byte                            `json:"position"` // in the order
}

var loggingConfigurations = &kind[ivschat.LoggingConfiguration]{
	resourceType: ivschat.LoggingConfigurationResource,
	plural:       "logging configurations",
	in:           func(o *owned) *collection[ivschat.LoggingConfiguration] { return &o.configurations },
	arn:          func(c *ivschat.LoggingConfiguration) *ivschat.ARN { return &c.ARN },
	updateTime:   func(c *ivschat.LoggingConfiguration) time.Time { return c.UpdateTime },
	tags:         func(c *ivschat.LoggingConfiguration) *ivschat.Tags { return &c.Tags },
	uses:         func(*ivschat.LoggingConfiguration) []ivschat.ARN { return nil },
	lists:        func(*ivschat.LoggingConfiguration) []list { return nil },
	clone:        cloneLoggingConfiguration,
	record: func(c ivschat.LoggingConfiguration, at position) any {
		return newLoggingConfigurationRecord(c, at.bytes())
	},
	read: readLoggingConfiguration,
}

func cloneLoggingConfiguration(c ivschat.LoggingConfiguration) ivschat.LoggingConfiguration {
	c.ARN.ID = strings.Clone(c.ARN.ID)
	c.Name = strings.Clone(c.Name)
	c.CreateTime, c.UpdateTime = cloneTime(c.CreateTime), cloneTime(c.UpdateTime)
	record := newLoggingConfigurationRecord(c, nil)
	c.DestinationConfiguration = loggingConfigurationRecord{
		S3Bucket:       strings.Clone(record.S3Bucket),
		CloudWatchLogs: strings.Clone(record.CloudWatchLogs),
		FirehoseStream: strings.Clone(record.FirehoseStream),
	}.destination()
	c.Tags = cloneTags(c.Tags)
	return c
}

func newLoggingConfigurationRecord(
	c ivschat.LoggingConfiguration, position []byte,
) loggingConfigurationRecord {
	record := loggingConfigurationRecord{
		ARN:        c.ARN.String(),
		Name:       c.Name,
		CreateTime: c.CreateTime,
		UpdateTime: c.UpdateTime,
		State:      c.State,
		Tags:       c.Tags,
		Position:   position,
	}
	switch d := c.DestinationConfiguration; {
	case d.S3 != nil:
		record.S3Bucket = d.S3.BucketName
	case d.CloudWatchLogs != nil:
		record.CloudWatchLogs = d.CloudWatchLogs.LogGroupName
	case d.Firehose != nil:
		record.FirehoseStream = d.Firehose.DeliveryStreamName
	}
	return record
}

func (record loggingConfigurationRecord) loggingConfiguration() (ivschat.LoggingConfiguration, error) {
	arn, err := ivschat.ParseARN(record.ARN)
	if err != nil {
		return ivschat.LoggingConfiguration{}, err
	}
	configuration := ivschat.LoggingConfiguration{
		ARN:        arn,
		Name:       record.Name,
		CreateTime: record.CreateTime,
		UpdateTime: record.UpdateTime,
		State:      record.State,
		Tags:       record.Tags,
	}
	configuration.DestinationConfiguration = record.destination()
	return configuration, nil
}

func (record loggingConfigurationRecord) destination() (d ivschat.DestinationConfiguration) {
	switch {
	case record.S3Bucket != "":
		d.S3 = &ivschat.S3DestinationConfiguration{BucketName: record.S3Bucket}
	case record.CloudWatchLogs != "":
		d.CloudWatchLogs = &ivschat.CloudWatchLogsDestinationConfiguration{
			LogGroupName: record.CloudWatchLogs,
		}
	case record.FirehoseStream != "":
		d.Firehose = &ivschat.FirehoseDestinationConfiguration{
			DeliveryStreamName: record.FirehoseStream,
		}
	}
	return d
}

func readLoggingConfiguration(
	key, value []byte,
) (configuration ivschat.LoggingConfiguration, position []byte, err error) {
	var record loggingConfigurationRecord
	if err := decodeRecord(key, value, &record); err != nil {
		return configuration, nil, err
	}
	configuration, err = record.loggingConfiguration()
	return configuration, record.Position, err
}

// CreateLoggingConfiguration stores a new logging configuration. Errors are a
// ServiceQuotaExceededException when its owner already has quota of them, and ivschat.ErrIDTaken.
func (s *Store) CreateLoggingConfiguration(
	ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
) error {
	return s.update(ctx, func(d *draft) error {
		return insert(d, loggingConfigurations, configuration, quota)
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
// returns it, or returns a ResourceNotFoundException. change must not change what the maps and pointers
// of the logging configuration refer to.
func (s *Store) UpdateLoggingConfiguration(
	ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration),
) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.update(ctx, func(d *draft) (err error) {
		configuration, err = update(d, loggingConfigurations, arn, change)
		return err
	})
	return configuration, err
}

// DeleteLoggingConfiguration removes the logging configuration. Errors are a
// ResourceNotFoundException, and a ConflictException while a room refers to it (decision D55).
func (s *Store) DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN) error {
	return s.update(ctx, func(d *draft) error {
		_, err := find(&d.index, loggingConfigurations, arn)
		if err != nil {
			return err
		}
		if room, found := d.index.of(arn.Owner).userOf(arn); found {
			return ivschat.Conflict(arn, "is in use by room "+room+" and cannot be deleted before it is detached")
		}
		return remove(d, loggingConfigurations, arn)
	})
}

// userOf returns the ID of the room that refers to the logging configuration and whose ID sorts first, if
// there is one.
func (o *owned) userOf(configuration ivschat.ARN) (room string, found bool) {
	in := list{byLoggingConfiguration, configuration.ID}
	for at, user := range o.rooms.lists.from(place{list: in}) {
		if at.list != in {
			break
		}
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
