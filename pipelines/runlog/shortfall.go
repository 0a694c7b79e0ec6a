package runlog

import (
	"fmt"
	"slices"
	"time"
)

// A Shortfall is how many records of an object the lake lacks at least.
type Shortfall struct {
	Source   string    `json:"source"`
	Object   string    `json:"object"` // its stream and table
	Counted  int64     `json:"counted"`
	Kept     int64     `json:"kept"`
	Until    time.Time `json:"until"`             // records dated up to then
	Ranges   []string  `json:"ranges,omitempty"`  // of ids that a list has and the lake lacks
	IsPaidOn bool      `json:"paid_on,omitempty"` // a payout stands on it
}

// Sentence says what is missing, which records, and what to do.
func (s Shortfall) Sentence() string {
	text := fmt.Sprintf("%s.%s: the CRM counts %d records made up to %s, and the lake has %d of them; `merit read --full %s.%s` reads all again",
		s.Source, s.Object, s.Counted, s.Until.UTC().Format(time.RFC3339), s.Kept, s.Source, s.Object)
	if len(s.Ranges) > 0 {
		text += "; missing are " + shortList(s.Ranges)
	}
	return text
}

// LastShortfalls are those of the last command that built tables.
func LastShortfalls(runs []Run) []Shortfall {
	for _, r := range slices.Backward(runs) {
		if !r.AsOf.IsZero() {
			return r.Shortfalls
		}
	}
	return nil
}
