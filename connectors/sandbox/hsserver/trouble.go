package hsserver

import (
	"net/http"
	"time"
)

// Options that let the portal have a bad day.

// Daily sets how many calls the account has in a day, whatever its tier.
func Daily(calls int64) Option {
	return func(a *API) { a.meter.daily, a.dailySet = calls, true }
}

// Trouble answers every nth request with each of these statuses in turn, and the
// request after it well.
func Trouble(nth int, statuses ...int) Option {
	return func(a *API) { a.troubleNth, a.troubles = int64(nth), statuses }
}

// PartBatches leaves a record out of every nth batch read, and says that it timed
// out.
func PartBatches(nth int) Option {
	return func(a *API) { a.partNth = int64(nth) }
}

// LateHistory lets the history of every nth record lack its newest version as
// often as said, each time it is read.
func LateHistory(nth, times int) Option {
	return func(a *API) { a.late = &lateHistory{nth: int64(nth), times: times, told: map[int64]int{}} }
}

type lateHistory struct {
	nth   int64
	times int
	told  map[int64]int
}

// isLate tells whether a record's history is to lack its newest version now.
func (a *API) isLate(id int64) bool {
	if a.late == nil || id%a.late.nth != 0 {
		return false
	}
	a.hiding.Lock()
	defer a.hiding.Unlock()
	a.late.told[id]++
	return a.late.told[id] <= a.late.times
}

// trouble is what a request is refused with today for no reason of its own.
func (a *API) trouble(n int64, header http.Header) error {
	if a.troubleNth == 0 || n%a.troubleNth != 0 {
		return nil
	}
	status := a.troubles[int(n/a.troubleNth)%len(a.troubles)]
	f := &fault{code: status, Message: "internal error", Category: "INTERNAL_ERROR"}
	switch status {
	case http.StatusLocked:
		f.Message = "The resource is locked because of another operation in progress."
	case statusMigrating:
		f.Message = "A migration of this account is in progress."
		header.Set("Retry-After", "3")
	}
	return f
}

// statusMigrating is HubSpot's own: the account is on its way to another region
// (error handling guide).
const statusMigrating = 477

// ClientID, ClientSecret and RefreshToken are those of the one OAuth app that the
// portal has installed.
const (
	ClientID     = "sandbox-oauth-client"
	ClientSecret = "sandbox-oauth-secret"
	RefreshToken = "sandbox-refresh-token"
)

// tokenLife is how long an access token of OAuth lives (OAuth guide).
const tokenLife = 30 * time.Minute
