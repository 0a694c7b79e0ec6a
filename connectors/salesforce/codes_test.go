package salesforce

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

// tableOfCodes is the table as README.md shows it.
func tableOfCodes() string {
	var b strings.Builder
	b.WriteString("| code | with | what it means | who mends it | what to do |\n|---|---|---|---|---|\n")
	for _, m := range meanings() {
		var with []string
		if m.words != "" {
			with = append(with, "`"+m.words+"`")
		}
		if m.status != 0 {
			with = append(with, fmt.Sprint("status ", m.status))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cmp.Or(strings.Join(m.codes, ", "), "any other"), strings.Join(with, ", "), m.what,
			map[fault.Party]string{fault.You: "you", fault.Them: "Salesforce, or time", fault.Us: "Merit"}[m.who], m.advice)
	}
	return b.String()
}

func TestREADMEShowsTheTableOfCodes(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), tableOfCodes()) {
		t.Errorf("README.md lacks the table as it is:\n%s", tableOfCodes())
	}
}

func TestEachCodeMeansWhatItsRowSays(t *testing.T) {
	for i, m := range meanings() {
		codes := m.codes
		if len(codes) == 0 {
			codes = []string{"SOMETHING_NEW"}
		}
		for _, code := range codes {
			e := apiError{status: cmp.Or(m.status, 400), code: code, message: strings.TrimSpace("it says " + m.words)}
			err := explain(e)
			if text := err.Error(); fault.WhoMends(err) != m.who || !strings.Contains(text, m.what) || !strings.HasSuffix(text, m.advice) || !strings.Contains(text, code) {
				t.Errorf("row %d, %s: %v", i+1, code, err)
			}
			if connectors.IsOfAccount(err) != m.isAll || !hasCode(err, code) {
				t.Errorf("row %d, %s is of the account: %v", i+1, code, !m.isAll)
			}
		}
	}
}
