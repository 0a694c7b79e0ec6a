package sfserver_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Whatever is asked, the sandbox answers as the API does: rows, or a list with a code
// and a message. It never breaks down.
func FuzzSOQL(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id FROM Opportunity", "select count() from Account a where a.Name like 'A%'", "SELECT Id, Owner.Name FROM Opportunity WHERE Amount > 1e3 AND (StageName IN ('A','B') OR NOT IsWon = true) ORDER BY CloseDate DESC NULLS LAST LIMIT 5 OFFSET 2",
		"SELECT Id FROM Opportunity WHERE SystemModstamp >= 2026-01-01T00:00:00Z AND CloseDate < 2026-02-30", "SELECT", "", "SELECT Id FROM Nothing", "SELECT Id FROM Opportunity WHERE Name = 'it\\'s'", "SELECT Id FROM Opportunity WHERE ((((", "SELECT Id FROM Opportunity LIMIT 99999999999999999999", "SELECT Id,,Id FROM Opportunity", "SELECT FIELDS(ALL) FROM Account LIMIT 200",
	} {
		f.Add(seed)
	}
	o := open(acme(1, 5))
	f.Fuzz(func(t *testing.T, soql string) {
		reply := o.get(home + "/query?q=" + escape(soql))
		switch reply.Code {
		case http.StatusOK:
			var p page
			if err := json.Unmarshal(reply.Body.Bytes(), &p); err != nil {
				t.Fatalf("%q: %v in %.300s", soql, err, reply.Body)
			}
		case http.StatusBadRequest:
			var problems []struct{ Message, ErrorCode string }
			if err := json.Unmarshal(reply.Body.Bytes(), &problems); err != nil || len(problems) == 0 || problems[0].ErrorCode == "" || problems[0].Message == "" {
				t.Fatalf("%q was refused with %.300s", soql, reply.Body)
			}
		default:
			t.Fatalf("%q: status %d: %.300s", soql, reply.Code, reply.Body)
		}
	})
}
