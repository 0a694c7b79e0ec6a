package connectors

import (
	"net/netip"
	"strings"
)

// IsLoopback tells hosts that are this machine by their address. A name can be given any
// address by whoever owns it, so of names only localhost is one.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
