package review

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
	"merit/pipelines/evidence"
)

var at = time.Date(2026, 4, 10, 9, 0, 0, 0, time.UTC)

// desk is a log with a steward's key.
func desk(t *testing.T) (*evidence.Log, evidence.Key) {
	t.Helper()
	dir := t.TempDir()
	log, err := evidence.OpenLog(dir)
	check(t, err)
	dana, err := evidence.NewKey(dir, "dana")
	check(t, err)
	return log, dana
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), words) {
		t.Fatalf("it should say %q: %v", words, err)
	}
}

func decision(flag, what string) Decision {
	return Decision{FlagID: flag, Decision: what, Reason: "looked at each", Records: []RecordKey{{Source: "crm", RecordType: "deal", RecordID: "1", OccurredAt: at}}}
}

func TestADecisionIsReadAsItWasSigned(t *testing.T) {
	log, dana := desk(t)
	stewards := []evidence.Public{dana.Public}
	for _, d := range []Decision{decision("b", Confirmed), decision("a", Dismissed), decision("b", Reopened)} {
		check(t, Append(log, at, d, dana, stewards))
	}
	all, err := All(log)
	check(t, err)
	last := Last(all)
	if len(all) != 3 || len(last) != 2 || last[0].FlagID != "a" || last[1].Decision != Reopened {
		t.Fatalf("%+v", all)
	}
	if d := all[0]; d.By != "dana" || d.Key != dana.Public.Text || d.On != "2026-04-10" || d.Record != 0 || len(d.Records) != 1 || !d.Records[0].OccurredAt.Equal(at) {
		t.Errorf("%+v", d)
	}
}

func TestOnlyAStewardDecidesAndWithAReason(t *testing.T) {
	log, dana := desk(t)
	eve, err := evidence.NewKey(t.TempDir(), "eve")
	check(t, err)
	refused(t, Append(log, at, decision("a", Dismissed), dana, nil), "merit.yml names no stewards")
	refused(t, Append(log, at, decision("a", Dismissed), eve, []evidence.Public{dana.Public}), "the key eve is not among payouts.stewards")
	silent := decision("a", Dismissed)
	silent.Reason = " \t"
	refused(t, Append(log, at, silent, dana, []evidence.Public{dana.Public}), "a decision needs a reason")
	score := decision("sign-off-1", SignedOff)
	score.Signed = &Score{RepID: "dana", Period: "2026-Q1", Role: "ae", Why: "near a tier", Detail: "0.10 away", Score: "80.10"}
	refused(t, Append(log, at, score, dana, nil), "merit.yml names no managers: write their public keys under payouts.managers")
	refused(t, Append(log, at, score, dana, []evidence.Public{eve.Public}), "the key dana is not among payouts.managers")
	refused(t, Append(log, at, score, dana, []evidence.Public{dana.Public}), "dana can't sign off the own score")
	namesake, err := evidence.NewKey(t.TempDir(), "dana") // the same name, another key
	check(t, err)
	refused(t, Append(log, at, decision("a", Dismissed), namesake, []evidence.Public{dana.Public}), "is not among payouts.stewards")
	if log.Size() != 0 {
		t.Errorf("%d records of what was refused", log.Size())
	}
}

// Whoever has the log's key can append what they like; the steward's signature is missing.
func TestADecisionThatNobodySignedIsNotRead(t *testing.T) {
	for _, test := range []struct {
		name  string
		alter func(t *testing.T, body *signed, eve evidence.Key)
	}{
		{"the signature was altered", func(_ *testing.T, body *signed, _ evidence.Key) {
			body.Signature = strings.Replace(body.Signature, "dana ", "dana A", 1)
		}},
		{"the decision was swapped", func(t *testing.T, body *signed, _ evidence.Key) {
			swapped := bytes.Replace(body.Decision, []byte(Confirmed), []byte(Dismissed), 1)
			if bytes.Equal(swapped, body.Decision) {
				t.Fatal("nothing was swapped")
			}
			body.Decision = swapped
		}},
		{"it is about another flag", func(_ *testing.T, body *signed, _ evidence.Key) {
			body.Decision = bytes.Replace(body.Decision, []byte(`"flag"`), []byte(`"other"`), 1)
		}},
		{"another record was put in", func(_ *testing.T, body *signed, _ evidence.Key) {
			body.Decision = bytes.Replace(body.Decision, []byte(`"record_id":"1"`), []byte(`"record_id":"2"`), 1)
		}},
		{"somebody else is named as its steward", func(_ *testing.T, body *signed, eve evidence.Key) {
			body.Steward = eve.Public.Text
		}},
		{"the signature is one of another purpose", func(_ *testing.T, body *signed, eve evidence.Key) {
			body.Signature = string(eve.Seal("merit payout allow 1\n" + string(body.Decision) + "\n"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, dana := desk(t)
			eve, err := evidence.NewKey(t.TempDir(), "eve")
			check(t, err)
			check(t, Append(log, at, decision("flag", Confirmed), dana, []evidence.Public{dana.Public}))
			var body signed
			check(t, json.Unmarshal(log.Records()[0].Body, &body))
			test.alter(t, &body, eve)
			_, err = log.Append(at, Kind, "", body)
			check(t, err)
			_, err = All(log)
			refused(t, err, "record 1 of the evidence log, a review:")
		})
	}
}
