package journal

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
)

// Encode appends an entry to data, so that another node can Decode it. Its size is a few bytes more than that of
// its texts.
func (e *Entry) Encode(data []byte) []byte {
	c := coder{out: data}
	c.entry(e)
	return c.out
}

// errEncoding is about bytes that Encode or Save has not made.
var errEncoding = errors.New("the bytes are not what a journal has encoded")

// Decode returns the entry that Encode has made these bytes of. The entry keeps no part of them.
func Decode(data []byte) (e Entry, err error) {
	c := coder{reading: true, in: string(data)}
	c.entry(&e)
	if c.wrong || c.in != "" {
		return Entry{}, errEncoding
	}
	if e.Kind == Record { // Append does so with the others
		e.joinTexts()
	}
	return e, nil
}

// A coder encodes entries, or decodes them. One function for both names the fields of a type, so that they cannot
// differ. A type begins with a bit for each field, which says whether it is there: an empty one is left out.
type coder struct {
	out []byte // what was encoded

	reading bool
	in      string // what is left to be decoded; all texts are parts of it
	wrong   bool   // it is not valid, and what was decoded has no meaning

	present uint32 // the bits of the type
	bit     uint32 // of the next field
}

// maskBytes is the number of bytes that the bits of a type take.
const maskBytes = 4

// value encodes or decodes a value of a type, whose fields are named by the function.
func (c *coder) value(fields func()) {
	present, bit := c.present, c.bit
	if c.present, c.bit = 0, 1; c.reading {
		if mask := c.take(maskBytes); mask != "" {
			c.present = binary.LittleEndian.Uint32([]byte(mask))
		}
		fields()
	} else {
		start := len(c.out)
		c.out = append(c.out, make([]byte, maskBytes)...)
		fields()
		binary.LittleEndian.PutUint32(c.out[start:], c.present)
	}
	c.present, c.bit = present, bit
}

// has goes on to the next field, and reports whether it is there. Of an entry that is encoded, it is there if it is
// not empty.
func (c *coder) has(notEmpty bool) bool {
	bit := c.bit
	c.bit <<= 1
	if c.reading {
		return !c.wrong && c.present&bit != 0
	}
	if notEmpty {
		c.present |= bit
	}
	return notEmpty
}

// take returns the next bytes, or "" if there are not so many.
func (c *coder) take(n uint64) (bytes string) {
	if n > uint64(len(c.in)) {
		c.wrong, c.in = true, ""
		return ""
	}
	bytes, c.in = c.in[:n], c.in[n:]
	return bytes
}

// length decodes a number that is not negative.
func (c *coder) length() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		digit := c.take(1)
		if digit == "" {
			return 0
		}
		if n |= uint64(digit[0]&0x7f) << shift; digit[0] < 0x80 {
			return n
		}
	}
	c.wrong = true
	return 0
}

// integer decodes a number.
func (c *coder) integer() int64 {
	zigzag := c.length()
	return int64(zigzag>>1) ^ -int64(zigzag&1)
}

// number encodes or decodes a field.
func number[N ~int | ~int64 | ~uint64](c *coder, n *N) {
	switch {
	case !c.has(*n != 0):
	case c.reading:
		*n = N(c.integer())
	default:
		c.out = binary.AppendVarint(c.out, int64(*n))
	}
}

// text encodes or decodes a field with a text or bytes. A text that was decoded is part of the input.
func text[T ~string | ~[]byte](c *coder, t *T) {
	switch {
	case !c.has(len(*t) > 0):
	case c.reading:
		*t = T(c.take(c.length()))
	default:
		c.out = binary.AppendUvarint(c.out, uint64(len(*t)))
		c.out = append(c.out, *t...)
	}
}

// word is text for one of a few constants, so that no part of the input stays in memory.
func word[S ~string](c *coder, s *S, all []S) {
	if text(c, s); !c.reading {
		return
	}
	if i := slices.Index(all, *s); i >= 0 {
		*s = all[i]
	} else {
		*s = S(strings.Clone(string(*s)))
	}
}

