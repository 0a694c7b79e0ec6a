package payouts

import (
	"strings"
	"testing"

	"merit/connectors/fault"
)

const allColumns = "disputed_on,disputed_by,evidence_id,reason,rep_id,period,source,record_id,supersedes,answers,decision\n"

// Each refusal says the way out, and the way out is walked in the next row.
func TestADisputeThatIsRefusedSaysTheWayOut(t *testing.T) {
	first := Dispute{On: "2026-04-03", By: "ann", EvidenceID: "e1", Reason: "mine"}.ID()
	for _, test := range []struct{ name, refused, words, mended string }{
		{"a date that is none", "3 April,ann,e1,mine,,,,,,,", `disputed_on: "3 April" is not a date; write it as 2026-04-03`, "2026-04-03,ann,e1,mine,,,,,,,"},
		{"a day that there is not", "2026-02-30,ann,e1,mine,,,,,,,", "is not a date", "2026-02-28,ann,e1,mine,,,,,,,"},
		{"nobody", "2026-04-03,,e1,mine,,,,,,,", "disputed_by and reason must not be empty", "2026-04-03,ann,e1,mine,,,,,,,"},
		{"about nothing", "2026-04-03,ann,,mine,,,,,,,", "the evidence_id of a record, or rep_id and period of a line", "2026-04-03,ann,,mine,ann,2026-Q1,,,,,"},
		{"half of a deal", "2026-04-03,ann,,mine,ann,2026-Q1,crm,,,,", "named by source and record_id", "2026-04-03,ann,,mine,ann,2026-Q1,crm,77,,,"},
		{"a record and a deal", "2026-04-03,ann,e1,mine,ann,2026-Q1,crm,77,,,", "not both", "2026-04-03,ann,e1,mine,,,,,,,"},
		{"a decision alone", "2026-04-04,pat,,no,,,,,,,rejected", "write its id under answers", "2026-04-03,ann,e1,mine,,,,,,,\n2026-04-04,pat,,no,,,,,," + first + ",rejected"},
		{"an answer to nothing", "2026-04-04,pat,,no,,,,,,0000,rejected", "no earlier row has the id 0000; `merit payout disputes` lists them", "2026-04-03,ann,e1,mine,,,,,,,\n2026-04-04,pat,,no,,,,,," + first + ",rejected"},
		{"an answer in words of one's own", "2026-04-03,ann,e1,mine,,,,,,,\n2026-04-04,pat,,no,,,,,," + first + ",perhaps", "an answer is one of accepted, rejected, withdrawn", "2026-04-03,ann,e1,mine,,,,,,,\n2026-04-04,pat,,no,,,,,," + first + ",withdrawn"},
		{"a correction of nothing", "2026-04-03,ann,e1,mine,,,,,0000,,", "supersedes: no earlier row has the id 0000", "2026-04-03,ann,e1,mine,,,,,,,\n2026-04-04,ann,e2,the other,,,,," + first + ",,"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadDisputes([]byte(allColumns+test.refused+"\n"), 0)
			if err == nil || fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), test.words) {
				t.Errorf("it should say %q: %v", test.words, err)
			}
			if _, err := ReadDisputes([]byte(allColumns+test.mended+"\n"), 0); err != nil {
				t.Errorf("the way out is refused: %v", err)
			}
			// What the log knows already can't be mended in place, and closes no door.
			if _, err := ReadDisputes([]byte(allColumns+test.refused+"\n"), 9); err != nil {
				t.Errorf("a row that is known: %v", err)
			}
		})
	}
}

func TestAnOpenDisputeHoldsItsLineUntilItIsAnswered(t *testing.T) {
	rows := func(text string) []Dispute {
		disputes, err := ReadDisputes([]byte(allColumns+text), 0)
		if err != nil {
			t.Fatal(err)
		}
		return disputes
	}
	evidence := []Evidence{{ID: "e1", Period: "2026-Q1", RepID: "ann", Source: "crm", RecordType: "deal", RecordID: "77"}}
	byID := "2026-04-03,ann,e1,mine,,,,,,,\n"
	byLine := "2026-04-03,bob,,my target,bob,2026-Q1,,,,,\n"
	missing := "2026-04-03,cho,,won in March,cho,2026-Q1,crm,88,,,\n"
	id := func(row string) string { return rows(row)[0].ID() }
	for _, test := range []struct {
		name, rows string
		decisions  []Decision
		held       string
	}{
		{"each kind", byID + byLine + missing, nil, "ann bob cho"},
		{"answered by a row", byID + byLine + "2026-04-07,pat,,no,,,,,," + id(byID) + ",rejected\n2026-04-07,pat,,yes,,,,,," + id(byLine) + ",accepted\n", nil, ""},
		{"a steward decides on the record", byID, []Decision{{On: "2026-04-04", Source: "crm", RecordType: "deal", RecordID: "77", Decision: "keep"}}, ""},
		{"… before it was disputed", byID, []Decision{{On: "2026-04-02", Source: "crm", RecordType: "deal", RecordID: "77", Decision: "keep"}}, "ann"},
		{"… on another record", byID, []Decision{{On: "2026-04-04", Source: "crm", RecordType: "deal", RecordID: "78", Decision: "keep"}}, "ann"},
		{"superseded by one about another line", byLine + "2026-04-04,bob,,it was Ann's,ann,2026-Q1,,," + id(byLine) + ",,\n", nil, "ann"},
		{"of another period", "2026-04-03,bob,,my target,bob,2025-Q4,,,,,\n", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var held []string
			for _, f := range DisputeFlags("2026-Q1", rows(test.rows), test.decisions, evidence) {
				held = append(held, f.RepID)
			}
			if got := strings.Join(held, " "); got != test.held {
				t.Errorf("held are %q, not %q", got, test.held)
			}
		})
	}
}
