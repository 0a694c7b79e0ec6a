// Package review is what stewards decide on flags, and managers on scores. Each
// decision is a record of the evidence log, signed by the key of who made it, with the
// records that it was about; the last one on a flag counts, and none is ever taken back out of the log.
package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
)

// Kind is what decisions are called in the evidence log.
const Kind = "review"

// Decisions that a steward can make.
const (
	Confirmed = "confirmed" // the flagged evidence counts for nothing
	Dismissed = "dismissed" // it counts, and the flag holds nothing any more
	Reopened  = "reopened"  // as if nothing had been decided
)

// SignedOff is a manager's decision: the score may be paid on.
const SignedOff = "signed off"

// A Decision is what a steward decided on a flag, or a manager on a score.
type Decision struct {
	FlagID   string      `json:"flag_id"` // of a sign-off, its own id
	Decision string      `json:"decision"`
	Reason   string      `json:"reason"`
	Records  []RecordKey `json:"records"`
	Signed   *Score      `json:"score,omitempty"` // what a manager signed off
	On       string      `json:"-"`               // 2026-01-31, UTC, from the log
	By       string      `json:"-"`               // name of the key
	Key      string      `json:"-"`               // its public text
	Record   int64       `json:"-"`               // of the log
}

// A Score is what a manager has seen when signing off.
type Score struct {
	RepID  string `json:"rep_id"`
	Period string `json:"period"`
	Role   string `json:"role"`
	Why    string `json:"why"` // near a tier, truncated history or doubtful data
	Detail string `json:"detail"`
	Score  string `json:"score"` // "": none
}

// A RecordKey is something that happened to a CRM's record.
type RecordKey struct {
	Source     string    `json:"source"`
	RecordType string    `json:"record_type"`
	RecordID   string    `json:"record_id"`
	OccurredAt time.Time `json:"occurred_at"`
}

// signed is the body of a record: the decision's text, and the signature over it.
type signed struct {
	Decision  json.RawMessage `json:"decision"`
	Steward   string          `json:"steward"` // public key
	Signature string          `json:"signature"`
}

// text is what a steward signs: it names Merit's purpose, so that the signature
// is good for nothing else.
func text(decision []byte) string { return "merit review\n" + string(decision) + "\n" }

// Append signs a decision and adds it to the log. Only a key on the list may decide:
// of stewards on flags, of managers on scores, and nobody on the own score.
func Append(log *evidence.Log, at time.Time, d Decision, key evidence.Key, listed []evidence.Public) error {
	if err := mayDecide(key.Public, listed, ListOf(d.Decision)); err != nil {
		return err
	}
	if d.Signed != nil && key.Public.Name() == d.Signed.RepID {
		return fault.Errorf(fault.You, "%s can't sign off the own score; another manager has to", d.Signed.RepID)
	}
	if strings.TrimSpace(d.Reason) == "" {
		return fault.Errorf(fault.You, "a decision needs a reason: --reason \"what you found\"")
	}
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	signature := strings.TrimPrefix(string(key.Seal(text(body))), text(body)+"\n")
	_, err = log.Append(at, Kind, "", signed{Decision: body, Steward: key.Public.Text, Signature: signature})
	return err
}

// ListOf is the list of merit.yml whose keys may make a decision: stewards or managers.
func ListOf(decision string) string {
	if decision == SignedOff {
		return "managers"
	}
	return "stewards"
}

func mayDecide(key evidence.Public, listed []evidence.Public, list string) error {
	if len(listed) == 0 {
		return fault.Errorf(fault.You, "merit.yml names no %s: write their public keys under payouts.%s; `merit payout keygen NAME` makes one", list, list)
	}
	if slices.ContainsFunc(listed, key.IsSame) {
		return nil
	}
	return fault.Errorf(fault.You, "the key %s is not among payouts.%s of merit.yml; add its public half there: %s", key.Name(), list, key.Text)
}

// All reads the decisions in the log, the oldest first, and checks each signature.
func All(log *evidence.Log) ([]Decision, error) {
	var all []Decision
	for _, r := range log.Records() {
		if r.Kind != Kind {
			continue
		}
		d, err := read(r)
		if err != nil {
			return nil, fault.Errorf(fault.You, "record %d of the evidence log, a review: %w", r.Number, err)
		}
		all = append(all, d)
	}
	return all, nil
}

func read(r evidence.Record) (Decision, error) {
	var body signed
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return Decision{}, err
	}
	key, err := evidence.ParsePublic(body.Steward)
	if err != nil {
		return Decision{}, err
	}
	if _, err := evidence.Open([]byte(text(body.Decision)+"\n"+body.Signature), key); err != nil {
		return Decision{}, fmt.Errorf("the signature of %s: %w", key.Name(), err)
	}
	d := Decision{By: key.Name(), Key: key.Text, Record: r.Number}
	if err := json.Unmarshal(body.Decision, &d); err != nil {
		return Decision{}, err
	}
	if at, err := time.Parse(time.RFC3339, r.At); err == nil {
		d.On = at.Format(time.DateOnly)
	}
	return d, nil
}

// Last keeps the last decision on each flag, in the order of the flags' ids.
func Last(all []Decision) []Decision {
	last := map[string]Decision{}
	for _, d := range all {
		last[d.FlagID] = d
	}
	var kept []Decision
	for _, d := range last {
		kept = append(kept, d)
	}
	slices.SortFunc(kept, func(a, b Decision) int { return strings.Compare(a.FlagID, b.FlagID) })
	return kept
}
