package ivschat

// characters is a set of ASCII characters. Every request checks several texts, so the sets are made
// once.
type characters [256]bool

var (
	digits           = charactersOf("0123456789")
	idAlphabet       = charactersOf(IDAlphabet)
	idCharacters     = charactersOf(IDAlphabet + "-") // in ARNs (model: RoomArn)
	regionCharacters = charactersOf("abcdefghijklmnopqrstuvwxyz0123456789-")
	typeCharacters   = charactersOf("abcdefghijklmnopqrstuvwxyz-")
)

func charactersOf(text string) (set characters) {
	for _, b := range []byte(text) {
		set[b] = true
	}
	return set
}

// isMadeOf reports whether a text is not empty and has only characters of the set.
func isMadeOf(text string, set *characters) bool {
	for i := range len(text) {
		if !set[text[i]] {
			return false
		}
	}
	return text != ""
}
