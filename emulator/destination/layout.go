package destination

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// version is the version of the records and of their layout (User Guide: Chat Logging).
const version = "1.0"

// delimiter ends each record in an object of S3, and in Firehose (decisions D69 and D70).
const delimiter = "\n"

// streamName returns the name of the log stream of a room (User Guide: Chat Logging).
func streamName(room string) string { return "aws/IVSChatLogs/" + version + "/room_" + room }

// where says where the records of a delivery are at the service, for people.
func (d Delivery) where() string {
	switch name := d.Place.Name; {
	case len(d.Records) == 0:
		return fmt.Sprintf("%s %s", services[d.Place.Kind].noun, name)
	case d.Place.Kind == S3:
		return d.whereAt(d.key())
	case d.Place.Kind == CloudWatchLogs:
		return fmt.Sprintf("log group %s, log stream %s", name, streamName(d.Records[0].Room))
	default:
		return "delivery stream " + name
	}
}

// whereAt says where an object is in S3.
func (d Delivery) whereAt(key string) string { return "s3://" + d.Place.Name + "/" + key }

// key returns the key of the object in S3 (User Guide: Chat Logging; decision D69). Its time is the start of the
// window. Of its hash, the beginning is where in the window the first record is, so that the objects of a room sort by
// time, also if several are of one window, or of one minute. The end depends on the logging configuration and on what
// the object has, so that objects never replace each other, and the same records have the same key again.
func (d Delivery) key() string { return d.keyOf(func(name string) string { return name }) }

// keyOf returns the key with names that a function changes: those of the account, the region and the room.
func (d Delivery) keyOf(change func(string) string) string {
	account, region, room := change(d.Place.Owner.AccountID), change(d.Place.Owner.Region), change(d.Records[0].Room)
	start := d.Start.UTC()
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s\n", d.Configuration)
	_, _ = d.writeLines(hash)
	return fmt.Sprintf("AWSLogs/%s/IVSChatLogs/%s/%s/room_%s/%s/"+
		"%[1]s_IVSChatLogs_%[2]s_%[3]s_room_%[4]s_%[6]s_%05[7]x%[8]s"+objectExtension,
		account, version, region, room, start.Format("2006/01/02/15"), start.Format("20060102T1504Z"),
		d.Position(), hex.EncodeToString(hash.Sum(nil))[:3])
}

// positions is how many positions the hash of a key distinguishes, with five hexadecimal digits. In a window of five
// minutes, two milliseconds have different ones.
const positions = 1 << 20

// Position returns the position of the object among those of its room and window in S3, which is in its key (decision
// D69). It is that of the first record. If the clock stands still, it is behind that of the previous delivery.
func (d Delivery) Position() int { return min(max(d.position(), d.NotBefore), positions-1) }

// position returns where the first record is, from 0 to positions-1. It counts from the minute in the key, which
// windows that are shorter have in common, so that their objects sort by time, too.
func (d Delivery) position() int {
	at, span := d.Records[0].Time, d.End.Sub(d.Start)
	if at.Before(d.Start) {
		at = d.Start
	}
	if span%time.Minute != 0 { // it need not begin with the minute
		span += time.Minute
	}
	into := at.Sub(d.Start.Truncate(time.Minute))
	if into <= 0 || span <= 0 {
		return 0
	}
	return min(int(float64(into)/float64(span)*positions), positions-1)
}

// writeLines writes the records, each with a delimiter.
func (d Delivery) writeLines(w io.Writer) (int64, error) {
	var all int64
	for _, r := range d.Records {
		for _, part := range [][]byte{r.Text, []byte(delimiter)} {
			n, err := w.Write(part)
			all += int64(n)
			if err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// bytes returns how many bytes writeLines writes.
func (d Delivery) bytes() (n int) {
	for _, r := range d.Records {
		n += len(r.Text) + len(delimiter)
	}
	return n
}

// object returns the content of the object in S3. It has no time, so that it is the same for the same records.
func (d Delivery) object() []byte {
	var content bytes.Buffer
	compressed := gzip.NewWriter(&content)
	_, _ = d.writeLines(compressed) // a Buffer never fails
	_ = compressed.Close()
	return content.Bytes()
}
