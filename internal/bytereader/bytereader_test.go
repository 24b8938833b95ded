package bytereader_test

import (
	"encoding/binary"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

func TestAReaderReadsWhatWasAppended(t *testing.T) {
	text := bytereader.AppendText(binary.AppendUvarint([]byte{7}, 1<<40), "hello")
	r := bytereader.Reader{Rest: append(bytereader.AppendText(text, []byte{}), 1, 2, 3)}
	if b, n, hello, empty := r.Byte(), r.Uvarint(), r.Text(), r.Bytes(); b != 7 || n != 1<<40 || hello != "hello" ||
		len(empty) != 0 {
		t.Error(b, n, hello, empty)
	}
	if three := r.Take(3); len(three) != 3 || cap(three) != 3 || r.Failed || len(r.Rest) != 0 {
		t.Error(three, r)
	}
}

func TestAReaderWhoseBytesEndTooEarlyHasNothingLeft(t *testing.T) {
	for name, read := range map[string]func(*bytereader.Reader) bool{
		"take":    func(r *bytereader.Reader) bool { return r.Take(1<<63) == nil },
		"text":    func(r *bytereader.Reader) bool { return r.Text() == "" },
		"uvarint": func(r *bytereader.Reader) bool { r.Byte(); return r.Uvarint() == 0 },
	} {
		r := bytereader.Reader{Rest: []byte{9, 0xff}}
		if !read(&r) || !r.Failed || len(r.Rest) > 0 || r.Byte() != 0 || r.Uvarint() != 0 || r.Text() != "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
