package store

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A kind says what the store must know about resources of one type.
type kind[Resource any] struct {
	resourceType ivschat.ResourceType
	plural       string // also the name of the bucket

	in         func(*owned) *collection[Resource]
	arn        func(*Resource) *ivschat.ARN
	updateTime func(*Resource) time.Time
	tags       func(*Resource) *ivschat.Tags

	// uses returns the logging configurations to which the resource refers.
	uses func(*Resource) []ivschat.ARN
	// lists returns the lists that have the resource, except the one with all resources.
	lists func(*Resource) []list
	// clone returns a copy that shares no memory with the resource, and is what its record has.
	clone func(Resource) Resource

	// append appends the fields of a record.
	append func(content []byte, resource *Resource) []byte
	// read reads what append wrote.
	read func(content *fields, arn ivschat.ARN) Resource
	// readJSON reads a record of an earlier layout.
	readJSON func(key, record []byte) (resource Resource, position []byte, err error)
}

// find returns a resource, or a ResourceNotFoundException.
func find[Resource any](
	x *index, kind *kind[Resource], arn ivschat.ARN,
) (*stored[Resource], error) {
	if found, ok := kind.in(x.of(arn.Owner)).byID.get(idKey(arn.ID)); ok {
		return found, nil
	}
	return nil, ivschat.NotFound(arn)
}

// cloneTime returns the time as a record has it: without a location and without the clock of the machine.
func cloneTime(t time.Time) time.Time { return t.UTC().Round(0) }
