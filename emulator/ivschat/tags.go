package ivschat

// Tags are a resource's tags. A nil map is a resource without any.
type Tags map[string]string

// ReservedTagPrefix begins the tag keys that AWS keeps for itself, in any
// letter case (Tagging AWS Resources user guide; decision D14).
const ReservedTagPrefix = "aws:"
