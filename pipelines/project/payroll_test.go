package project

import (
	"testing"

	"merit/connectors/fault"
)

func TestAPayrollCodeIsOneForAllOrOneForEachCurrency(t *testing.T) {
	p, err := Open(write(t, "sources:\n  crm: {connector: toy}\npayouts:\n  payroll:\n    company_code: {USD: ABC, JPY: 012}\n    earning_code: 7\n    currency: EUR\n"))
	if err != nil {
		t.Fatal(err)
	}
	codes := p.Settings.Payouts.Payroll
	if codes["company_code"].ByCurrency["USD"] != "ABC" || codes["company_code"].ByCurrency["JPY"] != "012" || codes["earning_code"].Text != "7" || codes["currency"].Text != "EUR" {
		t.Errorf("%+v", codes)
	}
	for _, wrong := range []string{"company_code: {USDX: ABC}", "currency: {USD: ABC}", "currency: dollars"} {
		if _, err := Open(write(t, "sources:\n  crm: {connector: toy}\npayouts:\n  payroll:\n    "+wrong+"\n")); err == nil || fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
