package salesforce

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"merit/connectors"
	"merit/connectors/fault"
)

func TestStreams(t *testing.T) {
	t.Run("one table an object, with the types of describe", func(t *testing.T) {
		o := newOrg(t)
		s := o.stream(o.open(), "Opportunity")
		table := s.Tables[0]
		got := map[string]string{}
		for _, f := range table.Schema.Fields() {
			got[f.Name] = f.Type.String()
		}
		want := map[string]string{
			"Id": "utf8", "Name": "utf8", "AccountId": "utf8", "OwnerId": "utf8", "StageName": "utf8",
			"Amount": "decimal(38, 18)", "CloseDate": "date32", "Type": "utf8", "LeadSource": "utf8", "NextStep": "utf8",
			"ForecastCategory": "utf8", "CreatedById": "utf8",
			"CreatedDate": "timestamp[ms, tz=UTC]", "LastModifiedDate": "timestamp[ms, tz=UTC]", "SystemModstamp": "timestamp[ms, tz=UTC]",
			"CurrencyIsoCode": "utf8", "RecordTypeId": "utf8", "ContractId": "utf8", "merit_deleted": "bool",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if table.Version != "SystemModstamp" || !slices.Equal(table.Key, []string{"Id"}) {
			t.Errorf("key %v, version %q", table.Key, table.Version)
		}
	})

	t.Run("history has neither version nor deletion", func(t *testing.T) {
		o := newOrg(t)
		table := o.stream(o.open(), "OpportunityHistory").Tables[0]
		if table.Version != "" || len(table.Schema.FieldIndices(connectors.DeletedColumn)) != 0 {
			t.Errorf("version %q, columns %v", table.Version, table.Schema)
		}
	})

	t.Run("every needed field that is hidden is named at once", func(t *testing.T) {
		o := newOrg(t)
		hide(o, "Opportunity", "Amount", "NextStep")
		hide(o, "Task", "IsClosed")
		_, err := o.open().Streams(context.Background())
		mends(t, err, fault.You,
			"salesforce: ", "Opportunity.Amount can't be read by this account: field-level security hides it or it does not exist; give the integration user Read access to it",
			"Opportunity.NextStep", "Task.IsClosed")
	})

	t.Run("a hidden IsDeleted would leave deletions unseen", func(t *testing.T) {
		o := newOrg(t)
		hide(o, "Account", "IsDeleted")
		_, err := o.open().Streams(context.Background())
		mends(t, err, fault.You, "Account.IsDeleted")
	})

	t.Run("an object that is hidden is named with what is lost", func(t *testing.T) {
		for _, reply := range []struct {
			status int
			code   string
		}{{404, "NOT_FOUND"}, {400, "INVALID_TYPE"}} {
			o := newOrg(t)
			o.on("GET /services/data/v67.0/sobjects/Event/describe", refuses(reply.status, reply.code, "The requested resource does not exist"))
			_, err := o.open().Streams(context.Background())
			mends(t, err, fault.You, "Event can't be read", "meetings")
		}
	})

	t.Run("an org with one currency has the column, and null in it", func(t *testing.T) {
		o := newOrg(t)
		hide(o, "Opportunity", "CurrencyIsoCode")
		s := o.stream(o.open(), "Opportunity")
		if len(s.Tables[0].Schema.FieldIndices("CurrencyIsoCode")) != 1 {
			t.Error("there is no column CurrencyIsoCode")
		}
		if slices.Contains(selected(s.Tables[0]), "CurrencyIsoCode") {
			t.Error("a field that is not there is asked for")
		}
	})

	t.Run("a name that came garbled is no other field", func(t *testing.T) {
		o := newOrg(t)
		kept, _ := objectNamed("Opportunity")
		fields := fieldsOf(kept)
		for i, f := range fields {
			fields[i] = strings.Replace(f, "CurrencyIsoCode ", "Currency\x00IsoCode ", 1)
		}
		o.describes("Opportunity", fields...)
		_, err := o.open().Streams(context.Background())
		mends(t, err, fault.Them, "columns of Opportunity", `"Currency\x00IsoCode"`)
	})

	t.Run("an unknown version is said to be that", func(t *testing.T) {
		_, err := newOrg(t).open("api_version", "v99.0").Streams(context.Background())
		mends(t, err, fault.You, "v99.0", "v68.0")
	})
}

// hide takes fields from an object, as field-level security does.
func hide(o *org, object string, hidden ...string) {
	kept, _ := objectNamed(object)
	o.describes(object, slices.DeleteFunc(fieldsOf(kept), func(f string) bool {
		name, _, _ := strings.Cut(f, " ")
		return slices.Contains(hidden, name)
	})...)
}

func TestConfiguredFields(t *testing.T) {
	opportunity, _ := objectNamed("Opportunity")
	o := newOrg(t)
	o.describes("Opportunity", append(fieldsOf(opportunity), "Partner__c string", "Site__c location", "Margin__c percent")...)

	t.Run("come last, under the name that Salesforce gives them", func(t *testing.T) {
		s := o.stream(o.open("fields", "Opportunity.Margin__c", "fields", "opportunity.partner__C"), "Opportunity")
		columns := s.Tables[0].Schema.Fields()
		got := []string{columns[len(columns)-2].Name, columns[len(columns)-1].Name}
		if !slices.Equal(got, []string{"Margin__c", "Partner__c"}) {
			t.Errorf("the last columns are %v", got)
		}
	})

	t.Run("one that is read anyway is not asked for twice", func(t *testing.T) {
		s := o.stream(o.open("fields", "Opportunity.amount", "fields", "Opportunity.IsDeleted"), "Opportunity")
		asked := map[string]int{}
		for _, name := range selected(s.Tables[0]) {
			asked[name]++
		}
		if asked["Amount"] != 1 || asked["IsDeleted"] != 1 {
			t.Errorf("asked for %v", asked)
		}
	})

	t.Run("one that can't be read is named, with where it is listed", func(t *testing.T) {
		_, err := o.open("fields", "Opportunity.Gone__c").Streams(context.Background())
		mends(t, err, fault.You, "Opportunity.Gone__c can't be read", "merit.yml")
	})

	t.Run("a compound one is refused before any query is", func(t *testing.T) {
		_, err := o.open("fields", "Opportunity.Site__c").Streams(context.Background())
		mends(t, err, fault.You, "Opportunity.Site__c", "compound")
	})
}

// recorded reads a describe that a real org once gave; they lie outside this
// repository for their licences.
func recorded(t *testing.T, name string) describe {
	t.Helper()
	var d describe
	if err := json.Unmarshal([]byte(fixture(t, name)), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "fixtures", "salesforce", name))
	if err != nil {
		t.Skip("recorded replies are not here")
	}
	return string(text)
}

