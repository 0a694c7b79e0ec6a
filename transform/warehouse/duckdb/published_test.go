package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"merit/transform/warehouse"
)

func TestWhatWasMadeOfTheSameIsNotPublishedAgain(t *testing.T) {
	db := opened(t, "")
	defer db.Close()
	folder := filepath.Join(t.TempDir(), "published")
	publish := func(rows int, of string) string {
		t.Helper()
		marts(t, db, rows)
		r := scorecards
		r.MadeOf = of
		if err := db.Publish(context.Background(), []warehouse.Relation{r}, folder); err != nil {
			t.Fatal(err)
		}
		version, err := os.Readlink(filepath.Join(folder, currentLink))
		if err != nil {
			t.Fatal(err)
		}
		return version
	}
	ten := publish(10, "of ten rows")
	if again := publish(11, "of ten rows"); again != ten {
		t.Error("the rows were looked at, although nothing says that they are others")
	}
	eleven := publish(11, "of eleven rows")
	if eleven == ten {
		t.Fatal("rows that were made of something else are not published")
	}
	if unknown := publish(12, ""); unknown == eleven {
		t.Error("rows of which nobody knows what they were made of are not published")
	}
	if back := publish(11, "of eleven rows"); back != eleven {
		t.Error("what is published is still the version before")
	}
	if err := os.RemoveAll(filepath.Join(folder, eleven)); err != nil {
		t.Fatal(err)
	}
	publish(11, "of eleven rows")
	if _, err := os.Stat(filepath.Join(folder, eleven, scorecards.Name+".parquet")); err != nil {
		t.Error("a version that was cleaned away is taken for published:", err)
	}
}
