package spool_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// useFile opens a spool in a directory with a file that has this content, and uses it.
func useFile(t *testing.T, content []byte) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "00000000000000000001.spool"), content)
	s := open(t, dir, maximum)
	for _, p := range s.Pending() {
		records, through, _ := s.Read(p.Batch, everything)
		if len(records) != p.Records {
			t.Errorf("of %v, %d records can be read", p, len(records))
		}
		s.Remove(p.Batch, through-1)
	}
	b := batch("configuration", "a later room")
	s.add(b, "text")
	s.expect(b, "text")
	if s.Bytes() > maximum {
		t.Errorf("%d bytes are kept", s.Bytes())
	}
	_ = s.Close()
}

// Whatever is in a file, a spool opens it, and can be used.
func FuzzOpen(f *testing.F) {
	_, path, _ := smallSpool(f)
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Add([]byte("IVSCHATL\x01\x00\xff\xff\xff\xff"))
	f.Add([]byte{})
	f.Fuzz(useFile)
}

// Whatever is in entries with checksums, a spool opens the file, and can be used. Two bytes before each body have its
// length.
func FuzzEntries(f *testing.F) {
	const record = "\x01\x00\x00\x02\x00\x01r" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00" +
		"\x00\x00\x00\x00" + "text"
	const acknowledgement = "\x02\x00\x00\x02\x00\x01r" + "\xff\xff\x00\x00"
	entry := func(body string) string {
		return string(binary.LittleEndian.AppendUint16(nil, uint16(len(body)))) + body
	}
	f.Add([]byte(entry(record) + entry(record)))
	f.Add([]byte(entry(record) + entry(acknowledgement) + entry(record) + entry("")))
	f.Fuzz(func(t *testing.T, data []byte) {
		var bodies [][]byte
		for len(data) >= 2 {
			n := min(int(binary.LittleEndian.Uint16(data)), len(data)-2)
			bodies = append(bodies, data[2:][:n])
			data = data[2+n:]
		}
		useFile(t, spool.Sealed(1, batch("configuration", ""), bodies))
	})
}
