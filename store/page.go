package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
)

// How bbolt's file is checked
//
// bbolt has checksums in its two meta pages only, and trusts all other pages. In a damaged file it
// panics, reads memory that is not its own, allocates what a damaged number asks for, or misses
// entries. Its own check does so too, in a goroutine of its own, where that ends the program. So
// checkPages reads the file itself, before bbolt does, and accepts only what bbolt writes (bbolt 1.5.0,
// internal/common):
//
//   - Both meta pages are intact. With one of them bbolt would use the state before the last change.
//   - Every page has its own number, a known type and a size that fits. Each page below the end is
//     used exactly once: in one tree, in the list of free pages, or by that list itself.
//   - The entries of a page are stored one after the other, without a gap. So a damaged number or size
//     is noticed. Keys ascend, and are in the range that the parent has for the page.
//
// What the entries contain is the subject of check.

const (
	pageHeader    = 16 // number 8, type 2, count of entries 2, further pages 4
	elementHeader = 16
	bucketHeader  = 16 // root page 8, sequence 8

	branchPage   = 0x01
	leafPage     = 0x02
	metaPage     = 0x04
	freelistPage = 0x10

	bucketFlag = 0x01 // of an entry that is a bucket

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	metaSize    = 64
)

// A metaBlock is what a meta page says.
type metaBlock struct {
	root, freelist uint64 // pages
	pages          uint64 // in the file, used or free
	transaction    uint64
}

// parseMeta returns what the bytes of a meta page after its header say, or false if they are damaged.
func parseMeta(block []byte) (meta metaBlock, intact bool) {
	native := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(block[:metaSize-8])
	meta = metaBlock{
		root:        native.Uint64(block[16:]),
		freelist:    native.Uint64(block[32:]),
		pages:       native.Uint64(block[40:]),
		transaction: native.Uint64(block[48:]),
	}
	return meta, native.Uint32(block) == metaMagic && native.Uint32(block[4:]) == metaVersion &&
		native.Uint64(block[metaSize-8:]) == sum.Sum64()
}

// A pageWalk reads the pages of a file, each once.
type pageWalk struct {
	file     io.ReaderAt
	pageSize int
	used     []bool // by page
}

// checkPages checks the pages of the file, which no other process changes meanwhile: bbolt's lock
// prevents that.
func checkPages(path string) error {
	locked, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return err
	}
	defer locked.Close() // it was opened only for the lock
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	return walkPages(file, locked.Info().PageSize)
}

// walkPages checks the pages of a file, which nobody changes meanwhile.
func walkPages(file *os.File, pageSize int) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w := &pageWalk{file: file, pageSize: pageSize}
	return w.check(info.Size())
}

// check checks the pages of a file of so many bytes.
func (w *pageWalk) check(bytes int64) error {
	meta, err := w.meta()
	if err != nil {
		return err
	}
	if size := meta.pages * uint64(w.pageSize); uint64(bytes) < size {
		return fmt.Errorf("the file is truncated: it has %d bytes, but should have %d", bytes, size)
	}
	w.used = make([]bool, meta.pages)
	return cmp.Or(w.tree(meta.root, nil, nil), w.free(meta.freelist), w.unused())
}

// meta returns the newer of the two meta pages.
func (w *pageWalk) meta() (newer metaBlock, err error) {
	for id := range 2 {
		page := make([]byte, pageHeader+metaSize)
		if _, err := w.file.ReadAt(page, int64(id*w.pageSize)); err != nil {
			return newer, err
		}
		meta, intact := parseMeta(page[pageHeader:])
		native := binary.NativeEndian
		if !intact || native.Uint64(page) != uint64(id) || native.Uint16(page[8:]) != metaPage {
			return newer, fmt.Errorf("meta page %d is damaged, so the latest change may be missing", id)
		}
		if meta.transaction >= newer.transaction {
			newer = meta
		}
	}
	return newer, nil
}

// A page is a page with the further pages that belong to it.
type page struct {
	id    uint64
	kind  uint16
	count int
	bytes []byte // all, with the header
}

func pageIn(bytes []byte) page {
	native := binary.NativeEndian
	return page{
		id:    native.Uint64(bytes),
		kind:  native.Uint16(bytes[8:]),
		count: int(native.Uint16(bytes[10:])),
		bytes: bytes,
	}
}

// read reads a page and marks it as used.
func (w *pageWalk) read(id uint64) (page, error) {
	if err := w.use(id); err != nil {
		return page{}, err
	}
	first := make([]byte, w.pageSize)
	if _, err := w.file.ReadAt(first, int64(id)*int64(w.pageSize)); err != nil {
		return page{}, err
	}
	p := pageIn(first)
	if p.id != id {
		return page{}, fmt.Errorf("page %d says that it is page %d", id, p.id)
	}
	further := uint64(binary.NativeEndian.Uint32(first[12:]))
	for next := id + 1; next <= id+further; next++ {
		if err := w.use(next); err != nil {
			return page{}, err
		}
	}
	if further > 0 {
		p.bytes = make([]byte, (1+further)*uint64(w.pageSize))
		if _, err := w.file.ReadAt(p.bytes, int64(id)*int64(w.pageSize)); err != nil {
			return page{}, err
		}
	}
	return p, nil
}

