package payouts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// An Evidence row is one CRM record that counted for or against a rep, frozen with
// the period. It holds no contact data.
type Evidence struct {
	ID          string `json:"evidence_id"` // the same as long as it is about the same record at the same instant
	Period      string `json:"period"`
	RepID       string `json:"rep_id"`
	Role        string `json:"role"`
	Metric      string `json:"metric"`
	OccurredAt  string `json:"occurred_at"`
	Source      string `json:"source"`
	RecordType  string `json:"record_type"`
	RecordID    string `json:"record_id"`
	Numerator   string `json:"numerator"`
	Denominator string `json:"denominator"`
	Excluded    string `json:"excluded"` // why it adds nothing; "" when it counts
	IsTruncated bool   `json:"is_truncated"`
	Detail      string `json:"detail"`
	Link        string `json:"link"`
}

// Identify gives every row its id and sorts them: by person, metric and time.
func Identify(rows []Evidence) {
	slices.SortStableFunc(rows, func(a, b Evidence) int {
		return cmp.Or(strings.Compare(a.base(), b.base()), strings.Compare(a.worth(), b.worth()), strings.Compare(a.Detail, b.Detail))
	})
	times := map[string]int{}
	for i := range rows {
		base := rows[i].base()
		times[base]++
		if times[base] > 1 { // one record may count twice at one instant
			base = fmt.Sprintf("%s\x00%d", base, times[base])
		}
		sum := sha256.Sum256([]byte(base))
		rows[i].ID = hex.EncodeToString(sum[:6])
	}
}

func (e Evidence) base() string {
	return strings.Join([]string{e.RepID, e.Period, e.Role, e.Metric, e.OccurredAt, e.Source, e.RecordType, e.RecordID}, "\x00")
}

// counts is what the row adds to its metric.
func (e Evidence) counts() string {
	text := trimmed(e.Numerator)
	if e.Denominator != "" && trimmed(e.Denominator) != "1" {
		text += " of " + trimmed(e.Denominator)
	}
	return text
}

// worth is what the row adds, or why it adds nothing.
func (e Evidence) worth() string {
	text := e.counts()
	if e.Excluded != "" {
		text += ", excluded: " + e.Excluded
	}
	return text
}

// trimmed takes the zeros from the end of a decimal.
func trimmed(text string) string {
	whole, fraction, found := strings.Cut(text, ".")
	if fraction = strings.TrimRight(fraction, "0"); !found || fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// A Difference is an evidence row that is not what it was when the period was
// locked.
type Difference struct {
	Period     string `json:"period"`
	RepID      string `json:"rep_id"`
	Role       string `json:"role"`
	EvidenceID string `json:"evidence_id"`
	Metric     string `json:"metric"`
	Source     string `json:"source"`
	RecordType string `json:"record_type"`
	RecordID   string `json:"record_id"`
	Change     Change `json:"change"`
	Before     string `json:"before"`
	Now        string `json:"now"`
	Detail     string `json:"detail"`
}

// A Change says what became of an evidence row.
type Change string

const (
	New     Change = "new"     // was not there when the period was locked
	Gone    Change = "gone"    // is not there any more
	Changed Change = "changed" // counts for another amount, or is excluded now
	Moved   Change = "moved"   // of the same record, at another time: one row before, one now
)

// Differences compares the rows of a period as they were locked with those of the
// last build. A record that moved in time within the period has two rows that say so:
// its history is another one, and the deal did not go.
func Differences(locked, now []Evidence) []Difference {
	byID := map[string]Evidence{}
	for _, e := range now {
		byID[e.ID] = e
	}
	var differences []Difference
	for _, e := range locked {
		today, there := byID[e.ID]
		delete(byID, e.ID)
		switch {
		case !there:
			differences = append(differences, e.difference(Gone, e.worth(), ""))
		case today.worth() != e.worth():
			differences = append(differences, today.difference(Changed, e.worth(), today.worth()))
		}
	}
	for _, e := range now {
		if _, isNew := byID[e.ID]; isNew {
			differences = append(differences, e.difference(New, "", e.worth()))
		}
	}
	markMoved(differences)
	slices.SortFunc(differences, func(a, b Difference) int { return strings.Compare(a.place(), b.place()) })
	return differences
}

// markMoved tells a record that is there at another time from one that went. Only as many
// as came can have moved: a record that counted twice and counts once has lost one.
func markMoved(differences []Difference) {
	came := map[string][]int{}
	for i, d := range differences {
		if d.Change == New && !strings.Contains(d.Now, "excluded") {
			came[d.record()] = append(came[d.record()], i)
		}
	}
	for i, d := range differences {
		if d.Change != Gone || len(came[d.record()]) == 0 {
			continue
		}
		other := came[d.record()][0]
		came[d.record()] = came[d.record()][1:]
		differences[i].Change, differences[other].Change = Moved, Moved
	}
}

// record is what the row was about, for whom, at whatever time.
func (d Difference) record() string {
	return strings.Join([]string{d.RepID, d.Role, d.Period, d.Metric, d.Source, d.RecordType, d.RecordID}, "\x00")
}

func (e Evidence) difference(change Change, before, now string) Difference {
	return Difference{
		Period: e.Period, RepID: e.RepID, Role: e.Role, EvidenceID: e.ID, Metric: e.Metric,
		Source: e.Source, RecordType: e.RecordType, RecordID: e.RecordID, Change: change, Before: before, Now: now, Detail: e.Detail,
	}
}

func (d Difference) place() string {
	return strings.Join([]string{d.RepID, d.Role, d.Period, d.Metric, d.Source, d.RecordType, d.RecordID, d.EvidenceID}, "\x00")
}

// takesBack tells whether a deal that counted counts no more.
func (d Difference) takesBack() bool {
	return d.RecordType == "deal" && (d.Change == Gone || d.Change == Changed && strings.Contains(d.Now, "excluded") && !strings.Contains(d.Before, "excluded"))
}

func (d Difference) words() string {
	what := fmt.Sprintf("%s, %s %s %s", d.Metric, d.Source, d.RecordType, d.RecordID)
	switch d.Change {
	case New:
		return what + " is new: " + d.Now
	case Gone:
		return what + " is gone: was " + d.Before
	case Moved:
		if d.Now == "" {
			return what + " counts at another time: was " + d.Before
		}
		return what + " counts at another time: is " + d.Now
	}
	return fmt.Sprintf("%s: was %s, is %s", what, d.Before, d.Now)
}