func TestTypesOfARealAccount(t *testing.T) {
	d := recorded(t, "camel/account.json")
	got := map[string]string{}
	refused := map[string]bool{}
	for _, f := range d.Fields {
		dtype, err := arrowType(f)
		if err != nil {
			refused[f.Name] = true
			continue
		}
		got[f.Name] = dtype.String()
	}
	for name, want := range map[string]string{
		"Id": "utf8", "IsDeleted": "bool", "MasterRecordId": "utf8", "Name": "utf8",
		"AnnualRevenue": "decimal(38, 18)", "NumberOfEmployees": "int64",
		"BillingLatitude": "decimal(38, 18)", "NumberofLocations__c": "decimal(38, 18)",
		"Shipping_Location__Latitude__s": "decimal(38, 18)", "SLAExpirationDate__c": "date32",
		"LastActivityDate": "date32", "SystemModstamp": "timestamp[ms, tz=UTC]", "Jigsaw": "utf8",
	} {
		if got[name] != want {
			t.Errorf("%s is %s, not %s", name, got[name], want)
		}
	}
	for _, compound := range []string{"BillingAddress", "ShippingAddress", "Shipping_Location__c"} {
		if !refused[compound] {
			t.Errorf("%s is a compound and would break a Bulk query", compound)
		}
	}
	account, _ := objectNamed("Account")
	if _, err := schemaOf(account, d, nil); err != nil {
		t.Errorf("a real Account lacks what we need: %v", err)
	}
}

func TestTypesOfARealCustomObject(t *testing.T) {
	d := recorded(t, "camel/blng__Invoice__c.json")
	if len(d.Fields) == 0 {
		t.Fatal("no fields were read")
	}
	for _, f := range d.Fields {
		if _, err := arrowType(f); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestArrowTypes(t *testing.T) {
	for _, c := range []struct {
		f    field
		want string
	}{
		{field{Type: "currency", Precision: 18, Scale: 2}, "decimal(38, 18)"},
		{field{Type: "percent", Precision: 5, Scale: 2}, "decimal(38, 18)"},
		{field{Type: "double", Precision: 0, Scale: 0}, "decimal(38, 18)"},
		{field{Type: "double", Precision: 2, Scale: 4}, "decimal(38, 18)"},
		{field{Type: "int"}, "int64"},
		{field{Type: "time"}, "time64[us]"},
		{field{Type: "multipicklist"}, "utf8"},
		{field{Type: "anyType"}, "utf8"},
		{field{Type: "a type of next year"}, "utf8"},
	} {
		got, err := arrowType(c.f)
		if err != nil || got.String() != c.want {
			t.Errorf("%+v is %v, %v; not %s", c.f, got, err, c.want)
		}
	}
	if _, err := arrowType(field{Type: "base64"}); err == nil {
		t.Error("a file is read as text")
	}
}
