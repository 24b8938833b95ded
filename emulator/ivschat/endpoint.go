package ivschat

import (
	"net"
	"strings"
)

// An Endpoint is one of the two that the service has in each region.
type Endpoint int

// The endpoints. NoEndpoint is for hosts that are not the service's.
const (
	NoEndpoint        Endpoint = iota
	ControlEndpoint            // ivschat.<region>.amazonaws.com, or ivschat.<region>.api.aws
	MessagingEndpoint          // edge.ivschat.<region>.amazonaws.com
)

// Regions are the regions in which Amazon IVS Chat exists (AWS General Reference: Amazon IVS endpoints and quotas).
var Regions = []string{
	"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
}

// Hosts returns the host names that the service has in a region.
func Hosts(region string) []string {
	return []string{
		"ivschat." + region + ".amazonaws.com", "ivschat." + region + ".api.aws",
		"edge.ivschat." + region + ".amazonaws.com",
	}
}

// ParseHost returns which endpoint of the service a host is, with or without a port, and its region (AWS General
// Reference: Amazon IVS endpoints and quotas). For a host that is not the service's, the region is "".
func ParseHost(host string) (endpoint Endpoint, region string) {
	if len(host) <= len("ivschat..api.aws") { // nearly always
		return NoEndpoint, ""
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	rest, isMessaging := strings.CutPrefix(host, "edge.")
	region, isService := strings.CutPrefix(rest, "ivschat.")
	region, isAWS := strings.CutSuffix(region, ".amazonaws.com")
	if !isAWS && !isMessaging {
		region, isAWS = strings.CutSuffix(region, ".api.aws")
	}
	switch {
	case !isService || !isAWS || region == "" || !IsRegion(region):
		return NoEndpoint, ""
	case isMessaging:
		return MessagingEndpoint, region
	}
	return ControlEndpoint, region
}
