package ivschat

// A Page selects a part of a list.
type Page struct {
	After []byte // position of the last item of the previous page; nil for the first page
	Limit int    // the most items that the page may have
}
