package ivschat

// A Principal is who makes a request.
type Principal struct {
	Owner       Owner  // the account, and the region that the request is for
	AccessKeyID string // "" when the request is not signed
	Verified    bool   // the signature was verified
}
