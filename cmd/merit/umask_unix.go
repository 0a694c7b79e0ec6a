//go:build unix

package main

import "syscall"

// ownFiles keeps every file that this process makes to its user: what an engine spills and
// its write-ahead log hold the same people's data as its tables.
func ownFiles() { syscall.Umask(0o077) }
