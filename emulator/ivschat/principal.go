package ivschat

// A Principal is who makes a request to the control plane.
type Principal struct {
	Owner       Owner  // the account, and the region that the request is for
	AccessKeyID string // "" if the request is not signed
	ARN         string // of the user or role; "" unless the signature was verified
}
