package payouts

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
)

// ID is by which answers and corrections name a row of disputes.csv.
func (d Dispute) ID() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{d.On, d.By, d.EvidenceID, d.Reason, d.Source, d.RecordID}, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// decisions that an answer can be.
var decisions = []string{"accepted", "rejected", "withdrawn"}

// check holds a new row against what a row may say.
func (d Dispute) check(line int, earlier []Dispute) error {
	refused := func(format string, args ...any) error {
		return fault.Errorf(fault.You, "disputes.csv:%d: "+format, append([]any{line}, args...)...)
	}
	if _, err := time.Parse(time.DateOnly, d.On); err != nil {
		return refused("disputed_on: %q is not a date; write it as 2026-04-03", d.On)
	}
	if d.By == "" || d.Reason == "" {
		return refused("disputed_by and reason must not be empty")
	}
	for _, name := range []struct{ column, id string }{{"supersedes", d.Supersedes}, {"answers", d.Answers}} {
		if name.id != "" && !slices.ContainsFunc(earlier, func(e Dispute) bool { return e.Answers == "" && e.ID() == name.id }) {
			return refused("%s: no earlier row has the id %s; `merit payout disputes` lists them", name.column, name.id)
		}
	}
	if d.Answers != "" {
		if !slices.Contains(decisions, d.Decision) {
			return refused("decision: an answer is one of %s, not %q", strings.Join(decisions, ", "), d.Decision)
		}
		return nil
	}
	if d.Decision != "" {
		return refused("a decision answers a row: write its id under answers; `merit payout disputes` lists them")
	}
	return d.checkSubject(refused)
}

// checkSubject: a dispute is about an evidence row, a deal that is missing, or a line.
func (d Dispute) checkSubject(refused func(string, ...any) error) error {
	isDeal := d.Source != "" || d.RecordID != ""
	switch {
	case d.EvidenceID != "" && isDeal:
		return refused("evidence_id, or source and record_id, not both: the one is a record that counts, the other one that is missing")
	case d.EvidenceID != "":
		return nil
	case d.RepID == "" || d.Period == "":
		return refused("say what is wrong: the evidence_id of a record, or rep_id and period of a line; for a deal that is missing, source and record_id too")
	case isDeal && (d.Source == "" || d.RecordID == ""):
		return refused("a deal that is missing is named by source and record_id")
	}
	return nil
}

func superseded(all []Dispute, d Dispute) bool {
	id := d.ID()
	return slices.ContainsFunc(all, func(other Dispute) bool { return other.Supersedes == id })
}

// answersOf are the rows that answer a dispute.
func answersOf(all []Dispute, d Dispute) []Dispute {
	var answers []Dispute
	id := d.ID()
	for _, other := range all {
		if other.Answers == id {
			answers = append(answers, other)
		}
	}
	return answers
}

// A Question is a dispute with all that was answered.
type Question struct {
	Dispute
	IsOpen  bool
	Answers []string
}

// About says in words what a dispute is about.
func (d Dispute) About() string {
	switch {
	case d.EvidenceID != "" && d.Period != "":
		return "evidence " + d.EvidenceID + " of " + d.Period
	case d.EvidenceID != "":
		return "evidence " + d.EvidenceID
	case d.RecordID != "":
		return d.Source + " " + d.RecordID + ", which is missing in " + d.Period
	}
	return "the line of " + d.Period
}

// Questions are the disputes with their answers: by rows that answer them, or by a
// steward's decision about the record that is not older.
func Questions(disputes []Dispute, stewards []Decision, evidence []Evidence) []Question {
	var all []Question
	for _, d := range disputes {
		if d.Answers != "" || superseded(disputes, d) {
			continue
		}
		q := Question{Dispute: d}
		for _, e := range evidence {
			if d.EvidenceID != e.ID {
				continue
			}
			for _, s := range stewards {
				if s.Source == e.Source && s.RecordType == e.RecordType && s.RecordID == e.RecordID && s.On >= d.On {
					q.Answers = append(q.Answers, s.String())
				}
			}
			break
		}
		for _, a := range answersOf(disputes, d) {
			q.Answers = append(q.Answers, a.Decision+" on "+a.On+" by "+a.By+": "+a.Reason)
		}
		q.IsOpen = len(q.Answers) == 0
		all = append(all, q)
	}
	return all
}

// questionsOf are a rep's that stand beside no evidence row of this statement, unless
// an earlier statement has had the answer.
func (f Frozen) questionsOf(rep string) []Question {
	return slices.DeleteFunc(Questions(f.Disputes, f.Decisions, f.Evidence), func(q Question) bool {
		return q.RepID != rep || q.IsSettled || slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.ID == q.EvidenceID })
	})
}

// DisputeFlags hold the lines of a period about which a dispute is open.
func DisputeFlags(period string, disputes []Dispute, stewards []Decision, evidence []Evidence) []Flag {
	var flags []Flag
	for _, q := range Questions(disputes, stewards, evidence) {
		rep := q.RepID
		if q.EvidenceID != "" {
			at := slices.IndexFunc(evidence, func(e Evidence) bool { return e.ID == q.EvidenceID && e.Period == period })
			if at < 0 {
				continue
			}
			rep = evidence[at].RepID
		} else if q.Period != period {
			continue
		}
		if q.IsOpen {
			flags = append(flags, Flag{Period: period, RepID: rep, Rule: Disputed, Kind: Disputed, Why: "the dispute of " + q.On + " by " + q.By + " (" + q.ID() + ") is answered"})
		}
	}
	return flags
}
