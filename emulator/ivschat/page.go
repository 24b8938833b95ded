package ivschat

// A Page asks for a part of a list.
type Page struct {
	After []byte // position of the last item already seen, nil for the start
	Limit int    // number of items at the most
}
