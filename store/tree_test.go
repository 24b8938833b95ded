package store

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

type numberKey int

func (k numberKey) compare(other numberKey) int { return int(k) - int(other) }

// A treeVersion is a tree as it was once, with what it must have.
type treeVersion struct {
	tree tree[numberKey, int]
	want map[numberKey]int
}

// check fails the test unless the tree has exactly what it must have.
func (v treeVersion) check(t *testing.T, random *rand.Rand) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(v.want))
	first := numberKey(random.IntN(1000))
	at, _ := slices.BinarySearch(keys, first)
	rest := keys[at:]
	for key, value := range v.tree.from(first) {
		if len(rest) == 0 || key != rest[0] || value != v.want[key] {
			t.Fatalf("from %d: the next entry is %d, %d; %d are left", first, key, value, len(rest))
		}
		rest = rest[1:]
	}
	if len(rest) > 0 || v.tree.size != len(v.want) {
		t.Fatalf("from %d: %d entries are missing; the size is %d, want %d", first, len(rest), v.tree.size, len(v.want))
	}
	for key := range numberKey(1000) {
		want, exists := v.want[key]
		if value, found := v.tree.get(key); found != exists || value != want {
			t.Fatalf("%d: got %d, %t; want %d, %t", key, value, found, want, exists)
		}
	}
	if v.tree.root != nil {
		checkNode(t, v.tree.root)
	}
}

// checkNode fails the test if a node is empty, has too many entries, or has a key before its lowest one.
func checkNode(t *testing.T, n *node[numberKey, int]) {
	t.Helper()
	if len(n.entries)+len(n.children) == 0 || len(n.entries) > maxEntries || len(n.children) > maxEntries {
		t.Fatalf("a node has %d entries and %d children", len(n.entries), len(n.children))
	}
	n.all(func(key numberKey, _ int) bool {
		if key < n.low {
			t.Fatalf("a node from %d on has %d", n.low, key)
		}
		return true
	})
	for _, child := range n.children {
		checkNode(t, child)
	}
}

// Each version of a tree keeps what it had when others are made from it.
func TestATreeIsASortedMapOfWhichEachVersionStaysAsItIs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		latest := treeVersion{want: map[numberKey]int{}}
		var versions []treeVersion
		for round := range 60 {
			next := treeVersion{latest.tree, maps.Clone(latest.want)}
			e := new(edit)
			descending := numberKey(random.IntN(1000))
			for range 1 + random.IntN(100) {
				key := numberKey(random.IntN(1000))
				if seed%4 == 0 { // as positions come
					descending = (descending + 999) % 1000
					key = descending
				}
				_, exists := next.want[key]
				switch shrinks := round%20 >= 10; {
				case exists && (shrinks || random.IntN(4) == 0):
					next.tree.remove(e, key)
					delete(next.want, key)
				case !shrinks:
					value := random.Int()
					next.tree.put(e, key, value)
					next.want[key] = value
				}
			}
			latest = next
			versions = append(versions, latest)
		}
		for _, version := range versions {
			version.check(t, random)
		}
		e := new(edit)
		for key := range latest.want {
			latest.tree.remove(e, key)
		}
		treeVersion{tree: latest.tree}.check(t, random)
		versions[len(versions)-1].check(t, random)
	}
}

func TestATreeOfManyEntriesIsLikeOneToWhichTheyWereAdded(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 23, 24, 25, 576, 577, 900} {
		var entries []entry[numberKey, *int]
		want := map[numberKey]int{}
		for _, key := range random.Perm(1000)[:n] {
			want[numberKey(key)] = key
			entries = append(entries, entry[numberKey, *int]{numberKey(key), &key})
		}
		pointers, double := newTree(new(edit), entries)
		if double != nil {
			t.Fatalf("%d is there twice", *double)
		}
		var values tree[numberKey, int]
		for key, value := range pointers.from(0) {
			values.put(new(edit), key, *value)
		}
		treeVersion{values, want}.check(t, random)
		e := new(edit)
		for key := range numberKey(1000) { // it can be changed
			if _, found := pointers.get(key); found && key%3 > 0 {
				pointers.remove(e, key)
				delete(want, key)
			} else if !found && key%3 == 0 {
				pointers.put(e, key, new(int(key)))
				want[key] = int(key)
			}
		}
		if pointers.size != len(want) {
			t.Errorf("the size is %d, want %d", pointers.size, len(want))
		}
		for key, value := range pointers.from(0) {
			if at, exists := want[key]; !exists || *value != at {
				t.Errorf("%d has %d", key, *value)
			}
			delete(want, key)
		}
		if len(want) > 0 {
			t.Errorf("%d entries are missing", len(want))
		}
	}
	once, twice := new(1), new(2)
	if _, double := newTree(new(edit), []entry[numberKey, *int]{{5, twice}, {3, once}, {5, twice}}); double != twice {
		t.Errorf("the value that is there twice is %v", double)
	}
}

func TestARangeOfATreeCanBeLeft(t *testing.T) {
	t.Parallel()
	var all tree[numberKey, int]
	for key := range numberKey(1000) {
		all.put(new(edit), key, 0)
	}
	for _, last := range []numberKey{0, 1, 31, 32, 500, 999} {
		n := numberKey(0)
		for key := range all.from(0) {
			n++
			if key == last {
				break
			}
		}
		if n != last+1 {
			t.Errorf("there are %d entries until %d", n, last)
		}
	}
}

// New resources come first in lists.
func TestANodeWhoseKeysComeInDescendingOrderIsFilled(t *testing.T) {
	t.Parallel()
	var all tree[numberKey, int]
	for key := range numberKey(maxEntries * maxEntries) {
		all.put(new(edit), -key, 0)
	}
	if n := len(all.root.children); n != maxEntries {
		t.Errorf("there are %d nodes, want %d", n, maxEntries)
	}
}
