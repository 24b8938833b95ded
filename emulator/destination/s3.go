package destination

import (
	"context"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// s3 delivers to a server with S3's API.
type s3 struct{ server }

// Deliver puts one object with all records.
func (s *s3) Deliver(ctx context.Context, d Delivery) (string, error) {
	bucket := d.Place.Name
	if bucket == "" || bucket == "." || bucket == ".." { // are not part of a path
		return "", failed(NotFound, "no bucket can have the name %q: "+
			"change the destination of the logging configuration", bucket)
	}
	key, path := d.key(), "/"+awsapi.Segment(bucket)
	for segment := range strings.SplitSeq(key, "/") {
		path += "/" + awsapi.Segment(segment)
	}
	request := awsapi.Request{
		Account: d.Place.Owner.AccountID, Region: d.Place.Owner.Region, Method: http.MethodPut, Path: path,
		Header: http.Header{"Content-Type": {"application/gzip"}}, Body: d.object(),
	}
	reply, err := s.Do(ctx, request)
	if err == nil {
		if region := regionOf(reply); region != "" && region != request.Region {
			request.Region = region
			reply, err = s.Do(ctx, request)
		}
	}
	switch {
	case err != nil:
		return "", s.unreachable(ctx, err)
	case !reply.OK(), reply.Header.Get("ETag") == "": // which every object has, and no web page of another server
		return "", s.refused(d.Place, reply)
	}
	return d.whereAt(key), nil
}

// region matches the name of a region.
var region = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// regionOf returns the region for which a server wants requests to be signed, if it has refused one because of that.
// Servers for local development often have one region, whatever the region of a room is.
func regionOf(r awsapi.Reply) string {
	var refusal struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Region  string
	}
	if xml.Unmarshal(r.Body, &refusal) != nil || refusal.Code != "AuthorizationHeaderMalformed" ||
		!region.MatchString(refusal.Region) {
		return ""
	}
	return refusal.Region
}
