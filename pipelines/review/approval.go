package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
)

// ApprovalKind is what approvals of a stimulus are called in the evidence log.
const ApprovalKind = "stimulus"

// An Approval is a manager's: a proposed challenge may be written into the plan.
type Approval struct {
	StimulusID string `json:"stimulus_id"`
	Reason     string `json:"reason"`
	Evidence   string `json:"evidence"` // what the table said of it
	Added      string `json:"added"`    // the lines that plan.yml has more
	PlanBefore string `json:"plan_before"`
	PlanAfter  string `json:"plan_after"` // SHA-256 of the file's text
	On         string `json:"-"`          // 2026-01-31, UTC, from the log
	By         string `json:"-"`          // name of the key
}

// approvalText is what a manager signs; it names its purpose, so that the signature is
// good for nothing else.
func approvalText(approval []byte) string { return "merit stimulus\n" + string(approval) + "\n" }

// signedApproval is the body of a record.
type signedApproval struct {
	Approval  json.RawMessage `json:"approval"`
	Manager   string          `json:"manager"` // public key
	Signature string          `json:"signature"`
}

// Approve signs an approval and adds it to the log. Only a manager's key may.
func Approve(log *evidence.Log, at time.Time, a Approval, key evidence.Key, managers []evidence.Public) error {
	if err := mayDecide(key.Public, managers, "managers"); err != nil {
		return err
	}
	if strings.TrimSpace(a.Reason) == "" {
		return fault.Errorf(fault.You, "an approval needs a reason: --reason \"why now\"")
	}
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	signature := strings.TrimPrefix(string(key.Seal(approvalText(body))), approvalText(body)+"\n")
	_, err = log.Append(at, ApprovalKind, "", signedApproval{Approval: body, Manager: key.Public.Text, Signature: signature})
	return err
}

// Approvals reads the approvals in the log, the oldest first, and checks each signature.
func Approvals(log *evidence.Log) ([]Approval, error) {
	var all []Approval
	for _, r := range log.Records() {
		if r.Kind != ApprovalKind {
			continue
		}
		a, err := readApproval(r)
		if err != nil {
			return nil, fault.Errorf(fault.You, "record %d of the evidence log, an approval: %w", r.Number, err)
		}
		all = append(all, a)
	}
	return all, nil
}

func readApproval(r evidence.Record) (Approval, error) {
	var body signedApproval
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return Approval{}, err
	}
	key, err := evidence.ParsePublic(body.Manager)
	if err != nil {
		return Approval{}, err
	}
	if _, err := evidence.Open([]byte(approvalText(body.Approval)+"\n"+body.Signature), key); err != nil {
		return Approval{}, fmt.Errorf("the signature of %s: %w", key.Name(), err)
	}
	a := Approval{By: key.Name()}
	if err := json.Unmarshal(body.Approval, &a); err != nil {
		return Approval{}, err
	}
	if at, err := time.Parse(time.RFC3339, r.At); err == nil {
		a.On = at.Format(time.DateOnly)
	}
	return a, nil
}