// moment encodes or decodes a field with a time. It is in UTC then.
func (c *coder) moment(t *time.Time) {
	switch {
	case !c.has(!t.IsZero()):
	case c.reading:
		seconds := c.integer()
		*t = time.Unix(seconds, c.integer()).UTC()
	default:
		c.out = binary.AppendVarint(c.out, t.Unix())
		c.out = binary.AppendVarint(c.out, int64(t.Nanosecond()))
	}
}

// cloned is text that keeps no part of the input in memory.
func cloned(c *coder, t *string) {
	if text(c, t); c.reading {
		*t = strings.Clone(*t)
	}
}

// list encodes or decodes a field with values of a type.
func list[T any](c *coder, all *[]T, fields func(*T)) {
	count := len(*all)
	if number(c, &count); c.reading {
		if uint64(count) > uint64(len(c.in)/maskBytes) {
			c.wrong = true
			return
		}
		*all = slices.Grow(*all, count)[:count]
	}
	for i := range *all {
		c.value(func() { fields(&(*all)[i]) })
	}
}

// pointer encodes or decodes a field that is nil or a value of a type.
func pointer[T any](c *coder, p **T, fields func(*T)) {
	if !c.has(*p != nil) {
		return
	}
	if c.reading {
		*p = new(T)
	}
	c.value(func() { fields(*p) })
}

func (c *coder) entry(e *Entry) {
	c.value(func() {
		number(c, &e.ID)
		c.moment(&e.Time)
		word(c, &e.Kind, allKinds)
		text(c, &e.Account)
		for _, t := range e.texts() {
			text(c, t)
		}
		word(c, &e.Direction, allDirections)
		text(c, &e.Frame)
		text(c, &e.Text)
		number(c, &e.FrameBytes)
		number(c, &e.Recipients)
		number(c, &e.Status)
		number(c, &e.Duration)
		text(c, &e.Request)
		number(c, &e.RequestBytes)
		text(c, &e.Response)
		number(c, &e.ResponseBytes)
		number(c, &e.Rule)
		pointer(c, &e.Review, c.review)
		pointer(c, &e.Log, c.log)
		pointer(c, &e.Caller, c.caller) // the last one
	})
}

// The constants that entries have.
var (
	allKinds       = append(Kinds(), Record)
	allDirections  = Directions()
	allVerdicts    = []string{"ALLOW", "DENY"}
	allDeciders    = []Decider{ByHandler, ByFallback, ByFault}
	allFailures    = []Failure{NoTarget, NotInvoked, FunctionFailed, TimedOut, InvalidAnswer}
	allLogFailures = []LogFailure{LogAccessDenied, LogNotFound, LogOther, LogDropped}
)

func (c *coder) caller(e *CallerEntry) {
	if c.reading { // its texts become parts of a copy of what is left, which is about the caller alone
		c.in, e.own = strings.Clone(c.in), len(c.in)
	}
	text(c, &e.AccessKeyID)
	text(c, &e.PrincipalARN)
	list(c, &e.Permissions, c.permission)
}

func (c *coder) permission(e *PermissionEntry) {
	text(c, &e.Action)
	text(c, &e.Resource)
	text(c, &e.Effect)
	text(c, &e.Policy)
	number(c, &e.Statement)
	text(c, &e.Sid)
	number(c, &e.Line)
}

func (c *coder) review(e *ReviewEntry) {
	text(c, &e.URI) // Append clones it
	word(c, &e.Verdict, allVerdicts)
	word(c, &e.DecidedBy, allDeciders)
	word(c, &e.Failure, allFailures)
}

func (c *coder) log(e *LogEntry) {
	cloned(c, &e.LoggingConfiguration)
	cloned(c, &e.Destination)
	text(c, &e.Record)
	number(c, &e.Records)
	cloned(c, &e.Where)
	word(c, &e.Failure, allLogFailures)
}
