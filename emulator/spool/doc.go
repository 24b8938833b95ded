// Package spool keeps the records of chat logs until they are delivered: in files, so that they survive a crash, or
// in memory.
//
// # Files
//
// A stream has the records of a destination and a logging configuration, and consists of segments. A segment is a
// file, to which entries are only appended: records, and acknowledgements that say which records were removed.
// record.go has their format, and header.go that of the beginning of a file. When all records of a segment were
// removed, its file is deleted. The names of files are numbers, so nothing in a name comes from a request.
//
// Segments are not made for each window of time, but when the last one is full, or when the window changes and some of
// its records were already removed. So a destination that does not work for a day has a few large files instead of
// thousands, and one that works has segments of a window or two, which are soon deleted. Every entry has its window.
//
// # What survives what (decision D71)
//
// Append writes a record to the file with one system call, without waiting for the disk. So the record survives the
// death of the process. A background goroutine waits for the disk once a second (background.go), so a power failure
// costs at most the records of the last second. An acknowledgement that is lost means that records are delivered
// again.
//
// If a file cannot be written, for instance because the disk is full, records are kept in a segment in memory, and the
// background goroutine tries each second to write it to a file. What is found by Open and cannot be understood is left
// alone, with a line in the log: such a file can be of a newer version. If bytes of a file are damaged, the records
// around them are still read (load.go), because each entry has a checksum.
//
// # The maximum
//
// Whole segments count, in blocks of 4 KiB, and also the memory that is needed to find their records. Beyond the
// maximum, the stream with the most loses its oldest segment. Before that, from half of the maximum on, segments most
// of whose records were removed are copied without these (rewrite.go). Otherwise one room whose records cannot be
// delivered would keep those of all others.
//
// # Memory
//
// There is nothing in memory for a single record but three to five bytes of an index (index.go), which has the records
// of a room in a segment. Read reads the files.
//
// # Locks
//
// One mutex guards the whole state. It is held while a record or an acknowledgement is written to the cache of the
// system, and while a file is created, opened, renamed or closed, but not during fsync, reads, copies and removals of
// files. A lock for each stream would not be held for a shorter time, and the maximum would need a lock of all anyway.
package spool
