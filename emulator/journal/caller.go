package journal

// A CallerEntry says who made a call. The journal keeps it and no copy. So nobody may change it any more, and its texts
// must not be parts of larger ones.
type CallerEntry struct {
	AccessKeyID  string `json:"accessKeyId"`
	PrincipalARN string `json:"principalArn"`
	// Permissions are those that the call needed and that were checked, up to the first one that was denied.
	Permissions []PermissionEntry `json:"permissions,omitempty"`

	// own is the number of bytes of its texts if no one else has them. It is 0 if they are those of the credentials.
	own int
}

// A PermissionEntry is a permission that a call needed, and what the policies of the caller say about it.
type PermissionEntry struct {
	Action   string `json:"action"`   // such as ivschat:CreateRoom
	Resource string `json:"resource"` // an ARN, or one that ends with *
	Effect   string `json:"effect"`   // allowed, explicitDeny or implicitDeny

	// What decided. They are empty for implicitDeny.
	Policy    string `json:"policy,omitempty"`    // its name
	Statement int    `json:"statement,omitempty"` // which of its statements, from 1
	Sid       string `json:"sid,omitempty"`       // of the statement
	Line      int    `json:"line,omitempty"`      // of the statement in the credentials file; 0 in a policy of AWS
}

// callerCost and permissionCost are the numbers of bytes that these entries need beside the texts of resources. On the
// node of the call, all other texts belong to the credentials, and are in memory once.
const (
	callerCost     = 72
	permissionCost = 96
)

func (c *CallerEntry) bytes() int {
	n := callerCost + cap(c.Permissions)*permissionCost + c.own
	if c.own > 0 {
		return n
	}
	for _, p := range c.Permissions {
		n += len(p.Resource)
	}
	return n
}
