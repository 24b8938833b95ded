package ivschat

// Tags are the tags of a resource. A nil map is a resource without tags.
type Tags map[string]string

// ReservedTagPrefix begins the tag keys that AWS reserves for itself, in any letter case
// (Tagging AWS Resources user guide: Tag naming limits and requirements; decision D14).
const ReservedTagPrefix = "aws:"
