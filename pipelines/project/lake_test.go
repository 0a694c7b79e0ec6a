package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors/fault"
)

const lakeSource = "sources:\n  crm:\n    connector: toy\n    endpoint: http://x\n"

func TestALakeIsAFolderOrABucketWithACatalog(t *testing.T) {
	t.Setenv("LAKE_SECRET", "hush-secret")
	t.Setenv("LAKE_AT", "s3://acme-history/merit")
	dir := write(t, lakeSource+`lake:
  location: ${LAKE_AT}
  endpoint: https://minio.example:9000
  region: eu-central-1
  access_key: file:key.txt
  secret_key: ${LAKE_SECRET}
  catalog:
    uri: https://catalog.example/iceberg
    warehouse: acme
    client_id: merit
    client_secret: ${LAKE_SECRET}
`)
	if err := os.WriteFile(filepath.Join(dir, "key.txt"), []byte("AKID\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, secrets, err := p.Lake()
	if err != nil {
		t.Fatal(err)
	}
	if !s.UsesBucket() || s.Location != "s3://acme-history/merit" || s.Catalog.Namespace != "merit" || s.Copies != ".merit/lake" ||
		secrets.AccessKey.Reveal() != "AKID" || secrets.SecretKey.Reveal() != "hush-secret" || secrets.ClientSecret.Reveal() != "hush-secret" {
		t.Errorf("%+v", s)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", s, secrets, secrets), "hush") {
		t.Error("a secret is printed")
	}
	for _, text := range []string{"", "lake: data/lake\n", "lake:\n  location: data/lake\n"} {
		p, err := Open(write(t, lakeSource+text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if s, _, err := p.Lake(); err != nil || s.UsesBucket() || s.Location == "" {
			t.Errorf("%s: %+v %v", text, s, err)
		}
	}
}

func TestEveryMistakeInTheLakesSettingsIsNamedWithItsLine(t *testing.T) {
	const inBucket = lakeSource + "lake:\n  location: s3://acme/merit\n" // lines 5 and 6
	const catalog = "  catalog:\n    uri: https://c.example\n"           // lines 7 and 8
	for name, test := range map[string]struct{ text, want string }{
		"no catalog":            {inBucket, `merit.yml:6: a lake in a bucket needs an Iceberg REST catalog`},
		"a bucket as one text":  {lakeSource + "lake: s3://acme/merit\n", `merit.yml:5: a lake in a bucket needs an Iceberg REST catalog`},
		"another cloud":         {lakeSource + "lake:\n  location: azure://acme/merit\n" + catalog, `merit.yml:6: "azure://acme/merit" is not the location of a bucket; write it as s3://`},
		"a way out":             {lakeSource + "lake:\n  location: s3://acme/../other\n" + catalog, `merit.yml:6: "s3://acme/../other" is not the location`},
		"no address":            {inBucket + "  catalog:\n    uri: catalog.example\n", `merit.yml:8: "catalog.example" is not the address of a catalog`},
		"a password in it":      {inBucket + "  catalog:\n    uri: https://me:pass@c.example\n", `merit.yml:8: "https://me:pass@c.example" is not the address`},
		"a secret in the file":  {inBucket + catalog + "    token: abc\n", `merit.yml:9: catalog.token is a secret and must not stand in this file`},
		"a key in the file":     {inBucket + catalog + "  access_key: AKID\n  secret_key: ${X}\n", `merit.yml:9: access_key is a secret and must not stand in this file`},
		"half a key":            {inBucket + catalog + "  access_key: ${X}\n", `merit.yml:6: access_key and secret_key go together`},
		"half a client":         {inBucket + catalog + "    client_id: merit\n", `merit.yml:8: client_id and client_secret go together`},
		"two ways to sign in":   {inBucket + catalog + "    token: ${X}\n    google: true\n", `merit.yml:8: name one way to sign in`},
		"a namespace of no use": {inBucket + catalog + "    namespace: My-Lake\n", `merit.yml:9: "My-Lake" can't be a namespace`},
		"S3's keys for Google":  {lakeSource + "lake:\n  location: gs://acme/merit\n  access_key: ${X}\n  secret_key: ${X}\n" + catalog, `merit.yml:6: access_key, secret_key and path_style are S3's`},
		"Google's key for S3":   {inBucket + "  credentials: key.json\n" + catalog, `merit.yml:7: credentials is Google's key file`},
		"more for a folder":     {lakeSource + "lake:\n  location: lake\n  region: eu\n", `merit.yml:6: only a lake in a bucket has more settings`},
		"a misspelt one":        {inBucket + "  end_point: x\n", `merit.yml:7:3: unknown field "end_point"; did you mean "endpoint"?`},
		"a list":                {lakeSource + "lake: [a, b]\n", `merit.yml:5:7: `},
		"a variable not set":    {inBucket + catalog + "    token: ${NO_SUCH_VARIABLE_HERE}\n", `merit.yml:9: catalog.token: the environment variable NO_SUCH_VARIABLE_HERE is not set`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Open(write(t, test.text))
			if err == nil {
				_, _, err = p.Lake()
			}
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("got  %v\nwant %s", err, test.want)
			}
			if fault.WhoMends(err) != fault.You {
				t.Errorf("the fault is not the user's")
			}
		})
	}
}
