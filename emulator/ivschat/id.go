package ivschat

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
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
// the same seed. It keeps no secrets. It is safe for concurrent use.
type Random struct {
	seed uint64

	mu     sync.Mutex
	source *rand.ChaCha8
}

// NewRandom begins anew from the seed.
func NewRandom(seed uint64) *Random {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return &Random{seed: seed, source: rand.NewChaCha8(key)}
}

// Seed is what it began from.
func (r *Random) Seed() uint64 { return r.seed }

// ID makes an id of twelve letters and digits. It carries 71 bits of
// randomness, so that two alike are not to be expected from one seed.
func (r *Random) ID() string {
	const usable = 256 / len(idAlphabet) * len(idAlphabet) // bytes from here on would favour the first letters
	id := make([]byte, 0, IDLength)
	var random [2 * IDLength]byte
	for {
		_, _ = r.Read(random[:]) // never fails
		for _, b := range random {
			if int(b) >= usable {
				continue
			}
			id = append(id, idAlphabet[int(b)%len(idAlphabet)])
			if len(id) == IDLength {
				return string(id)
			}
		}
	}
}

// Read fills p. It never fails.
func (r *Random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}

// Float64 gives a number from 0 up to but not 1.
func (r *Random) Float64() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return float64(r.source.Uint64()>>11) / (1 << 53)
}
