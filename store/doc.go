// Package store keeps rooms, logging configurations and tags in a bbolt file.
//
// The buckets and their keys:
//
//	meta
//	    schema                                    version of this drawing
//	    runs                                      how many there were from one seed, if any
//	used tokens                                   <expiration, seconds since 1970><token id> -> nothing
//	<account>/<region>                            one bucket for each owner
//	    rooms
//	        count                                 number of entries in id
//	        id                                    <id> -> record
//	        order                                 <position> -> <id>
//	        users                                 <logging configuration id>/<room id> -> nothing
//	    logging configurations
//	        count, id, order                      as above
//
// A position sorts the resource that was updated last first: it is the
// complement of the update time in nanoseconds and of a sequence number, eight
// bytes each. A record is a version, a checksum and JSON, see record.go.
//
// bbolt keeps two pages that say where everything begins and uses the newer
// one. When that one is damaged it goes back to the other, and so to the state
// before the last change.
//
// Every method is one transaction. What a method has acknowledged is on disk.
package store
