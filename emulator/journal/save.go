package journal

import (
	"encoding/binary"
	"slices"
)

// lengthBytes is the number of bytes that the length of an entry takes in a saved journal.
const lengthBytes = 4

// encodedCost is about how many bytes an entry that is encoded needs beside its frame, its bodies and its texts.
const encodedCost = 40

// A head is what a journal has beside its entries.
type head struct {
	last, dropped, vanished, forgotten uint64
	rings                              []ring
	entries                            int // their number
}

func (c *coder) head(h *head) {
	c.value(func() {
		number(c, &h.last)
		number(c, &h.dropped)
		number(c, &h.vanished)
		number(c, &h.forgotten)
		number(c, &h.entries)
		list(c, &h.rings, func(r *ring) {
			text(c, &r.account)
			number(c, &r.dropped)
			number(c, &r.droppedID)
		})
	})
}

// Save returns a function that encodes the journal as it is now, so that another node can Load it. The function can
// run later, in another goroutine, because entries never change.
func (j *Journal) Save() (encode func() []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	all, size := slices.Clone(j.all), j.bytes-len(j.all)*(entryCost-encodedCost)
	h := head{
		last: j.last, dropped: j.dropped, vanished: j.vanished, forgotten: j.forgotten, entries: len(j.all) - j.empty,
	}
	for _, r := range j.heap {
		h.rings = append(h.rings, ring{account: r.account, dropped: r.dropped, droppedID: r.droppedID})
	}
	return func() []byte {
		c := coder{out: make([]byte, 0, max(0, size))}
		c.sized(func() { c.head(&h) })
		for _, p := range all {
			if p.entry != nil {
				c.sized(func() { c.entry(&p.entry.Entry) })
			}
		}
		return c.out
	}
}

// Load replaces all entries by those of a saved journal, with the same IDs, or by none if data is nil. It drops the
// oldest if they take more memory than this journal may. All who wait for entries have to look again.
func (j *Journal) Load(data []byte) error {
	loaded := Journal{maximum: j.maximum}
	if data != nil {
		if err := loaded.decode(data); err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.contents = loaded.contents
	j.waiters.wake()
	return nil
}

// decode decodes a saved journal into an empty one.
func (j *Journal) decode(data []byte) error {
	first, data := cutSized(data)
	var h head
	c := coder{reading: true, in: string(first)}
	if c.head(&h); c.wrong {
		return errEncoding
	}
	j.dropped, j.vanished, j.forgotten = h.dropped, h.vanished, h.forgotten
	for _, saved := range h.rings {
		r := j.ringLocked(saved.account)
		r.added, r.dropped, r.droppedID = saved.dropped, saved.dropped, saved.droppedID
	}
	for range h.entries {
		first, data = cutSized(data)
		e, err := Decode(first)
		if err != nil || e.ID <= j.last || e.ID > h.last {
			return errEncoding
		}
		j.storeLocked(newStored(e))
	}
	j.last = h.last
	if len(data) > 0 || slices.ContainsFunc(j.heap, func(r *ring) bool { return r.oldest == nil }) {
		return errEncoding
	}
	return nil
}

// sized encodes what the function encodes, after its length.
func (c *coder) sized(encode func()) {
	start := len(c.out)
	c.out = append(c.out, make([]byte, lengthBytes)...)
	encode()
	binary.LittleEndian.PutUint32(c.out[start:], uint32(len(c.out)-start-lengthBytes))
}

// cutSized returns what sized has encoded first, and the rest. If the length is not valid, both are empty.
func cutSized(data []byte) (first, rest []byte) {
	if len(data) < lengthBytes {
		return nil, nil
	}
	n := uint64(binary.LittleEndian.Uint32(data))
	if data = data[lengthBytes:]; n > uint64(len(data)) {
		return nil, nil
	}
	return data[:n], data[n:]
}
