package payouts

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// A Dispute is a row of disputes.csv: somebody says that an evidence row is wrong.
type Dispute struct {
	On         string `json:"disputed_on"`
	By         string `json:"disputed_by"`
	EvidenceID string `json:"evidence_id"`
	Reason     string `json:"reason"`
	DisputeMore
}

// DisputeMore is what a row of disputes.csv can say besides: about a line or about a
// deal that is missing, that it takes the place of another row, or that it answers one.
type DisputeMore struct {
	Period     string `json:"period,omitempty"`
	RepID      string `json:"rep_id,omitempty"`
	Source     string `json:"source,omitempty"`
	RecordID   string `json:"record_id,omitempty"`
	Supersedes string `json:"supersedes,omitempty"` // id of an earlier row
	Answers    string `json:"answers,omitempty"`    // id of an earlier row, of which this is the answer
	Decision   string `json:"decision,omitempty"`   // of an answer: accepted, rejected, withdrawn
	IsSettled  bool   `json:"is_settled,omitempty"` // answered on an earlier period's statement
}

// A Decision is a row of reviews.csv: a steward's answer about a record.
type Decision struct {
	On         string `json:"decided_on"`
	By         string `json:"decided_by"`
	Decision   string `json:"decision"` // exclude, keep
	Source     string `json:"source"`
	RecordType string `json:"record_type"`
	RecordID   string `json:"record_id"`
	Reason     string `json:"reason"`
}

// DisputesHeader is the first row of disputes.csv.
const DisputesHeader = "disputed_on,disputed_by,evidence_id,reason\n"

// ReadDisputes reads disputes.csv; nil text is no disputes. The first rows, as many as
// the log knows already, are taken as they are: they can't be mended in place.
func ReadDisputes(text []byte, known int) ([]Dispute, error) {
	var disputes []Dispute
	err := eachRow("disputes.csv", text, strings.Split(strings.TrimSpace(DisputesHeader), ","), func(line int, cells map[string]string) error {
		d := Dispute{On: cells["disputed_on"], By: cells["disputed_by"], EvidenceID: cells["evidence_id"], Reason: cells["reason"], DisputeMore: DisputeMore{
			Period: cells["period"], RepID: cells["rep_id"], Source: cells["source"], RecordID: cells["record_id"],
			Supersedes: cells["supersedes"], Answers: cells["answers"], Decision: cells["decision"],
		}}
		if len(disputes) >= known {
			if err := d.check(line, disputes); err != nil {
				return err
			}
		}
		disputes = append(disputes, d)
		return nil
	})
	return disputes, err
}

// ReadDecisions reads those columns of reviews.csv that answer a dispute.
func ReadDecisions(text []byte) ([]Decision, error) {
	var decisions []Decision
	err := eachRow("reviews.csv", text, []string{"decided_on", "decided_by", "decision", "source", "record_type", "record_id", "reason"}, func(_ int, cells map[string]string) error {
		decisions = append(decisions, Decision{
			On: cells["decided_on"], By: cells["decided_by"], Decision: cells["decision"],
			Source: cells["source"], RecordType: cells["record_type"], RecordID: cells["record_id"], Reason: cells["reason"],
		})
		return nil
	})
	return decisions, err
}

func eachRow(name string, text []byte, must []string, row func(line int, cells map[string]string) error) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		return fault.Errorf(fault.You, "%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil
	}
	for _, column := range must {
		if !slices.ContainsFunc(rows[0], func(c string) bool { return strings.TrimSpace(c) == column }) {
			return fault.Errorf(fault.You, "%s:1: column %s is missing", name, column)
		}
	}
	for i, values := range rows[1:] {
		cells := map[string]string{}
		for k, value := range values {
			cells[strings.TrimSpace(rows[0][k])] = strings.TrimSpace(value)
		}
		if err := row(i+2, cells); err != nil {
			return err
		}
	}
	return nil
}

// A Prefix is how an append-only file began when it was last looked at.
type Prefix struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Sum   string `json:"sha256"`
}

// PrefixOf remembers a file as it is.
func PrefixOf(name string, text []byte) Prefix {
	sum := sha256.Sum256(text)
	return Prefix{Name: name, Bytes: int64(len(text)), Sum: hex.EncodeToString(sum[:])}
}

// Check tells whether the file still begins as it did: rows may be added to it,
// none changed or taken away.
func (p Prefix) Check(text []byte) error {
	if int64(len(text)) >= p.Bytes && PrefixOf(p.Name, text[:p.Bytes]) == p {
		return nil
	}
	return fault.Errorf(fault.You, "%s is append-only, and rows that the evidence log knows were changed or taken away: put them back and add new rows at the end", p.Name)
}

// Answer is a dispute with the steward's decisions about its record.
type Answer struct {
	Dispute
	Decisions []Decision
}

// AnswersTo are the disputes of an evidence row and what was decided of its record,
// the oldest first.
func (f Frozen) AnswersTo(e Evidence) []Answer {
	var answers []Answer
	for _, d := range f.Disputes {
		if d.EvidenceID == e.ID && d.Answers == "" && !superseded(f.Disputes, d) {
			decisions := f.decisionsOn(e)
			for _, a := range answersOf(f.Disputes, d) {
				decisions = append(decisions, Decision{On: a.On, By: a.By, Decision: a.Decision, Reason: a.Reason})
			}
			answers = append(answers, Answer{Dispute: d, Decisions: decisions})
		}
	}
	slices.SortStableFunc(answers, func(a, b Answer) int { return cmp.Compare(a.On, b.On) })
	return answers
}

func (f Frozen) decisionsOn(e Evidence) []Decision {
	var decisions []Decision
	for _, d := range f.Decisions {
		if d.Source == e.Source && d.RecordType == e.RecordType && d.RecordID == e.RecordID {
			decisions = append(decisions, d)
		}
	}
	return decisions
}

func (d Decision) String() string {
	return fmt.Sprintf("%s on %s by %s: %s", d.Decision, d.On, d.By, d.Reason)
}
