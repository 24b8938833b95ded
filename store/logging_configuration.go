package store

import (
	"bytes"
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A loggingConfigurationRecord is a logging configuration as it is stored.
type loggingConfigurationRecord struct {
	ARN            string                            `json:"arn"`
	Name           string                            `json:"name,omitempty"`
	CreateTime     time.Time                         `json:"createTime"`
	UpdateTime     time.Time                         `json:"updateTime"`
	S3Bucket       string                            `json:"s3Bucket,omitempty"` // one of these three
	CloudWatchLogs string                            `json:"cloudWatchLogsGroup,omitempty"`
	FirehoseStream string                            `json:"firehoseStream,omitempty"`
	State          ivschat.LoggingConfigurationState `json:"state"`
	Tags           ivschat.Tags                      `json:"tags,omitempty"`
	Position       []byte                            `json:"position"` // in the order
}

func newLoggingConfigurationRecord(c ivschat.LoggingConfiguration, position []byte) loggingConfigurationRecord {
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
	switch d := &configuration.DestinationConfiguration; {
	case record.S3Bucket != "":
		d.S3 = &ivschat.S3DestinationConfiguration{BucketName: record.S3Bucket}
	case record.CloudWatchLogs != "":
		d.CloudWatchLogs = &ivschat.CloudWatchLogsDestinationConfiguration{LogGroupName: record.CloudWatchLogs}
	case record.FirehoseStream != "":
		d.Firehose = &ivschat.FirehoseDestinationConfiguration{DeliveryStreamName: record.FirehoseStream}
	}
	return configuration, nil
}

func readLoggingConfiguration(key, value []byte) (ivschat.LoggingConfiguration, error) {
	var record loggingConfigurationRecord
	if err := decode(key, value, &record); err != nil {
		return ivschat.LoggingConfiguration{}, err
	}
	return record.loggingConfiguration()
}

// CreateLoggingConfiguration keeps a new one, or gives a
// ServiceQuotaExceededException when its owner has quota of them already.
func (s *Store) CreateLoggingConfiguration(ctx context.Context, configuration ivschat.LoggingConfiguration, quota int) error {
	return s.update(ctx, func(tx *bolt.Tx) error { return insertLoggingConfiguration(tx, configuration, quota) })
}

func insertLoggingConfiguration(tx *bolt.Tx, configuration ivschat.LoggingConfiguration, quota int) error {
	owner, id := configuration.ARN.Owner, configuration.ARN.ID
	configurations, err := establish(tx, owner, ivschat.LoggingConfigurationResource)
	if err != nil {
		return err
	}
	if configurations.count() >= uint64(quota) {
		return ivschat.QuotaExceeded(owner, "logging configurations", quota)
	}
	position, err := configurations.insert(id, configuration.UpdateTime)
	if err != nil {
		return err
	}
	return configurations.put(id, newLoggingConfigurationRecord(configuration, position))
}

// LoggingConfiguration gives it, or a ResourceNotFoundException.
func (s *Store) LoggingConfiguration(ctx context.Context, arn ivschat.ARN) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		var record loggingConfigurationRecord
		if err := look(tx, arn.Owner, ivschat.LoggingConfigurationResource).get(arn, &record); err != nil {
			return err
		}
		configuration, err = record.loggingConfiguration()
		return err
	})
	return configuration, err
}

// UpdateLoggingConfiguration lets change work on it and keeps what it made of
// it, or gives a ResourceNotFoundException.
func (s *Store) UpdateLoggingConfiguration(ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration)) (configuration ivschat.LoggingConfiguration, err error) {
	err = s.update(ctx, func(tx *bolt.Tx) error {
		configurations := look(tx, arn.Owner, ivschat.LoggingConfigurationResource)
		var record loggingConfigurationRecord
		if err := configurations.get(arn, &record); err != nil {
			return err
		}
		if configuration, err = record.loggingConfiguration(); err != nil {
			return err
		}
		change(&configuration)
		position, err := configurations.move(arn.ID, record.Position, configuration.UpdateTime)
		if err != nil {
			return err
		}
		return configurations.put(arn.ID, newLoggingConfigurationRecord(configuration, position))
	})
	return configuration, err
}

// DeleteLoggingConfiguration forgets it. Errors are a
// ResourceNotFoundException, and a ConflictException while a room refers to it.
func (s *Store) DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		configurations := look(tx, arn.Owner, ivschat.LoggingConfigurationResource)
		var record loggingConfigurationRecord
		if err := configurations.get(arn, &record); err != nil {
			return err
		}
		if room := look(tx, arn.Owner, ivschat.RoomResource).someUserOf(arn); room != "" {
			return ivschat.Conflict(arn, "is in use by room "+room+" and cannot be deleted before it is detached")
		}
		return configurations.remove(arn.ID, record.Position)
	})
}

// ListLoggingConfigurations lists the owner's, the one updated last first, and
// gives the position of the last one if more follow.
func (s *Store) ListLoggingConfigurations(ctx context.Context, owner ivschat.Owner, page ivschat.Page) (configurations []ivschat.LoggingConfiguration, next []byte, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		all := func(ivschat.LoggingConfiguration) bool { return true }
		configurations, next, err = list(ctx, look(tx, owner, ivschat.LoggingConfigurationResource), page, readLoggingConfiguration, all)
		return err
	})
	return configurations, next, err
}

// attach notes that the room refers to its logging configurations, which must
// be there.
func attach(tx *bolt.Tx, rooms collection, room ivschat.Room) error {
	configurations := look(tx, room.ARN.Owner, ivschat.LoggingConfigurationResource)
	for _, arn := range room.LoggingConfigurationIdentifiers {
		if !configurations.has(arn) {
			return ivschat.NotFound(arn)
		}
		if err := rooms.users.Put(use(arn, room.ARN.ID), nil); err != nil {
			return err
		}
	}
	return nil
}

// detach takes the notes of attach back.
func detach(rooms collection, room ivschat.Room) error {
	for _, arn := range room.LoggingConfigurationIdentifiers {
		if err := rooms.users.Delete(use(arn, room.ARN.ID)); err != nil {
			return err
		}
	}
	return nil
}

// someUserOf gives the id of a room that refers to the logging configuration,
// "" if there is none.
func (c collection) someUserOf(arn ivschat.ARN) string {
	if c.users == nil {
		return ""
	}
	prefix := use(arn, "")
	key, _ := c.users.Cursor().Seek(prefix)
	room, found := bytes.CutPrefix(key, prefix)
	if !found {
		return ""
	}
	return string(room)
}

func use(configuration ivschat.ARN, room string) []byte {
	return []byte(configuration.ID + "/" + room)
}
