package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"
)

const testPageSize = 4096

// A pageFile is the content of a file of bbolt, and which pages are which.
type pageFile struct {
	file                          []byte
	root, list, branch, leaf, big uint64 // big is a leaf with a further page
	free                          []uint64
}

// page returns a page of the file. What is changed in it is changed in the file.
func (f pageFile) page(id uint64) page { return pageIn(f.file[id*testPageSize:][:testPageSize]) }

// sign gives a meta page the checksum of its content.
func (f pageFile) sign(id uint64) {
	block, sum := f.page(id).bytes[pageHeader:], fnv.New64a()
	sum.Write(block[:metaSize-8])
	binary.NativeEndian.PutUint64(block[metaSize-8:], sum.Sum64())
}

// header returns the header of an entry of a page.
func (f pageFile) header(id uint64, entry int) []byte {
	return f.page(id).bytes[pageHeader+entry*elementHeader:]
}

// inside returns the last entry of the root, which is the bucket small with its page.
func (f pageFile) inside(t *testing.T) []byte {
	t.Helper()
	elements, _, err := f.page(f.root).elements(nil, nil)
	if err != nil || string(elements[len(elements)-1].key) != "small" {
		t.Fatal(elements, err)
	}
	return elements[len(elements)-1].value[bucketHeader:]
}

// newPageFile returns a file with every kind of page.
func newPageFile(t *testing.T) (f pageFile) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: testPageSize})
	if err != nil {
		t.Fatal(err)
	}
	fill := func(size int) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			many, err := tx.CreateBucketIfNotExists([]byte("many"))
			for i := range 500 {
				err = errors.Join(err, many.Put(fmt.Appendf(nil, "key%03d", i), make([]byte, size)))
			}
			big, bigErr := tx.CreateBucketIfNotExists([]byte("big"))
			small, smallErr := tx.CreateBucketIfNotExists([]byte("small"))
			return errors.Join(err, bigErr, smallErr, big.Put([]byte("k"), make([]byte, 6000)),
				small.Put([]byte("k"), []byte("v")))
		}
	}
	if err := errors.Join(db.Update(fill(50)), db.Update(fill(10)), db.Close()); err != nil {
		t.Fatal(err)
	}
	if f.file, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	meta, err := (&pageWalk{file: bytes.NewReader(f.file), pageSize: testPageSize}).meta()
	if err != nil {
		t.Fatal(err)
	}
	f.root, f.list = meta.root, meta.freelist
	elements, _, err := f.page(f.root).elements(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.big, f.branch = binary.NativeEndian.Uint64(elements[0].value), binary.NativeEndian.Uint64(elements[1].value)
	f.leaf = binary.NativeEndian.Uint64(f.header(f.branch, 0)[8:])
	for i := range f.page(f.list).count {
		f.free = append(f.free, binary.NativeEndian.Uint64(f.page(f.list).bytes[pageHeader+8*i:]))
	}
	if f.page(f.branch).kind != branchPage || f.page(f.leaf).kind != leafPage || len(f.free) < 2 {
		t.Fatalf("the file has not every kind of page: %+v", f)
	}
	return f
}

func checkFile(file []byte) error {
	w := &pageWalk{file: bytes.NewReader(file), pageSize: testPageSize}
	return w.check(int64(len(file)))
}

