package salesforce

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// Replies of real orgs, as other clients recorded them for their own tests.

func TestEveryRecordedDescribeHasItsTypes(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"camel/asset.json":    {"id": "utf8", "date": "date32"},
		"camel/case.json":     {"picklist": "utf8"},
		"camel/product2.json": {"string": "utf8", "double": "decimal", "datetime": "timestamp[ms, tz=UTC]", "id": "utf8", "url": "utf8"},
		"camel/user.json":     {"id": "utf8", "string": "utf8"},
		"restforce/sobject/sobject_describe_success_response.json": {
			"id": "utf8", "reference": "utf8", "boolean": "bool", "string": "utf8", "datetime": "timestamp[ms, tz=UTC]", "currency": "decimal",
			"date": "date32", "email": "utf8", "double": "decimal", "percent": "decimal", "phone": "utf8", "picklist": "utf8", "multipicklist": "utf8",
			"textarea": "utf8", "url": "utf8",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := recorded(t, name)
			got := map[string]string{}
			for _, f := range d.Fields {
				dtype, err := arrowType(f)
				if err != nil {
					t.Fatalf("%s: %v", f.Name, err)
				}
				text := dtype.String()
				if number, ok := dtype.(*arrow.Decimal128Type); ok {
					text = "decimal"
					// The API gives more digits than a field is described with, so all that there is room for are kept.
					if number.Scale < int32(f.Scale) || number.Precision-number.Scale < int32(f.Precision-f.Scale) {
						t.Errorf("%s has %d digits, %d of them behind the point, and became %s", f.Name, f.Precision, f.Scale, number)
					}
				}
				got[f.Type] = text
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The describe of an opportunity as the user interface's API writes it: the types have
// the same names but for their first letter, and the views' fields are among them.
func TestARecordedOpportunityHasWhatIsNeeded(t *testing.T) {
	var info struct {
		Fields map[string]struct {
			DataType         string
			Precision, Scale int32
		}
	}
	if err := json.Unmarshal([]byte(fixture(t, "npsp_ui_api/opportunityObjectDescribeInfo.json")), &info); err != nil {
		t.Fatal(err)
	}
	d := describe{Name: "Opportunity"}
	for name, f := range info.Fields {
		d.Fields = append(d.Fields, field{Name: name, Type: strings.ToLower(f.DataType), Precision: looseNumber(f.Precision), Scale: looseNumber(f.Scale)})
	}
	for _, system := range []string{"IsDeleted", "SystemModstamp"} { // which that API does not show
		if _, shown := info.Fields[system]; !shown {
			d.Fields = append(d.Fields, field{Name: system, Type: map[bool]string{true: "boolean", false: "datetime"}[system == "IsDeleted"]})
		}
	}
	opportunity, _ := objectNamed("Opportunity")
	schema, err := schemaOf(opportunity, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Amount": "decimal(38, 18)", "CloseDate": "date32", "StageName": "utf8", "CreatedDate": "timestamp[ms, tz=UTC]"} {
		if f, _ := schema.FieldsByName(name); len(f) != 1 || f[0].Type.String() != want {
			t.Errorf("%s is %v", name, f)
		}
	}
}

func TestRecordedRowsAreRead(t *testing.T) {
	text := func(names ...string) target {
		var fields []arrow.Field
		for _, name := range names {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true, Metadata: selecting(name)})
		}
		return target{Table: connectors.Table{Name: "X", Key: names[:1], Schema: arrow.NewSchema(fields, nil)}}
	}
	for _, c := range []struct {
		name  string
		into  target
		total int64
		next  string
		first map[string]string
	}{
		{"restforce/sobject/query_success_response.json", text("Text_Label", "Checkbox_Label", "DateTime_Label"), 1, "",
			map[string]string{"Text_Label": "Hi there!", "Checkbox_Label": "false", "DateTime_Label": "2011-07-07T00:37:00.000+0000"}},
		{"restforce/sobject/query_paginated_first_page_response.json", text("Text_Label"), 2, "query/01gD", map[string]string{"Text_Label": "First Page"}},
		{"restforce/sobject/query_paginated_last_page_response.json", text("Text_Label"), 2, "", map[string]string{"Text_Label": "Last Page"}},
		{"restforce/sobject/query_empty_response.json", text("Id"), 0, "", nil},
		{"amp_labs/read-opportunity-with-account.json", text("Id", "Amount", "AccountId"), 2, "",
			map[string]string{"Id": "006ak00000OQ4RxAAL", "Amount": "50000.00", "AccountId": "001ak00000OKNPHAA5"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, err := jsonPage(strings.NewReader(fixture(t, c.name)), c.into)
			if err != nil || page.total != c.total || page.done != (c.next == "") {
				t.Fatalf("%+v, %v", page, err)
			}
			if c.next != "" {
				if place, err := nextPage(page.next); err != nil || place != c.next {
					t.Errorf("goes on at %q, %v", place, err)
				}
			}
			rows := open1(page.Page).rows
			if c.first != nil && (len(rows) == 0 || !maps.Equal(rows[0], c.first)) {
				t.Errorf("came %v", rows)
			}
		})
	}
}

func TestRecordedRefusalsAreUnderstood(t *testing.T) {
	var spent budget
	api := judge{canSignIn: true, budget: &spent}.verdict
	for _, c := range []struct {
		name   string
		status int
		judge  func(rest.Failure) rest.Verdict
		act    rest.Act
		words  []string
	}{
		{"restforce/expired_session_response.json", 401, api, rest.SignInAgain, nil},
		{"restforce/auth_error_response.json", 400, judgeSignIn, rest.Fail, []string{"invalid_grant", "authentication failure"}},
		{"restforce/refresh_error_response.json", 400, judgeSignIn, rest.Fail, []string{"refresh token in token_file is used up"}},
		{"amp_labs/unknown-field.json", 400, api, rest.Fail, []string{"Account.AccountNumer can't be read by this account"}},
		{"amp_labs/unknown-object.json", 400, api, rest.Fail, []string{"'Accout' is not supported", "Read access"}},
		{"restforce/sobject/sobject_describe_error_response.json", 404, api, rest.Fail, []string{"NOT_FOUND"}},
	} {
		v := c.judge(rest.Failure{Status: c.status, Body: []byte(fixture(t, c.name))})
		if v.Act != c.act {
			t.Errorf("%s: the verdict is %v", c.name, v)
		}
		for _, words := range c.words {
			if !strings.Contains(v.Err.Error(), words) {
				t.Errorf("%s: %v", c.name, v.Err)
			}
		}
	}
	var launched, failing job
	for name, into := range map[string]*job{"amp_labs/bulk/read-launch-job-account.json": &launched, "amp_labs/bulk/info/complete-failure.json": &failing} {
		if err := json.Unmarshal([]byte(fixture(t, name)), into); err != nil {
			t.Fatal(err)
		}
	}
	if !jobID.MatchString(launched.ID) || launched.State != "UploadComplete" || launched.Processed != nil {
		t.Errorf("a new job is %+v", launched)
	}
	mends(t, failed(failing), fault.Them, "InvalidBatch", "StageName_invalid_field_on_purpose")
}
