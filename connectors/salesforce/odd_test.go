package salesforce

import (
	"fmt"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

// Whoever plays Salesforce, a proxy or an older version may say less or other things
// than the documentation has.
func TestOddReplies(t *testing.T) {
	const describeUser = "GET /services/data/v67.0/sobjects/User/describe"
	body := func(object string, inner string) string {
		o, _ := objectNamed(object)
		var fields []string
		for _, f := range fieldsOf(o) {
			name, kind, _ := strings.Cut(f, " ")
			fields = append(fields, fmt.Sprintf(`{"name":%q,"type":%q,"precision":0,"scale":0,"calculated":false,"referenceTo":null}`, name, kind))
		}
		return `{"name":"` + object + `",` + inner + `"fields":[` + strings.Join(fields, ",") + `,{"name":"Odd__c","type":"currency","precision":60,"scale":-3}]}`
	}

	t.Run("a describe that does not say whether queries may name its object", func(t *testing.T) {
		o := newOrg(t)
		o.on(describeUser, gives(body("User", "")))
		s := o.stream(o.open("fields", "User.Odd__c"), "User")
		f := s.Tables[0].Schema.Field(s.Tables[0].Schema.NumFields() - 1)
		if f.Name != "Odd__c" || f.Type.String() != "decimal(38, 18)" {
			t.Errorf("the odd field is %v", f)
		}
	})

	t.Run("a describe that says they may not", func(t *testing.T) {
		o := newOrg(t)
		o.on(describeUser, gives(body("User", `"queryable":false,`)))
		_, err := o.open().Streams(t.Context())
		mends(t, err, fault.You, "User can't be read")
	})

	t.Run("a composite call that answers in other shapes is done without", func(t *testing.T) {
		for _, reply := range []string{`{"compositeResponse":null}`, `[]`, `{"compositeResponse":[{"body":[],"httpStatusCode":200,"referenceId":"User"},{"body":{},"httpStatusCode":200,"referenceId":"Account"},{"httpStatusCode":500,"referenceId":"Task"},{"httpStatusCode":404,"referenceId":"Nobody"}]}`} {
			o := newOrg(t)
			o.on("POST /services/data/v67.0/composite", gives(reply))
			if _, err := o.open().Streams(t.Context()); err != nil {
				t.Errorf("%s: %v", reply, err)
			}
		}
	})

	t.Run("a job that does not say how many rows it has", func(t *testing.T) {
		inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
			want := o.pages(s, 2, 1)
			o.on("POST "+jobs, gives(`{"id":"750000000000001","state":"UploadComplete"}`))
			o.on("GET "+oneJob, gives(`{"id":"750000000000001","state":"JobComplete"}`))
			got, err := take(a, s, "")
			if err != nil || fmt.Sprint(ids(got)) != fmt.Sprint(want) {
				t.Errorf("came %v, %v", ids(got), err)
			}
		})
	})

	t.Run("lists of pages that are refused in any way are done without", func(t *testing.T) {
		for _, status := range []int{400, 404, 405, 501} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				a.pace.pageRows = 2
				o.job(3)
				want := o.pages(s, 2, 1)
				o.on("GET "+oneJob+"/resultPages", refuses(status, "NOT_SUPPORTED", "no"))
				got, err := take(a, s, "")
				if err != nil || fmt.Sprint(ids(got)) != fmt.Sprint(want) {
					t.Errorf("%d: came %v, %v", status, ids(got), err)
				}
			})
		}
	})

	t.Run("an edition without the Bulk API is read by REST", func(t *testing.T) {
		for _, refusal := range []struct {
			code, message string
		}{{"FEATURENOTENABLED", "Bulk API is not enabled"}, {"FeatureNotEnabled", "Async API not enabled"}} {
			inBulk(t, func(t *testing.T, o *org, a *account, s connectors.Stream) {
				o.on("POST "+jobs, refuses(400, refusal.code, refusal.message))
				o.on("GET /services/data/v67.0/queryAll", gives(records(1, true, "", row("006000000000001"))))
				got, err := take(a, s, "")
				if err != nil || len(ids(got)) != 1 {
					t.Errorf("came %v, %v", got, err)
				}
			})
		}
	})
}
