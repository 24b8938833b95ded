// Program versitygw serves S3 with versitygw, which checks signatures, until it is killed.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	address := flag.String("address", "", "host and port to listen on")
	objects := flag.String("objects", "", "folder of the objects; each bucket is a folder in it")
	metadata := flag.String("metadata", "", "folder of what else is known about them")
	key := flag.String("key", "", "the only access key ID")
	secret := flag.String("secret", "", "its secret access key")
	flag.Parse()
	// Not every file system has extended attributes, in which it would keep the metadata otherwise.
	sidecar, err := meta.NewSideCar(*metadata)
	if err != nil {
		log.Fatal(err)
	}
	backend, err := posix.New(*objects, sidecar, posix.PosixOpts{SideCarDir: *metadata})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(embedgw.RunVersityGW(context.Background(), backend, &embedgw.Config{
		Ports: []string{*address}, RootUserAccess: *key, RootUserSecret: *secret,
		KeepAlive: true, MaxConnections: 100, MaxRequests: 100, MultipartMaxParts: 10_000,
	}))
}
