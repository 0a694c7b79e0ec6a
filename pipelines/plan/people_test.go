package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"merit/connectors/fault"
)

const people = "rep_id,name,email,crm_users,role,valid_from,valid_to\n"

func TestOneCRMUserIsOneRep(t *testing.T) {
	for name, test := range map[string]struct{ rows, want string }{
		"one e-mail": {"bob,Bob Ray,ann@x.com,,ae,2025-01-01,\nann,Ann Lee,ann@x.com,,ae,2025-01-01,\n",
			`roster.csv:3: email: ann@x.com is claimed by Bob Ray (bob, line 2) and by Ann Lee (ann, line 3): one CRM user at one time is one rep`},
		"one e-mail in two spellings": {"ann,Ann,Ann@X.com,,ae,2025-01-01,\nbob,Bob,ann@x.COM,,ae,2025-01-01,\n",
			`roster.csv:3: email: ann@x.com is claimed by Ann (ann, line 2) and by Bob (bob, line 3)`},
		"one e-mail in two Unicode forms": {"ann,Ann,jose\u0301@x.com,,ae,2025-01-01,\nbob,Bob,jos\u00e9@x.com,,ae,2025-01-01,\n",
			`roster.csv:3: email: jos` + "\u00e9" + `@x.com is claimed by Ann (ann, line 2) and by Bob (bob, line 3)`},
		"one user": {"ann,Ann,,crm:005A,ae,2025-01-01,\nbob,Bob,,crm:005B;crm:005A,ae,2025-01-01,\n",
			`roster.csv:3: crm_users: 005A is claimed by Ann (ann, line 2) and by Bob (bob, line 3)`},
		"an e-mail here and as a source's user there": {"ann,Ann,ann@x.com,,ae,2025-01-01,\nbob,Bob,,hub:Ann@x.com,ae,2025-01-01,\n",
			`roster.csv:3: crm_users: ann@x.com is claimed by Ann (ann, line 2) and by Bob (bob, line 3)`},
		"spans that overlap by a day": {"ann,Ann,a@x.com,,ae,2025-01-01,2025-06-30\nbob,Bob,a@x.com,,ae,2025-06-30,\n",
			`roster.csv:3: email: a@x.com is claimed by Ann (ann, line 2) and by Bob (bob, line 3): one CRM user at one time is one rep`},
		"one after the other": {"ann,Ann,a@x.com,,ae,2025-01-01,2025-06-30\nbob,Bob,a@x.com,,ae,2025-07-01,\n",
			`roster.csv:3: email: a@x.com is claimed by Ann (ann, line 2) and by Bob (bob, line 3), one after the other: a CRM user's records all go to one rep`},
		"ids that differ in case": {"ann,Ann,a@x.com,,ae,2025-01-01,\nAnn,Ann,b@x.com,,ae,2025-01-01,\n",
			`roster.csv:3: rep_id: "Ann" (Ann) and "ann" (Ann, line 2) can't be told apart`},
		"ids with letters that look alike": {"ann,Ann,a@x.com,,ae,2025-01-01,\n\u0430nn,Ann,b@x.com,,ae,2025-01-01,\n",
			`roster.csv:3: rep_id: "` + "\u0430" + `nn" (Ann) and "ann" (Ann, line 2) can't be told apart`},
		"ids of another width":        {"ann,Ann,a@x.com,,ae,2025-01-01,\n\uff41nn,Ann,b@x.com,,ae,2025-01-01,\n", `roster.csv:3: rep_id:`},
		"an id with an unseen letter": {"ann,Ann,a@x.com,,ae,2025-01-01,\na\u200bnn,Ann,b@x.com,,ae,2025-01-01,\n", `roster.csv:3: rep_id: "a\u200bnn" holds a character that nobody sees (U+200B)`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := roster(t, people+test.rows); err == nil || fault.WhoMends(err) != fault.You || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	for name, rows := range map[string]string{
		"one person in two rows":            "ann,Ann,a@x.com,,ae,2025-01-01,2025-06-30\nann,Ann,a@x.com,,ae,2025-07-01,\n",
		"one id at two sources":             "ann,Ann,,crm:7,ae,2025-01-01,\nbob,Bob,,hub:7,ae,2025-01-01,\n",
		"ids of a CRM that differ in case":  "ann,Ann,,crm:005a,ae,2025-01-01,\nbob,Bob,,crm:005A,ae,2025-01-01,\n",
		"two people of one name":            "ann1,Ann,a@x.com,,ae,2025-01-01,\nann2,Ann,b@x.com,,ae,2025-01-01,\n",
		"ids in letters and digits, rep1 l": "rep1,Ann,a@x.com,,ae,2025-01-01,\nrepl,Bob,b@x.com,,ae,2025-01-01,\n",
	} {
		if err := roster(t, people+rows); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func rosterOf(t *testing.T, rows string) []Rep {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(path, []byte(people+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	reps, err := parse(t, good).Roster(path, "USD")
	if err != nil {
		t.Fatal(err)
	}
	return reps
}

func TestAUserClaimedByIdAndByEMailIsOneUser(t *testing.T) {
	users := []CRMUser{{"crm", "005A", "Ann@x.com"}, {"crm", "005B", "bob@x.com"}, {"hub", "7", "ann@x.com"}}
	shared := rosterOf(t, "ann,Ann,,crm:005A,ae,2025-01-01,\nbob,Bob,ann@x.com,,ae,2025-01-01,\n")
	err := SharedUsers(shared, users)
	want := "roster.csv:3: email: user 005A of crm (e-mail Ann@x.com) is claimed by Ann (ann, line 2) and by Bob (bob, line 3): one CRM user at one time is one rep"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := SharedUsers(rosterOf(t, "ann,Ann,ann@x.com,crm:005A;hub:7,ae,2025-01-01,\nbob,Bob,bob@x.com,crm:005B,ae,2025-01-01,\n"), users); err != nil {
		t.Errorf("everybody has users of their own: %v", err)
	}
}

func TestWhoLooksLikeSomebodyElseIsNamed(t *testing.T) {
	found := LookAlikes(rosterOf(t, "rep1,Ann Lee,ann@x.com,,ae,2025-01-01,\nrepl,\u0410nn  lee,\u0430nn@x.com,,ae,2025-01-01,\nbob,Bob,bob@x.com,,ae,2025-01-01,\n"))
	want := []string{
		`roster.csv:3: repl is called "` + "\u0410" + `nn  lee", and rep1 in line 2 "Ann Lee": two people, or one?`,
		`roster.csv:3: the e-mails of repl (` + "\u0430" + `nn@x.com) and rep1 (ann@x.com, line 2) look alike`,
		`roster.csv:3: the ids repl (` + "\u0410" + `nn  lee) and rep1 (Ann Lee, line 2) look alike`,
		`roster.csv:3: the name of repl has letters of two alphabets in "` + "\u0410" + `nn"`,
	}
	if strings.Join(found, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhoIsNoUserOfAnySourceIsNamed(t *testing.T) {
	reps := rosterOf(t, "ann,Ann,ann@x.com,,ae,2025-01-01,\nbob,Bob,,crm:005,ae,2025-01-01,\nleft,Left,left@x.com,,ae,2024-01-01,2024-12-31\n")
	found := Unmatched(reps, []CRMUser{{"crm", "005AAA", "Ann@x.com"}}, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	if len(found) != 1 || !strings.HasPrefix(found[0], "roster.csv:3: Bob (bob) is no user of any source") {
		t.Errorf("%v", found)
	}
}
