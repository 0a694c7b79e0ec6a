package review

import (
	"testing"

	"merit/pipelines/evidence"
)

func TestAnApprovalIsReadAsItWasSigned(t *testing.T) {
	log, mo := desk(t)
	managers := []evidence.Public{mo.Public}
	approval := Approval{StimulusID: "stimulus-1", Reason: "calls fell", Evidence: "1 of 9", Added: "- {challenge: c}\n", PlanBefore: "a", PlanAfter: "b"}
	check(t, Approve(log, at, approval, mo, managers))
	all, err := Approvals(log)
	check(t, err)
	want := approval
	want.On, want.By = at.UTC().Format("2006-01-02"), "dana"
	if len(all) != 1 || all[0] != want {
		t.Errorf("%+v, not %+v", all, want)
	}
	decisions, err := All(log)
	check(t, err)
	if len(decisions) != 0 {
		t.Errorf("an approval is taken for a decision on a flag: %+v", decisions)
	}
	approval.Reason = " "
	refused(t, Approve(log, at, approval, mo, managers), "an approval needs a reason")
	approval.Reason = "calls fell"
	refused(t, Approve(log, at, approval, mo, nil), "merit.yml names no managers")
	other, err := evidence.NewKey(t.TempDir(), "eve")
	check(t, err)
	refused(t, Approve(log, at, approval, other, managers), "the key eve is not among payouts.managers")
}

// A decision's signature is no approval's.
func TestAnApprovalThatWasNotSignedAsOneIsRefused(t *testing.T) {
	log, mo := desk(t)
	body := []byte(`{"stimulus_id":"stimulus-1","reason":"r"}`)
	for name, seal := range map[string]string{"a decision's": text(body), "another text's": approvalText([]byte(`{}`))} {
		sealed := string(mo.Seal(seal))
		_, err := log.Append(at, ApprovalKind, "", signedApproval{Approval: body, Manager: mo.Public.Text, Signature: sealed[len(seal)+1:]})
		check(t, err)
		if _, err := Approvals(log); err == nil {
			t.Errorf("%s signature is taken", name)
		}
	}
}