func TestTheRefusalOfDamagedPagesSaysWhatIsDamaged(t *testing.T) {
	t.Parallel()
	whole, native := newPageFile(t), binary.NativeEndian
	if err := checkFile(whole.file); err != nil {
		t.Fatalf("the whole file is refused: %v", err)
	}
	pages := len(whole.file) / testPageSize
	meta, _ := (&pageWalk{file: bytes.NewReader(whole.file), pageSize: testPageSize}).meta()
	root, list, branch, leaf, big := whole.root, whole.list, whole.branch, whole.leaf, whole.big
	for _, test := range []struct {
		damage func(f pageFile)
		want   string
	}{
		{func(f pageFile) { f.file[pageHeader+16]++ }, "meta page 0 is damaged, so the latest change may be missing"},
		{func(f pageFile) { f.file[testPageSize] = 0 }, "meta page 1 is damaged, so the latest change may be missing"},
		{func(f pageFile) { f.file[8] = leafPage }, "meta page 0 is damaged, so the latest change may be missing"},
		{
			func(f pageFile) { f.page(0).bytes[pageHeader]++; f.sign(0) }, // the mark of bbolt's files
			"meta page 0 is damaged, so the latest change may be missing",
		},
		{
			func(f pageFile) { f.page(1).bytes[pageHeader+4]++; f.sign(1) }, // the version of the format
			"meta page 1 is damaged, so the latest change may be missing",
		},
		{func(f pageFile) { f.page(leaf).bytes[0]++ }, fmt.Sprintf("page %d says that it is page %d", leaf, leaf+1)},
		{func(f pageFile) { f.page(leaf).bytes[8] = 0x40 }, fmt.Sprintf("page %d has the unknown type 0x40", leaf)},
		{
			func(f pageFile) { native.PutUint16(f.page(leaf).bytes[10:], 256) },
			fmt.Sprintf("page %d says that it has 256 entries, which is too many", leaf),
		},
		{
			func(f pageFile) { native.PutUint16(f.page(leaf).bytes[10:], 255) }, // which just fit
			fmt.Sprintf("entry 0 of page %d is damaged", leaf),
		},
		{func(f pageFile) { f.header(leaf, 0)[0] = 2 }, fmt.Sprintf("entry 0 of page %d is damaged", leaf)},
		{func(f pageFile) { f.header(leaf, 1)[4]++ }, fmt.Sprintf("entry 1 of page %d is damaged", leaf)},
		{func(f pageFile) { f.header(leaf, 1)[8] = 0 }, fmt.Sprintf("entry 1 of page %d is damaged", leaf)},
		{func(f pageFile) { f.header(leaf, 0)[13] = 0xff }, fmt.Sprintf("entry 0 of page %d is damaged", leaf)},
		{func(f pageFile) { f.header(branch, 2)[0]++ }, fmt.Sprintf("entry 2 of page %d is damaged", branch)},
		{
			func(f pageFile) {
				elements, _, _ := f.page(leaf).elements(nil, nil)
				copy(elements[1].key, elements[0].key)
			},
			fmt.Sprintf("entry 1 of page %d is out of order", leaf),
		},
		{
			func(f pageFile) {
				elements, _, _ := f.page(leaf).elements(nil, nil)
				copy(elements[0].key, "aey")
			},
			fmt.Sprintf("entry 0 of page %d is out of order", leaf),
		},
		{
			func(f pageFile) {
				elements, _, _ := f.page(leaf).elements(nil, nil)
				copy(elements[len(elements)-1].key, "zey")
			},
			fmt.Sprintf("entry %d of page %d is out of order", whole.page(leaf).count-1, leaf),
		},
		{
			func(f pageFile) { // the last key is the first one of the next page
				elements, _, _ := f.page(leaf).elements(nil, nil)
				children, _, _ := f.page(branch).elements(nil, nil)
				copy(elements[len(elements)-1].key, children[1].key)
			},
			fmt.Sprintf("entry %d of page %d is out of order", whole.page(leaf).count-1, leaf),
		},
		{
			func(f pageFile) { copy(f.page(branch).bytes[10:], []byte{0, 0}) },
			fmt.Sprintf("page %d has no entries", branch),
		},
		{
			func(f pageFile) { native.PutUint64(f.header(branch, 0)[8:], 9999) },
			fmt.Sprintf("page 9999 does not exist: the file has %d pages", meta.pages),
		},
		{
			func(f pageFile) { native.PutUint64(f.header(branch, 0)[8:], meta.pages) },
			fmt.Sprintf("page %d does not exist: the file has %d pages", meta.pages, meta.pages),
		},
		{
			func(f pageFile) { native.PutUint64(f.header(branch, 0)[8:], 1) },
			fmt.Sprintf("page 1 does not exist: the file has %d pages", meta.pages),
		},
		{
			func(f pageFile) { native.PutUint64(f.header(branch, 1)[8:], leaf) },
			fmt.Sprintf("page %d is used twice", leaf),
		},
		{
			func(f pageFile) { native.PutUint32(f.page(big).bytes[12:], 9999) },
			fmt.Sprintf("page %d is used twice", root),
		},
		{
			func(f pageFile) { native.PutUint32(f.page(big).bytes[12:], 0) },
			fmt.Sprintf("entry 0 of page %d is damaged", big),
		},
		{
			func(f pageFile) { native.PutUint32(f.header(root, 2)[12:], bucketHeader-1) },
			`the bucket "small" is truncated`,
		},
		{
			func(f pageFile) { native.PutUint32(f.header(root, 2)[12:], bucketHeader+pageHeader-1) },
			`the bucket "small" is truncated`,
		},
		{func(f pageFile) { f.inside(t)[0] = 1 }, `the page in the bucket "small" is damaged`},
		{func(f pageFile) { f.inside(t)[8] = branchPage }, `the page in the bucket "small" is damaged`},
		{func(f pageFile) { f.inside(t)[12] = 1 }, `the page in the bucket "small" is damaged`},
		{func(f pageFile) { f.inside(t)[pageHeader+8] = 0 }, `in the bucket "small": entry 0 of page 0 is damaged`},
		{func(f pageFile) { f.inside(t)[10] = 0 }, `the bucket "small" has 34 bytes, but uses 16`},
		{
			func(f pageFile) { f.inside(t)[pageHeader+12]-- }, // the size of the value
			`the bucket "small" has 34 bytes, but uses 33`,
		},
		{func(f pageFile) { f.inside(t)[pageHeader] = 1 }, `the bucket "k" is in a bucket that can have none`},
		{
			func(f pageFile) { f.page(list).bytes[8] = leafPage },
			fmt.Sprintf("page %d has the type 0x2 instead of that of the list of free pages", list),
		},
		{
			func(f pageFile) { native.PutUint16(f.page(list).bytes[10:], 0xFFFE) },
			"the list of free pages says that it has 65534 pages, which is too many",
		},
		{
			func(f pageFile) { native.PutUint16(f.page(list).bytes[10:], (testPageSize-pageHeader)/8+1) },
			"the list of free pages says that it has 511 pages, which is too many",
		},
		{
			func(f pageFile) {
				native.PutUint16(f.page(list).bytes[10:], 0xFFFF)
				native.PutUint64(f.page(list).bytes[pageHeader:], 1<<40)
			},
			fmt.Sprintf("the list of free pages says that it has %d pages, which is too many", int64(1<<40)),
		},
		{
			func(f pageFile) {
				native.PutUint16(f.page(list).bytes[10:], 0xFFFF)
				native.PutUint64(f.page(list).bytes[pageHeader:], (testPageSize-pageHeader-8)/8+1)
			},
			"the list of free pages says that it has 510 pages, which is too many",
		},
		{
			func(f pageFile) { f.page(list).bytes[pageHeader] = byte(leaf) },
			fmt.Sprintf("in the list of free pages: page %d is used twice", leaf),
		},
		{
			func(f pageFile) { f.page(list).bytes[10]-- },
			fmt.Sprintf("page %d is neither used nor free", whole.free[len(whole.free)-1]),
		},
	} {
		f := whole
		f.file = bytes.Clone(whole.file)
		test.damage(f)
		if err := checkFile(f.file); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	err := checkFile(whole.file[:meta.pages*testPageSize-1])
	want := fmt.Sprintf("the file is truncated: it has %d bytes, but should have %d",
		meta.pages*testPageSize-1, meta.pages*testPageSize)
	if err == nil || err.Error() != want {
		t.Errorf("a file of %d pages without its last byte: got %v, want %s", pages, err, want)
	}
}

func TestAFileThatEndsWithItsLastPageIsWhole(t *testing.T) {
	t.Parallel()
	f := newPageFile(t)
	meta, err := (&pageWalk{file: bytes.NewReader(f.file), pageSize: testPageSize}).meta()
	if err != nil {
		t.Fatal(err)
	}
	if err := checkFile(f.file[:meta.pages*testPageSize]); err != nil {
		t.Error(err)
	}
}

func TestAPageThatIsNeitherUsedNorFreeIsAnErrorFromTheFirstOneOn(t *testing.T) {
	t.Parallel()
	w := &pageWalk{used: []bool{2: false}} // the pages 0 and 1 are the meta pages
	if err := w.unused(); err == nil || err.Error() != "page 2 is neither used nor free" {
		t.Errorf("the error is %v", err)
	}
	w.used[2] = true
	if err := w.unused(); err != nil {
		t.Error(err)
	}
}

func TestAListOfFreePagesMayFillItsPage(t *testing.T) {
	t.Parallel()
	const header, list = 0x10, 2 // the list is on the first page that is no meta page
	for name, test := range map[string]struct {
		count  uint16
		length []byte // before the numbers
		pages  int
	}{
		"with its length in the header": {count: 510, pages: 510},
		"with its length before it":     {0xFFFF, binary.NativeEndian.AppendUint64(nil, 509), 509},
	} {
		page := make([]byte, header, testPageSize)
		binary.NativeEndian.PutUint64(page, list)
		binary.NativeEndian.PutUint16(page[8:], freelistPage)
		binary.NativeEndian.PutUint16(page[10:], test.count)
		page = append(page, test.length...)
		for i := range test.pages {
			page = binary.NativeEndian.AppendUint64(page, uint64(list+1+i))
		}
		if len(page) != testPageSize {
			t.Fatalf("%s: the page has %d bytes", name, len(page))
		}
		file := bytes.NewReader(append(make([]byte, list*testPageSize), page...))
		w := &pageWalk{file: file, pageSize: testPageSize, used: make([]bool, list+1+test.pages)}
		if err := errors.Join(w.free(list), w.unused()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bbolt itself would read the list, and panic.
func TestADatabaseWithADamagedListOfFreePagesIsRefused(t *testing.T) {
	t.Parallel()
	f, dir := newPageFile(t), t.TempDir()
	f.page(f.list).bytes[8] = leafPage
	path := filepath.Join(dir, File)
	if err := os.WriteFile(path, f.file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	want := fmt.Sprintf("%s is damaged or not a database of ivschat-local (page %d has the type 0x2 instead of that "+
		"of the list of free pages); the file was not changed: restore it from a backup, or move it away to start "+
		"with an empty database", path, f.list)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// bbolt writes the long form if there are more free pages than the header can say.
func TestAListOfFreePagesMayBeginWithItsLength(t *testing.T) {
	t.Parallel()
	f := newPageFile(t)
	list := f.page(f.list).bytes
	binary.NativeEndian.PutUint16(list[10:], 0xFFFF)
	for i, number := range slices.Insert(slices.Clone(f.free), 0, uint64(len(f.free))) {
		binary.NativeEndian.PutUint64(list[pageHeader+8*i:], number)
	}
	if err := checkFile(f.file); err != nil {
		t.Error(err)
	}
}

// A failingFile is a file of which one read fails.
type failingFile struct {
	io.ReaderAt
	reads, fail int
}

var errRead = errors.New("the disk is broken")

func (f *failingFile) ReadAt(to []byte, offset int64) (int, error) {
	if f.reads++; f.reads == f.fail {
		return 0, errRead
	}
	return f.ReaderAt.ReadAt(to, offset)
}

func TestAPageThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	f := newPageFile(t)
	check := func(fail int) (reads int, err error) {
		file := &failingFile{ReaderAt: bytes.NewReader(f.file), fail: fail}
		w := &pageWalk{file: file, pageSize: testPageSize}
		err = w.check(int64(len(f.file)))
		return file.reads, err
	}
	reads, err := check(0)
	if err != nil || reads < 10 {
		t.Fatalf("%d reads, and the error is %v", reads, err)
	}
	for fail := range reads {
		if _, err := check(fail + 1); !errors.Is(err, errRead) {
			t.Errorf("read %d of %d fails: the error is %v", fail+1, reads, err)
		}
	}
}
