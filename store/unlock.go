package store

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	bolt "go.etcd.io/bbolt"
)

// release releases the lock that bbolt holds after a panic in DB.Begin of a transaction that writes, which has
// no other way to do so (bbolt 1.5.0, db.go: beginRWTx). Begin reads the meta pages while it holds it. If the
// file was truncated a moment before, that is a fault, and without release every later transaction and
// DB.Close would wait for ever.
func release(db *bolt.DB) { lockOf(db, "rwlock").Unlock() }

// lockOf returns a lock of bbolt by the name of its field.
func lockOf(db *bolt.DB, name string) *sync.Mutex {
	field := reflect.ValueOf(db).Elem().FieldByName(name)
	if field.Type() != reflect.TypeFor[sync.Mutex]() {
		panic(fmt.Sprintf("bbolt's %s is a %s", name, field.Type()))
	}
	return (*sync.Mutex)(unsafe.Pointer(field.UnsafeAddr()))
}
