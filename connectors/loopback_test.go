package connectors

import "testing"

func TestLoopbackIsToldByTheAddress(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true, "::ffff:127.0.0.1": true,
		"127.evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "127.1": false,
		"0.0.0.0": false, "10.0.0.1": false, "169.254.169.254": false, "": false, "[::1]": false, "2130706433": false,
	} {
		if got := IsLoopback(host); got != want {
			t.Errorf("%q is loopback: %v", host, got)
		}
	}
}
