// Package store keeps rooms, logging configurations and tags in a bbolt file and in memory.
//
// Everything that is stored is also in memory, as values, in an index: see index.go. All reads are answered
// from it. Open reads the file once, and a write changes both: first the file, then what reads see, see
// writer.go. A store in memory has no file. One that shares its content with the stores of other processes has a log
// instead, see shared.go.
//
// The buckets of the file and their keys:
//
//	meta
//	    schema                                    version of this layout
//	    runs                                      record: number of runs with a random seed, see NextRun
//	used tokens                                   <expiration, seconds since 1970><token id> -> record
//	<account>/<region>                            one bucket for each owner
//	    rooms
//	        count                                 number of entries in id
//	        id                                    <id> -> record
//	    logging configurations
//	        count, id                             as above
//
// A resource has a position in lists: the complement of its update time in nanoseconds and the complement of
// a sequence number. So the resource that was updated last sorts first. The record has the number, and the
// sequence of the bucket id is the latest number. A record is a version, a checksum and fields, see record.go.
// The record of a used token has no fields.
//
// Open checks the whole file before anything is read from it: page.go has the pages of bbolt, load.go what
// they contain. A damaged file is refused. A file with an earlier layout is converted, see earlier.go.
//
// When a method that changes something has returned without an error, the change is on disk, and every read
// that begins then sees it, in all stores that share it. Writes may share a transaction. A read sees either all
// of a change or nothing.
//
// A read or a write whose context has ended is not made, and returns the context's error. A write
// that has begun is finished, even if its context ends then. In a shared store, a write begins again when another
// store was faster, and calls the functions that its caller gave it again.
//
// The maps, slices and pointers in what a method returns are shared with other callers, and must not be
// changed. Those in what a method gets are copied.
package store
