package store

import (
	"iter"
	"slices"
)

// A key is sorted by compare, which is negative if the receiver comes first.
type key[K any] interface{ compare(K) int }

// A tree is a sorted map. A copy of it is a map of its own that shares all nodes with the original, and
// costs nothing: a change copies the nodes that it needs, and leaves the others as they are. So a tree
// can be read while others are made from it. The zero value is empty.
//
// It is a B+ tree whose nodes may have few entries after deletions, but never none.
type tree[K key[K], V any] struct {
	root *node[K, V]
	size int
}

// An edit is the right to change nodes in place: those that were made with it, because no one else has
// them yet. Each change of trees begins with a new one.
type edit struct{ _ byte } // with a size, so that each has an address of its own

// maxEntries is the largest number of entries, or of children, of a node. With more of them, each change
// copies more.
const maxEntries = 16

// A node is a leaf with entries, or has children.
type node[K key[K], V any] struct {
	edit     *edit // that made it
	low      K     // not after any key of the node, and after all keys of the nodes before it
	entries  []entry[K, V]
	children []*node[K, V]
}

type entry[K key[K], V any] struct {
	key   K
	value V
}

// newTree returns a tree with the entries, which it sorts. If two have the same key, it returns the value of
// one of them, and no tree.
func newTree[K key[K], V any](e *edit, entries []entry[K, *V]) (t tree[K, *V], double *V) {
	slices.SortFunc(entries, func(a, b entry[K, *V]) int { return a.key.compare(b.key) })
	for i := 1; i < len(entries); i++ {
		if entries[i-1].key.compare(entries[i].key) == 0 {
			return t, entries[i].value
		}
	}
	const size = maxEntries * 3 / 4 // so that some can be added
	var level []*node[K, *V]
	for part := range slices.Chunk(entries, size) {
		level = append(level, &node[K, *V]{edit: e, low: part[0].key, entries: slices.Clone(part)})
	}
	for len(level) > 1 {
		var parents []*node[K, *V]
		for part := range slices.Chunk(level, size) {
			parents = append(parents, &node[K, *V]{edit: e, low: part[0].low, children: slices.Clone(part)})
		}
		level = parents
	}
	if len(level) > 0 {
		t.root = level[0]
	}
	t.size = len(entries)
	return t, nil
}

// get returns the value of the key.
func (t *tree[K, V]) get(key K) (value V, found bool) {
	n := t.root
	if n == nil {
		return value, false
	}
	for n.children != nil {
		n = n.children[n.childFor(key)]
	}
	i, found := n.search(key)
	if !found {
		return value, false
	}
	return n.entries[i].value, true
}

// search returns the index of the first entry whose key is not before this one, and whether it has the key.
func (n *node[K, V]) search(key K) (i int, found bool) {
	return slices.BinarySearchFunc(n.entries, key, func(e entry[K, V], key K) int { return e.key.compare(key) })
}

// childFor returns the index of the child that has the key, if any has.
func (n *node[K, V]) childFor(key K) int {
	first, end := 1, len(n.children)
	for first < end {
		if middle := (first + end) / 2; n.children[middle].low.compare(key) <= 0 {
			first = middle + 1
		} else {
			end = middle
		}
	}
	return first - 1
}

// put sets the value of the key.
func (t *tree[K, V]) put(e *edit, key K, value V) {
	if t.root == nil {
		t.root = &node[K, V]{edit: e, low: key}
	}
	root, right, isNew := t.root.put(e, key, value)
	if right != nil {
		root = &node[K, V]{edit: e, low: root.low, children: []*node[K, V]{root, right}}
	}
	t.root = root
	if isNew {
		t.size++
	}
}

// put returns the changed node, and a second one, on its right, if it was divided.
func (n *node[K, V]) put(e *edit, key K, value V) (left, right *node[K, V], isNew bool) {
	n = n.own(e)
	if key.compare(n.low) < 0 {
		n.low = key
	}
	if n.children == nil {
		i, found := n.search(key)
		if found {
			n.entries[i].value = value
			return n, nil, false
		}
		n.entries = slices.Insert(n.entries, i, entry[K, V]{key, value})
		if len(n.entries) <= maxEntries {
			return n, nil, true
		}
		half := divideAt(i, len(n.entries))
		right = &node[K, V]{edit: e, low: n.entries[half].key, entries: slices.Clone(n.entries[half:])}
		n.entries = slices.Clone(n.entries[:half])
		return n, right, true
	}
	i := n.childFor(key)
	child, next, isNew := n.children[i].put(e, key, value)
	n.children[i] = child
	if next == nil {
		return n, nil, isNew
	}
	n.children = slices.Insert(n.children, i+1, next)
	if len(n.children) <= maxEntries {
		return n, nil, isNew
	}
	half := divideAt(i, len(n.children))
	right = &node[K, V]{edit: e, low: n.children[half].low, children: slices.Clone(n.children[half:])}
	n.children = slices.Clone(n.children[:half])
	return n, right, isNew
}

// divideAt returns how many of n entries the left one of two nodes gets, after one was put at index i. Keys
// that come in descending order, as positions do, fill the nodes.
func divideAt(i, n int) int {
	if i == 0 {
		return 1
	}
	return n / 2
}

// own returns the node, or a copy of it if the edit has not made it.
func (n *node[K, V]) own(e *edit) *node[K, V] {
	if n.edit == e {
		return n
	}
	owned := &node[K, V]{edit: e, low: n.low}
	if n.children == nil {
		owned.entries = append(make([]entry[K, V], 0, len(n.entries)+1), n.entries...)
	} else {
		owned.children = append(make([]*node[K, V], 0, len(n.children)+1), n.children...)
	}
	return owned
}

// remove removes the key, which the tree has.
func (t *tree[K, V]) remove(e *edit, key K) {
	t.size--
	t.root = t.root.remove(e, key)
	for t.root != nil && len(t.root.children) == 1 {
		t.root = t.root.children[0]
	}
}

// remove returns the changed node, or nil if nothing is left.
func (n *node[K, V]) remove(e *edit, key K) *node[K, V] {
	n = n.own(e)
	if n.children == nil {
		i, _ := n.search(key)
		if n.entries = slices.Delete(n.entries, i, i+1); len(n.entries) == 0 {
			return nil
		}
		return n
	}
	i := n.childFor(key)
	if child := n.children[i].remove(e, key); child != nil {
		n.children[i] = child
	} else if n.children = slices.Delete(n.children, i, i+1); len(n.children) == 0 {
		return nil
	}
	return n
}

// from returns the entries from the key on.
func (t *tree[K, V]) from(key K) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if t.root != nil {
			t.root.from(key, yield)
		}
	}
}

func (n *node[K, V]) from(key K, yield func(K, V) bool) bool {
	if n.children == nil {
		i, _ := n.search(key)
		for _, e := range n.entries[i:] {
			if !yield(e.key, e.value) {
				return false
			}
		}
		return true
	}
	i := n.childFor(key)
	if !n.children[i].from(key, yield) {
		return false
	}
	for _, child := range n.children[i+1:] {
		if !child.all(yield) {
			return false
		}
	}
	return true
}

// all calls yield with the entries until it returns false, and reports whether it did not.
func (n *node[K, V]) all(yield func(K, V) bool) bool {
	for _, child := range n.children {
		if !child.all(yield) {
			return false
		}
	}
	for _, e := range n.entries {
		if !yield(e.key, e.value) {
			return false
		}
	}
	return true
}
