package ivschat

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync/atomic"
)

// IDLength is the length of every id of the service (model: ID, RoomID,
// LoggingConfigurationID, MessageID).
const IDLength = 12

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// IsID reports whether the text has the form of an id.
func IsID(text string) bool {
	return len(text) == IDLength && strings.Trim(text, idAlphabet) == ""
}

// ErrIDTaken says that a resource of that id exists already.
var ErrIDTaken = errors.New("the id is taken")

// A Random makes ids and whatever else is left to chance, always the same from
// the same seed. It keeps no secrets. It is safe for concurrent use, and nobody
// waits: all rooms draw from it.
type Random struct {
	seed  uint64
	drawn atomic.Uint64
}

// NewRandom begins anew from the seed.
func NewRandom(seed uint64) *Random { return &Random{seed: seed} }

// Skip goes on as the so-many-th run from the same seed, which draws what no
// other run has drawn. It is called before anything is drawn.
func (r *Random) Skip(runs uint64) {
	const drawnInARun = 1 << 40
	r.drawn.Store(runs * drawnInARun)
}

// Seed is what it began from.
func (r *Random) Seed() uint64 { return r.seed }

// draw gives the next number. It is SplitMix64 (Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators", 2014), which can do with a counter
// in place of a lock.
func (r *Random) draw() uint64 { return mix(mix(r.seed) + r.drawn.Add(1)*0x9e3779b97f4a7c15) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// ID makes an id of twelve letters and digits. It carries 71 bits of
// randomness, so that two alike are not to be expected from one seed.
func (r *Random) ID() string {
	var id [IDLength]byte
	var number uint64
	for i := range id {
		if i%(IDLength/2) == 0 {
			number = r.draw() // enough for half an id: 62⁶ is far below 2⁶⁴
		}
		id[i] = idAlphabet[number%uint64(len(idAlphabet))]
		number /= uint64(len(idAlphabet))
	}
	return string(id[:])
}

// Read fills p. It never fails.
func (r *Random) Read(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		var number [8]byte
		binary.LittleEndian.PutUint64(number[:], r.draw())
		rest = rest[copy(rest, number[:]):]
	}
	return len(p), nil
}

// Float64 gives a number from 0 up to but not 1.
func (r *Random) Float64() float64 { return float64(r.draw()>>11) / (1 << 53) }
