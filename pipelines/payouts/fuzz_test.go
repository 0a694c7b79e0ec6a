package payouts

import (
	"os"
	"path/filepath"
	"testing"

	"merit/connectors/fault"
)

// A payroll layout is usable, or its author is told; with a usable one a payout
// becomes files, or the project's owner is told why not.
func FuzzLayout(f *testing.F) {
	for _, name := range LayoutNames() {
		text, err := layouts.ReadFile("layouts/" + name + ".yml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, seed := range []string{"", "title: Own\nrows: line\nnegative: write\ncolumns:\n  - {title: Who, field: employee}\n  - {title: Amount, field: amount}\n", "columns: [", "rows: line\nnegative: write", "rows: line\nnegative: write\ncolumns: [{}]", "columns: !!binary aaa", "\t"} {
		f.Add([]byte(seed))
	}
	payroll := Payroll{Currency: "USD", Settings: payrollCodes(), Employees: map[string]string{"ann": "1001", "eli": "1002", "umar": "1003", "zain": "1004"}}
	own := filepath.Join(f.TempDir(), "own.yml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(own, text, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLayout(own)
		if err == nil {
			_, err = l.Export(abroad(), payroll, "")
		}
		if err != nil && fault.WhoMends(err) != fault.You {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

func payrollCodes() map[string]Setting {
	return map[string]Setting{"company_code": code("ACM"), "batch_id": code("Q2"), "earning_code": code("BON")}
}
