package hsserver

import (
	"time"

	"merit/connectors/sandbox/company"
)

// Wall lets a test say how time passes for the caller.
func Wall(now func() time.Time) Option {
	return func(a *API) { a.meter.wall = now }
}

// ISO is how instants are written in replies.
func ISO(at company.Instant) string { return iso(at) }

// Quoted is how texts are written in replies.
func Quoted(text string) []byte { return appendQuoted(nil, text) }

// Day reads a date as days since 1970.
func Day(text string) (int64, bool) { return dayNumber(text) }

// Allow sets limits as no tier has them.
func Allow(burst int, daily int64) Option {
	return func(a *API) { a.meter.allowance = allowance{burst, daily} }
}
