package hubspot

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// tableOfCodes is the table as README.md shows it.
func tableOfCodes() string {
	var b strings.Builder
	b.WriteString("| status | with | what it means | who mends it | what to do |\n|---|---|---|---|---|\n")
	for _, m := range meanings() {
		words := m.words
		if words != "" {
			words = "`" + words + "`"
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", m.status, words, m.what, map[fault.Party]string{fault.You: "you", fault.Them: "HubSpot, or time", fault.Us: "Merit"}[m.who], m.advice)
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
	said := map[string]string{"": "something is wrong", "PROPERTY": `Property \"amount\" does not exist`, "UNABLE TO INFER OBJECT TYPE": "Unable to infer object type from: p1_x"}
	for i, m := range meanings() {
		sentence, isOwn := said[m.words]
		if !isOwn {
			sentence = "You have reached your " + strings.ToLower(m.words) + " limit."
		}
		body := `{"status":"error","message":"` + sentence + `"}`
		v := judge(rest.Failure{Status: m.status, Body: []byte(body)})
		text := v.Err.Error()
		if fault.WhoMends(v.Err) != m.who || !strings.Contains(text, m.what) || !strings.Contains(text, m.advice) || !strings.Contains(text, strings.Split(sentence, `\`)[0]) {
			t.Errorf("row %d, %d %q: %v", i+1, m.status, m.words, v.Err)
		}
		if (v.Act == rest.Retry) != (m.kind == repeated) || isRefused(v.Err) != (m.kind == notThere) || isRejected(v.Err) != (m.kind == rejects) || connectors.IsOfAccount(v.Err) != (m.kind == ofAll) {
			t.Errorf("row %d, %d %q: another kind: %v", i+1, m.status, m.words, v)
		}
	}
}
