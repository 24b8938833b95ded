package destination

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// storing answers as S3 does to PutObject.
func storing(w http.ResponseWriter, _ request) {
	w.Header().Set("ETag", `"5d41402abc4b2a76b9719d911017c592"`)
}

func TestAnObjectIsPutWithItsKeyIntoItsBucket(t *testing.T) {
	f := serve(t, storing)
	to := at(t, f.URL+"/base/")
	d := deliveryOf(S3, "chat", `{"a":1}`, `{"b":"é"}`)
	if where := deliver(t, to, d); where != "s3://chat/"+d.key() {
		t.Errorf("got %s", where)
	}
	r := f.received()[0]
	if r.Method != http.MethodPut || r.URL.RequestURI() != "/base/chat/"+d.key() ||
		unzip(t, r.body) != "{\"a\":1}\n{\"b\":\"é\"}\n" ||
		r.Header.Get("Content-Type") != "application/gzip" || r.Header.Get("Content-Encoding") != "" ||
		r.ContentLength != int64(len(r.body)) || r.Header.Get("X-Amz-Content-Sha256") == "" ||
		!strings.Contains(r.Header.Get("Authorization"), "Credential=123456789012/") ||
		!strings.Contains(r.Header.Get("Authorization"), "/us-west-2/s3/aws4_request") {
		t.Errorf("the request is %s %s with %v", r.Method, r.URL, r.Header)
	}
	if len(f.received()) != 1 {
		t.Errorf("there were %d requests", len(f.received()))
	}
}

func TestEveryBucketAndRoomIsOneSegmentOfThePath(t *testing.T) {
	f := serve(t, storing)
	for _, bucket := range []string{"...", "a..b", "a/b", "../b", "a b?c#d%2Fe", "é", "\x00"} {
		d := deliveryOf(S3, bucket, `{}`)
		d.Records[0].Room = "r%?#"
		deliver(t, at(t, f.URL), d)
		r := f.last()
		if r.URL.Path != "/"+bucket+"/"+d.key() || r.URL.RawQuery != "" ||
			strings.Count(r.URL.EscapedPath(), "/") != 12 {
			t.Errorf("%q: the path is %s", bucket, r.URL.EscapedPath())
		}
	}
	for _, bucket := range []string{"", ".", ".."} {
		refuse(t, at(t, f.URL), deliveryOf(S3, bucket, `{}`), NotFound,
			fmt.Sprintf("no bucket can have the name %q", bucket))
	}
}

func TestTheKeyAndSecretOfTheEndpointSignItsRequests(t *testing.T) {
	f := serve(t, storing)
	deliver(t, at(t, strings.Replace(f.URL, "//", "//minio:min%2Fio@", 1)), deliveryOf(S3, "chat", `{}`))
	if got := f.received()[0].Header.Get("Authorization"); !strings.Contains(got, "Credential=minio/") {
		t.Errorf("got %s", got)
	}
}

// wrongRegion is how S3 refuses a signature for another region.
func wrongRegion(region string) refusal {
	return refusal{400, "", "<Error><Code>AuthorizationHeaderMalformed</Code>" +
		"<Message>the region is wrong</Message><Region>" + region + "</Region></Error>"}
}

func TestAServerWithAnotherRegionGetsASignatureForIt(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r request) {
		if strings.Contains(r.Header.Get("Authorization"), "/us-west-2/s3/") {
			wrongRegion("us-east-1").write(w)
			return
		}
		storing(w, r)
	})
	d := deliveryOf(S3, "chat", `{}`)
	if where := deliver(t, at(t, f.URL), d); where != "s3://chat/"+d.key() {
		t.Errorf("got %s", where)
	}
	first, second := f.received()[0], f.received()[1]
	if first.URL.Path != second.URL.Path || string(first.body) != string(second.body) ||
		second.Header.Get("Content-Type") != "application/gzip" ||
		!strings.Contains(second.Header.Get("Authorization"), "/us-east-1/s3/") {
		t.Errorf("the second request is %s with %v", second.URL, second.Header)
	}
}

func TestAServerThatNeverAcceptsTheRegionIsAskedTwiceAtMost(t *testing.T) {
	for region, want := range map[string]int{"us-west-2": 1, "": 1, "a/b\n": 1, "us-east-1": 2} {
		f := serve(t, func(w http.ResponseWriter, _ request) { wrongRegion(region).write(w) })
		refuse(t, at(t, f.URL), deliveryOf(S3, "chat", `{}`), AccessDenied,
			"AuthorizationHeaderMalformed: the region is wrong")
		if len(f.received()) != want {
			t.Errorf("%q: %d requests", region, len(f.received()))
		}
	}
	f := serve(t, func(w http.ResponseWriter, _ request) {
		other := wrongRegion("us-east-1")
		other.body = strings.Replace(other.body, "AuthorizationHeaderMalformed", "Other", 1)
		other.write(w)
	})
	refuse(t, at(t, f.URL), deliveryOf(S3, "chat", `{}`), Other)
	if len(f.received()) != 1 {
		t.Errorf("%d requests", len(f.received()))
	}
}

func TestCloseClosesTheConnections(t *testing.T) {
	closed := make(chan struct{}, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		storing(w, request{})
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	s.Start()
	defer s.Close()
	to := at(t, s.URL)
	to.(*deliverers).client.Transport.(*http.Transport).IdleConnTimeout = time.Hour
	deliver(t, to, deliveryOf(S3, "chat", `{}`))
	to.Close()
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Error("the connection is open")
	}
}
