package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// A change of a shared store, and its whole content, are records (see record.go) whose content is operations, one
// after the other:
//
//	put     collection, id, record   a resource, which may replace the one with this ID
//	all     collection, sequence number of the latest position, number of resources, and for each: id, record
//	        all resources of the collection, which replace those that it had
//	remove  collection, id
//	clear   account                  removes all resources of the account, or of all accounts if it is ""
//	runs    number                   see NextRun
//
// A collection is given by the account, the region, and the name that its bucket has in a file. The operations of the
// whole content make it from nothing.
type operation uint64

const (
	opPut operation = iota + 1
	opAll
	opRemove
	opClear
	opRuns
)

var (
	keyChange  = []byte("change")  // of the record of a change
	keyContent = []byte("content") // of that of the whole content

	errNewerNode = errors.New("it was written by a newer ivschat-local: use the same version for all nodes")
)

func appendOperation[Resource any](
	content []byte, op operation, kind *kind[Resource], owner ivschat.Owner,
) []byte {
	content = binary.AppendUvarint(content, uint64(op))
	content = bytereader.AppendText(bytereader.AppendText(content, owner.AccountID), owner.Region)
	return bytereader.AppendText(content, kind.plural)
}

func appendPut[Resource any](content []byte, kind *kind[Resource], owned *owned, changed *stored[Resource]) []byte {
	return appendResource(appendOperation(content, opPut, kind, owned.owner), kind, changed)
}

func appendResource[Resource any](content []byte, kind *kind[Resource], changed *stored[Resource]) []byte {
	id, record := newResourceRecord(kind, changed)
	content = append(appendNumber(content, len(id)), id...)
	return append(appendNumber(content, len(record)), record...)
}

func appendAll[Resource any](content []byte, kind *kind[Resource], owned *owned) []byte {
	all := kind.in(owned)
	content = appendOperation(content, opAll, kind, owned.owner)
	content = appendNumber(binary.AppendUvarint(content, all.sequence), all.byID.size)
	for _, stored := range all.byID.from("") {
		content = appendResource(content, kind, stored)
	}
	return content
}

func appendRemove[Resource any](content []byte, kind *kind[Resource], arn ivschat.ARN) []byte {
	return bytereader.AppendText(appendOperation(content, opRemove, kind, arn.Owner), arn.ID)
}

func appendClear(content []byte, account string) []byte {
	return bytereader.AppendText(binary.AppendUvarint(content, uint64(opClear)), account)
}

func appendRuns(content []byte, runs uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(content, uint64(opRuns)), runs)
}

// record returns the record of the whole content.
func (x *index) record() []byte {
	content := appendRuns(nil, x.runs)
	for _, owned := range x.ownersOf("") {
		content = appendAll(content, loggingConfigurations, owned)
		content = appendAll(content, rooms, owned)
	}
	return newRecord(keyContent, content)
}

// apply returns the index after the operations of a record.
func (x *index) apply(key, record []byte) (*index, error) {
	content, err := recordContent(key, record)
	if err != nil {
		return nil, err
	}
	d := draft{index: *x, edit: new(edit)}
	f := readFields(content)
	for len(f.Rest) > 0 {
		if err := d.applyNext(f); err != nil {
			return nil, err
		}
		if f.Failed {
			return nil, &recordError{string(key), "ends too early"}
		}
	}
	return &d.index, nil
}

func (d *draft) applyNext(f *fields) error {
	switch op := operation(f.Uvarint()); op {
	case opPut, opAll, opRemove:
		owner := ivschat.Owner{AccountID: f.Text(), Region: f.Text()}
		switch plural := f.Text(); plural {
		case rooms.plural:
			return applyTo(d, rooms, owner, op, f)
		case loggingConfigurations.plural:
			return applyTo(d, loggingConfigurations, owner, op, f)
		default:
			return fmt.Errorf("it is about unknown resources %q: %w", plural, errNewerNode)
		}
	case opClear:
		d.clear(f.Text())
	case opRuns:
		d.index.runs = f.Uvarint()
	default:
		return fmt.Errorf("it has an unknown operation %d: %w", op, errNewerNode)
	}
	return nil
}

func applyTo[Resource any](
	d *draft, kind *kind[Resource], owner ivschat.Owner, op operation, f *fields,
) error {
	owned := d.owned(owner)
	switch op {
	case opPut:
		return applyPut(d, kind, owned, f)
	case opAll:
		return applyAll(d, kind, owned, f)
	default:
		return remove(d, kind, ivschat.ARN{Owner: owner, ResourceType: kind.resourceType, ID: f.Text()})
	}
}

func applyPut[Resource any](d *draft, kind *kind[Resource], owned *owned, f *fields) error {
	all := kind.in(owned)
	resource, at, err := nextResource(kind, owned, f)
	if err != nil {
		return err
	}
	id := idKey(kind.arn(&resource).ID)
	if old, exists := all.byID.get(id); exists {
		all.removeFromLists(d.edit, kind, old)
	}
	if other, taken := all.all.get(at); taken {
		return positionTaken(kind, &other.resource)
	}
	all.sequence = max(all.sequence, ^at.sequence)
	put(d.edit, kind, owned, resource, at)
	return nil
}

func applyAll[Resource any](d *draft, kind *kind[Resource], owned *owned, f *fields) error {
	all := kind.in(owned)
	*all = collection[Resource]{sequence: f.Uvarint()}
	var added []*stored[Resource]
	for range f.count() {
		resource, at, err := nextResource(kind, owned, f)
		if err != nil {
			return err
		}
		if err := checkSequence(kind, owned, at); err != nil {
			return err
		}
		added = append(added, newStored(kind, owned, resource, at))
	}
	return all.putAll(d.edit, kind, added)
}

// nextResource reads an ID and the record of the resource.
func nextResource[Resource any](
	kind *kind[Resource], owned *owned, f *fields,
) (resource Resource, at position, err error) {
	arn := ivschat.ARN{Owner: owned.owner, ResourceType: kind.resourceType, ID: f.Text()}
	return readRecord(kind, arn, f.Bytes())
}
