package certificates

import (
	"crypto/x509"
	"net"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// longestName is how long a host name can be, without a dot at its end (RFC 1035, section 3.1). A TLS client can send
// longer ones.
const longestName = 253

// localhost is a name of this machine, like all that end with .localhost (RFC 6761, section 6.3).
const localhost = "localhost"

// Names are host names and IP addresses for which there can be certificates. All contain the names and addresses
// of this machine: localhost, names that end with .localhost, 127.0.0.0/8 and ::1.
type Names struct {
	dns       []string // in lower case
	addresses []net.IP // without those of loopback
}

// NewNames returns the names of this machine, those of the service in its regions and in one more, and others, which
// are host names and IP addresses.
func NewNames(region string, others ...string) Names {
	names := Names{dns: []string{localhost}}
	for _, region := range append(slices.Clone(ivschat.Regions), region) {
		names.add(ivschat.Hosts(region)...)
	}
	names.add(others...)
	return names
}

func (n *Names) add(names ...string) {
	for _, name := range names {
		ip := net.ParseIP(name)
		switch name = strings.ToLower(name); {
		case ip == nil && !n.hasName(name):
			n.dns = append(n.dns, name)
		case ip != nil && !n.hasAddress(ip):
			n.addresses = append(n.addresses, ip)
		}
	}
}

// hasName reports whether a host name in lower case is among them.
func (n *Names) hasName(name string) bool {
	return slices.Contains(n.dns, name) || strings.HasSuffix(name, "."+localhost) && len(name) <= longestName
}

func (n *Names) hasAddress(ip net.IP) bool {
	return ip.IsLoopback() || slices.ContainsFunc(n.addresses, ip.Equal)
}

// Has reports whether a host name or an IP address is among them.
func (n *Names) Has(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return n.hasAddress(ip)
	}
	return n.hasName(strings.ToLower(host))
}

// List returns the host names and the addresses, without those of loopback.
func (n *Names) List() []string {
	list := slices.Clone(n.dns)
	for _, ip := range n.addresses {
		list = append(list, ip.String())
	}
	return list
}

// networks returns a network for each address.
func (n *Names) networks() (networks []*net.IPNet) {
	for _, ip := range n.addresses {
		if short := ip.To4(); short != nil {
			ip = short
		}
		networks = append(networks, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
	}
	return networks
}

// permitted returns the names that an authority permits one by one.
func permitted(authority *x509.Certificate) (names Names) {
	names.add(authority.PermittedDNSDomains...)
	for _, network := range authority.PermittedIPRanges {
		if ones, bits := network.Mask.Size(); ones == bits {
			names.add(network.IP.String())
		}
	}
	return names
}

// missing returns the names that are not among others.
func (n *Names) missing(others Names) []string { return slices.DeleteFunc(n.List(), others.Has) }
