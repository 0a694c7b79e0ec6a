package bigquery

import (
	"slices"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/transform/lake"
)

func TestFilesInGooglesBucketsAreReadWhereTheyLieAndOthersFromTheirCopies(t *testing.T) {
	google := lake.File{Path: "gs://acme/lake/crm/deals/data/1.parquet", Copy: "/here/1.parquet"}
	amazon := lake.File{Path: "s3://acme/lake/crm/deals/data/2.parquet", Copy: "/here/2.parquet"}
	folder := lake.File{Path: "/lake/crm/deals/data/3.parquet"}
	inBucket, onDisk, err := placed([]lake.File{google, amazon, folder})
	if err != nil || !slices.Equal(inBucket, []string{google.Path}) || len(onDisk) != 2 || onDisk[0].Path != amazon.Copy || onDisk[1].Path != folder.Path {
		t.Errorf("by itself %v, uploaded %v: %v", inBucket, onDisk, err)
	}
	if _, _, err := placed([]lake.File{{Path: amazon.Path}}); fault.WhoMends(err) != fault.You || !strings.Contains(err.Error(), amazon.Path) {
		t.Errorf("a file that is nowhere near: %v", err)
	}
	w := &Warehouse{}
	if !w.ReadsFrom("gs://acme/lake") || w.ReadsFrom("s3://acme/lake") || w.ReadsFrom("/lake") {
		t.Error("it is to read from Google's buckets and from no other place")
	}
}
