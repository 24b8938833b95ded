package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// How often things happen, in the machine's time.
const (
	syncAfter     = time.Second // at most this long after a record was appended, it is on the disk
	complainAfter = time.Minute // at most this often, the log says that files cannot be written
)

// wakeUp tells the background goroutine that there is something to do.
func (s *Spool) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // it was told already, or there is none
	}
}

// run is the background goroutine of a spool with files. It removes files at once, and does everything else a second
// after there was something to do. Nothing happens while there is nothing to do.
func (s *Spool) run() {
	defer close(s.ended)
	var after <-chan time.Time
	for {
		select {
		case <-s.stop:
			return
		case <-s.wake:
			s.empty()
			if after == nil {
				after = time.After(syncAfter)
			}
		case <-after:
			after = nil
			s.maintain()
			if !s.empty() {
				after = time.After(syncAfter)
			}
		}
	}
}

// empty removes the files in the trash, and reports whether all could be removed. It has to be called again if not.
func (s *Spool) empty() bool {
	s.mu.Lock()
	names, root := s.trash, s.root
	s.trash = nil
	s.mu.Unlock()
	var kept []string
	for _, name := range names {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.complain(fmt.Errorf("a file whose records were delivered cannot be removed: %w", err))
			kept = append(kept, name)
		}
	}
	s.mu.Lock()
	s.trash = append(s.trash, kept...)
	s.mu.Unlock()
	return len(kept) == 0
}

// maintain makes durable what was written, and writes to files what is in memory because that failed before.
func (s *Spool) maintain() {
	s.findDir()
	s.sync()
	if err := s.spill(); err != nil {
		s.complain(err)
		s.wakeUp()
	}
	s.compact()
}

// complain logs an error at most once a minute.
func (s *Spool) complain(err error) {
	s.mu.Lock()
	now := time.Now()
	isTime := now.Sub(s.complained) >= complainAfter
	if isTime {
		s.complained = now
	}
	s.mu.Unlock()
	if isTime {
		s.config.Logger.Error("the files of chat logs that are not delivered yet cannot be used, and new records are "+
			"kept in memory: make sure that the directory can be written and that the disk is not full",
			"dir", s.config.Dir, "error", err)
	}
}

// findDir makes the directory again if it was deleted, and uses the one that has its name.
func (s *Spool) findDir() {
	s.mu.Lock()
	root := s.root
	s.mu.Unlock()
	if now, err := os.Lstat(s.config.Dir); err == nil {
		if used, err := root.Stat("."); err == nil && os.SameFile(now, used) {
			return
		}
	}
	found, err := s.openDir()
	if err != nil {
		s.complain(err)
		return
	}
	s.config.Logger.Error("the directory of chat logs that are not delivered yet was deleted or replaced",
		"dir", s.config.Dir)
	s.mu.Lock()
	s.root = found
	var inFiles []*segment
	for _, st := range s.streams {
		for _, seg := range st.segments {
			s.closeLocked(seg)
			if seg.inFile {
				inFiles = append(inFiles, seg)
			}
		}
	}
	s.mu.Unlock()
	_ = root.Close()
	for _, seg := range inFiles {
		if _, err := found.Lstat(fileName(seg.number)); err != nil {
			s.missing(seg)
		}
	}
}

// sync waits until what was written is on the disk.
func (s *Spool) sync() {
	s.mu.Lock()
	dirty, names, root := s.dirty, s.names, s.root
	s.dirty, s.names = nil, false
	for _, seg := range dirty {
		seg.dirty = false
	}
	complaint := s.complaint
	s.complaint = nil
	s.mu.Unlock()
	if complaint != nil {
		s.complain(complaint)
	}
	for _, seg := range dirty {
		if err := syncFile(root, fileName(seg.number)); isMissing(err) {
			s.missing(seg)
		} else if err != nil {
			s.complain(err)
			s.mu.Lock()
			s.dirtyLocked(seg) // so that it is tried again
			s.mu.Unlock()
		}
	}
	if !names {
		return
	}
	if err := syncDir(root); err != nil {
		s.complain(err)
	}
}

// missing notes that the file of a segment was deleted by someone else.
func (s *Spool) missing(seg *segment) {
	s.mu.Lock()
	n := seg.live
	if seg.gone || s.closed {
		n = 0
	} else {
		s.dropLocked(seg, Deleted)
	}
	s.mu.Unlock()
	if n > 0 {
		s.config.Logger.Error("a file of chat logs that are not delivered yet was deleted", "dir", s.config.Dir,
			"file", fileName(seg.number), "records", n)
	}
}

// spill writes segments to files that are in memory because that failed before.
func (s *Spool) spill() error {
	s.mu.Lock()
	var inMemory []*segment
	for _, st := range s.streams {
		for _, seg := range st.segments {
			if !seg.inFile {
				inMemory = append(inMemory, seg)
			}
		}
	}
	s.mu.Unlock()
	for _, seg := range inMemory {
		if err := s.rewrite(seg); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.failing = false
	s.mu.Unlock()
	return nil
}

// compact rewrites files most of whose records were removed, once half of the maximum is reached.
func (s *Spool) compact() {
	s.mu.Lock()
	var gaining []*segment
	for _, st := range s.streams {
		for _, seg := range st.segments {
			if s.bytes > s.config.Bytes/2 && seg.gains() {
				gaining = append(gaining, seg)
			}
		}
	}
	s.mu.Unlock()
	for _, seg := range gaining {
		switch err := s.rewrite(seg); {
		case isMissing(err):
			s.missing(seg)
		case errors.Is(err, errUnreadable): // Read counts what cannot be read
		case err != nil:
			s.complain(err)
			return
		}
	}
}