func (w *pageWalk) use(id uint64) error {
	if id < 2 || id >= uint64(len(w.used)) {
		return fmt.Errorf("page %d does not exist: the file has %d pages", id, len(w.used))
	}
	if w.used[id] {
		return fmt.Errorf("page %d is used twice", id)
	}
	w.used[id] = true
	return nil
}

// tree checks the page and all below it. Keys are in the range from first, and before end if that is not
// nil.
func (w *pageWalk) tree(id uint64, first, end []byte) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	if p.kind != branchPage && p.kind != leafPage {
		return fmt.Errorf("page %d has the unknown type %#x", id, p.kind)
	}
	elements, _, err := p.elements(first, end)
	if err != nil {
		return err
	}
	if p.kind == leafPage {
		for _, e := range elements {
			if err := w.value(e); err != nil {
				return err
			}
		}
		return nil
	}
	if len(elements) == 0 {
		return fmt.Errorf("page %d has no entries", id)
	}
	for i, e := range elements {
		next := end
		if i+1 < len(elements) {
			next = elements[i+1].key
		}
		if err := w.tree(e.child, e.key, next); err != nil {
			return err
		}
	}
	return nil
}

// An element is an entry of a page: in a branch page a child, in a leaf page a value or a bucket.
type element struct {
	key, value []byte
	child      uint64
	isBucket   bool
}

// elements returns the entries of the page, with keys in the range from first and before end, and the
// bytes after them, which the page does not use.
func (p page) elements(first, end []byte) (all []element, rest []byte, err error) {
	native := binary.NativeEndian
	size := pageHeader + p.count*elementHeader
	if size > len(p.bytes) {
		return nil, nil, fmt.Errorf("page %d says that it has %d entries, which is too many", p.id, p.count)
	}
	for i := range p.count {
		at := pageHeader + i*elementHeader
		header := p.bytes[at : at+elementHeader]
		var e element
		var position, keySize, valueSize, flags uint32
		if p.kind == branchPage {
			position, keySize = native.Uint32(header), native.Uint32(header[4:])
			e.child = native.Uint64(header[8:])
		} else {
			flags, position = native.Uint32(header), native.Uint32(header[4:])
			keySize, valueSize = native.Uint32(header[8:]), native.Uint32(header[12:])
		}
		keyEnd := uint64(size) + uint64(keySize)
		valueEnd := keyEnd + uint64(valueSize)
		if uint64(at)+uint64(position) != uint64(size) || keySize == 0 || valueEnd > uint64(len(p.bytes)) ||
			flags > bucketFlag {
			return nil, nil, fmt.Errorf("entry %d of page %d is damaged", i, p.id)
		}
		e.key, e.value = p.bytes[size:keyEnd], p.bytes[keyEnd:valueEnd]
		e.isBucket = flags == bucketFlag
		if bytes.Compare(e.key, first) < 0 || i > 0 && bytes.Equal(e.key, first) ||
			end != nil && bytes.Compare(e.key, end) >= 0 {
			return nil, nil, fmt.Errorf("entry %d of page %d is out of order", i, p.id)
		}
		all, size, first = append(all, e), int(valueEnd), e.key
	}
	return all, p.bytes[size:], nil
}

// value checks what an entry contains, as far as bbolt knows it: the root page of a bucket, or the only
// page of a small bucket, which is in the entry itself.
func (w *pageWalk) value(e element) error {
	if !e.isBucket {
		return nil
	}
	if len(e.value) < bucketHeader {
		return fmt.Errorf("the bucket %q is truncated", e.key)
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		return w.tree(root, nil, nil)
	}
	inside := e.value[bucketHeader:]
	if len(inside) < pageHeader {
		return fmt.Errorf("the bucket %q is truncated", e.key)
	}
	p := pageIn(inside)
	if further := binary.NativeEndian.Uint32(inside[12:]); p.id != 0 || p.kind != leafPage || further != 0 {
		return fmt.Errorf("the page in the bucket %q is damaged", e.key)
	}
	elements, rest, err := p.elements(nil, nil)
	if err != nil {
		return fmt.Errorf("in the bucket %q: %w", e.key, err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("the bucket %q has %d bytes, but uses %d", e.key, len(inside), len(inside)-len(rest))
	}
	for _, e := range elements {
		if e.isBucket {
			return fmt.Errorf("the bucket %q is in a bucket that can have none", e.key)
		}
	}
	return nil
}

// free reads the list of free pages, and marks them as used by it.
func (w *pageWalk) free(id uint64) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	if p.kind != freelistPage {
		return fmt.Errorf("page %d has the type %#x instead of that of the list of free pages", id, p.kind)
	}
	list, count := p.bytes[pageHeader:], uint64(p.count)
	if count == 0xFFFF { // too large for the header, so the list begins with it
		count, list = binary.NativeEndian.Uint64(list), list[8:]
	}
	if count > uint64(len(list)/8) {
		return fmt.Errorf("the list of free pages says that it has %d pages, which is too many", count)
	}
	for i := range count {
		if err := w.use(binary.NativeEndian.Uint64(list[8*i:])); err != nil {
			return fmt.Errorf("in the list of free pages: %w", err)
		}
	}
	return nil
}

// unused returns an error if there are pages that nothing uses.
func (w *pageWalk) unused() error {
	for id, used := range w.used {
		if id >= 2 && !used {
			return fmt.Errorf("page %d is neither used nor free", id)
		}
	}
	return nil
}
