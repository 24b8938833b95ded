package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A file begins with a magic number, the version of its format, the length of the JSON object of a header, and a
// checksum of that object. Numbers are little-endian.
const (
	magic       = "IVSCHATL"
	version     = 1
	beforeJSON  = len(magic) + 2 + 4 + 4
	extension   = ".spool"
	digits      = 20       // of the number in the name of a file, so that names sort like numbers
	maxNumber   = 1 << 62  // of a file that new ones follow, so that there is always a next one
	longestFile = 10 << 20 // a segment with a long record and an acknowledgement for each record is shorter
)

// A header says which records a file has.
type header struct {
	Number         uint64 `json:"number"` // of the segment, so that a copy under another name is noticed
	Account        string `json:"account"`
	Region         string `json:"region"`
	Kind           string `json:"kind"`
	Name           string `json:"name"`
	LoggingAccount string `json:"loggingConfigurationAccount"`
	LoggingRegion  string `json:"loggingConfigurationRegion"`
	LoggingType    string `json:"loggingConfigurationType"`
	LoggingID      string `json:"loggingConfigurationID"`
}

// fileName returns the name of the file of a segment.
func fileName(number uint64) string { return fmt.Sprintf("%0*d%s", digits, number, extension) }

// numberOf returns the number of the segment of a file, or false if the file has another name.
func numberOf(name string) (number uint64, ok bool) {
	text, ok := strings.CutSuffix(name, extension)
	number, err := strconv.ParseUint(text, 10, 64)
	return number, ok && err == nil && name == fileName(number)
}

// appendHeader appends the header of a segment.
func appendHeader(to []byte, seg *segment) []byte {
	place, configuration := seg.stream.place, seg.stream.configuration
	text, _ := json.Marshal(header{ // which has no value that cannot be encoded
		seg.number, place.Owner.AccountID, place.Owner.Region, string(place.Kind), place.Name,
		configuration.Owner.AccountID, configuration.Owner.Region, string(configuration.ResourceType), configuration.ID,
	})
	to = append(to, magic...)
	to = binary.LittleEndian.AppendUint16(to, version)
	to = binary.LittleEndian.AppendUint32(to, uint32(len(text)))
	to = binary.LittleEndian.AppendUint32(to, crc32.Checksum(text, castagnoli))
	return append(to, text...)
}

// Why a file is left alone.
var (
	errForeign = errors.New("it is no file of a spool")
	errDamaged = errors.New("its beginning is damaged, so that it is not known where its records belong")
)

// parseHeader returns whose records a file has, and how long its header is.
func parseHeader(data []byte, number uint64) (key streamKey, size int, err error) {
	if len(data) < beforeJSON || !bytes.HasPrefix(data, []byte(magic)) {
		return key, 0, errForeign
	}
	fields := data[len(magic):beforeJSON]
	if v := binary.LittleEndian.Uint16(fields); v != version {
		return key, 0, fmt.Errorf("it has version %d of the format, and this program knows version %d: start the "+
			"program that wrote it to deliver its records", v, version)
	}
	length := binary.LittleEndian.Uint32(fields[2:])
	if uint64(length) > uint64(len(data)-beforeJSON) {
		return key, 0, errDamaged
	}
	text := data[beforeJSON:][:length]
	var h header
	if crc32.Checksum(text, castagnoli) != binary.LittleEndian.Uint32(fields[6:]) || json.Unmarshal(text, &h) != nil {
		return key, 0, errDamaged
	}
	if h.Number != number {
		return key, 0, fmt.Errorf("it is a copy of %s", fileName(h.Number))
	}
	key.place.Owner = ivschat.Owner{AccountID: h.Account, Region: h.Region}
	key.place.Kind, key.place.Name = destination.Kind(h.Kind), h.Name
	key.configuration.Owner = ivschat.Owner{AccountID: h.LoggingAccount, Region: h.LoggingRegion}
	key.configuration.ResourceType, key.configuration.ID = ivschat.ResourceType(h.LoggingType), h.LoggingID
	return key, beforeJSON + int(length), nil
}
