// Package review is what stewards decide on flags. Each decision is a record of the
// evidence log, signed by the steward's key, with the records that it was about; the
// last one on a flag counts, and none is ever taken back out of the log.
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

// A Decision is what a steward decided on a flag.
type Decision struct {
	FlagID   string      `json:"flag_id"`
	Decision string      `json:"decision"`
	Reason   string      `json:"reason"`
	Records  []RecordKey `json:"records"`
	On       string      `json:"-"` // 2026-01-31, UTC, from the log
	By       string      `json:"-"` // name of the key
	Key      string      `json:"-"` // its public text
	Record   int64       `json:"-"` // of the log
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

// Append signs a decision and adds it to the log. Only a key among the stewards may
// decide.
func Append(log *evidence.Log, at time.Time, d Decision, key evidence.Key, stewards []evidence.Public) error {
	if err := mayDecide(key.Public, stewards); err != nil {
		return err
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

func mayDecide(key evidence.Public, stewards []evidence.Public) error {
	if len(stewards) == 0 {
		return fault.Errorf(fault.You, "merit.yml names no stewards: write their public keys under payouts.stewards; `merit payout keygen NAME` makes one")
	}
	if slices.ContainsFunc(stewards, key.IsSame) {
		return nil
	}
	return fault.Errorf(fault.You, "the key %s is not among payouts.stewards of merit.yml; add its public half there: %s", key.Name(), key.Text)
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
