package payouts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// make libreoffice runs this; without LibreOffice there is nothing to ask.
func TestLibreOfficeSeesNumbersAsNumbersAndHostileNamesAsText(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	hostile := []string{`=HYPERLINK("http://x","y")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "＝1+1", "007", "1e5", "TRUE", "2026-01-31", `a"b,c`}
	var entries []Entry
	for i, name := range hostile {
		e := paid("rep"+string(rune('a'+i)), "-1234567.05")
		e.Name = name
		entries = append(entries, e)
	}
	yen := paid("yen", "100000")
	yen.Currency = "JPY"
	entries = append(entries, yen)
	book, err := Workbook(Frozen{Heading: Heading{Period: "2026-Q1"}, Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "payout.xlsx"), book, 0o600); err != nil {
		t.Fatal(err)
	}
	convert := func(to string) string {
		t.Helper()
		c := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", to, "--outdir", dir, filepath.Join(dir, "payout.xlsx"))
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		extension, _, _ := strings.Cut(to, ":")
		text, err := os.ReadFile(filepath.Join(dir, "payout."+extension))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	// With all digits rather than as cells look.
	table := convert("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false")
	rows, err := parsed([]byte(table))
	if err != nil || len(rows) != len(entries)+1 {
		t.Fatalf("%d rows of %d: %v", len(rows), len(entries)+1, err)
	}
	name, amount := slices.Index(rows[0], "name"), slices.Index(rows[0], "amount")
	for i, e := range entries {
		if got := rows[i+1]; got[amount] != e.Amount || got[name] != safe(e.Name) {
			t.Errorf("%s %q came out as %s %q", e.Amount, e.Name, got[amount], got[name])
		}
	}

	// And by LibreOffice's own types.
	flat := convert("fods")
	if strings.Contains(flat, "table:formula") {
		t.Error("there is a formula")
	}
	if got := len(regexp.MustCompile(`office:value-type="float" office:value="-1234567.05"`).FindAllString(flat, -1)); got != len(hostile) {
		t.Errorf("%d of %d amounts are of type float", got, len(hostile))
	}
	if got := strings.Count(flat, `office:value-type="string"`); got < len(hostile) {
		t.Errorf("%d texts", got)
	}
	if regexp.MustCompile(`office:value-type="(date|boolean|percentage)"`).MatchString(flat) {
		t.Error("a text was taken for a date or a truth value")
	}
}
