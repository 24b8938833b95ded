// Package store keeps rooms, logging configurations and tags in a bbolt file.
//
// The buckets and their keys:
//
//	meta
//	    schema                                    version of this layout
//	    runs                                      record: number of runs with a random seed, see NextRun
//	used tokens                                   <expiration, seconds since 1970><token id> -> record
//	<account>/<region>                            one bucket for each owner
//	    rooms
//	        count                                 number of entries in id
//	        id                                    <id> -> record
//	        order                                 <position> -> <id>
//	        users                                 <logging configuration id>/<room id> -> nothing
//	    logging configurations
//	        count, id, order                      as above
//	        users                                 empty
//
// A position is 16 bytes: the complement of the update time in nanoseconds and the complement of a
// sequence number, 8 bytes each. So the resource that was updated last sorts first. A record is a
// version, a checksum and JSON, see record.go. The record of a used token has no JSON.
//
// Open checks the whole file before anything is read from it: page.go has the pages of bbolt, check.go
// what they contain. A damaged file is refused.
//
// Every method of Store is one transaction. When a method that changes something has returned
// without an error, the change is on disk. Writes may share a transaction, see writer.go.
//
// A read or a write whose context has ended is not made, and returns the context's error. A write
// that has begun is finished, even if its context ends then.
package store
