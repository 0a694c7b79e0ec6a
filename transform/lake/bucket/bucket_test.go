package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

// clouds runs a test with each kind of store.
func clouds(t *testing.T, test func(t *testing.T, c *laketest.Cloud)) {
	for name, open := range map[string]func() *laketest.Cloud{"s3": laketest.NewS3, "gs": laketest.NewGoogle} {
		t.Run(name, func(t *testing.T) {
			c := open()
			t.Cleanup(c.Close)
			test(t, c)
		})
	}
}

func settings(t testing.TB, c *laketest.Cloud) bucket.Settings {
	t.Helper()
	s := bucket.Settings{Location: c.Location(), Endpoint: c.Store.URL, Region: "eu-central-1", Attempts: 2, Transport: &http.Transport{},
		AccessKey: connectors.NewSecret(laketest.AccessKey), SecretKey: connectors.NewSecret(laketest.SecretKey)}
	t.Cleanup(s.Transport.(*http.Transport).CloseIdleConnections)
	key, err := c.KeyFile()
	if err != nil {
		t.Fatal(err)
	}
	if key != nil {
		s.Credentials = filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(s.Credentials, key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func open(t testing.TB, s bucket.Settings) bucket.Store {
	t.Helper()
	store, err := bucket.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func put(t testing.TB, s bucket.Store, key, text string) error {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return s.Put(context.Background(), key, file, int64(len(text)))
}

func get(t testing.TB, s bucket.Store, key string) (string, bucket.Object, error) {
	t.Helper()
	body, found, err := s.Get(context.Background(), key)
	if err != nil {
		return "", found, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	return string(text), found, err
}

func TestAStoreGivesBackWhatItWasGiven(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		large := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB
		for key, text := range map[string]string{"crm/deals/data/1.parquet": large, "small": "s", "with space/ü+%.avro": "x"} {
			if err := put(t, s, key, text); err != nil {
				t.Fatal(err)
			}
			got, found, err := get(t, s, key)
			if err != nil || got != text || found.Size != int64(len(text)) || found.Now.IsZero() || found.Changed.IsZero() {
				t.Errorf("%s: %d bytes of %d came back, %+v: %v", key, len(got), len(text), found, err)
			}
			if there, err := c.Object(c.Location() + "/" + key); err != nil || string(there) != text {
				t.Errorf("%s is not where the lake lies: %v", key, err)
			}
		}
		if _, _, err := get(t, s, "nowhere"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what is not there: %v", err)
		}
	})
}

func TestAListingIsComplete(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		var want []string
		for i := range 45 { // Google's double gives 20 at a time
			key := fmt.Sprintf("crm/deals/%03d", i)
			if err := put(t, s, key, key); err != nil {
				t.Fatal(err)
			}
			want = append(want, key)
		}
		if err := put(t, s, "crm/deals_too/1", "another table's"); err != nil {
			t.Fatal(err)
		}
		var got []string
		for one, err := range s.List(context.Background(), "crm/deals/") {
			if err != nil {
				t.Fatal(err)
			}
			if one.Size != int64(len(one.Key)) || one.Changed.IsZero() {
				t.Errorf("%+v", one)
			}
			got = append(got, one.Key)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		for range 2 { // gone is gone
			if err := s.Remove(context.Background(), want[0]); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := get(t, s, want[0]); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what was removed: %v", err)
		}
	})
}

func TestOfTwoSwapsOneIsToldThatItCameSecond(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s, ctx := open(t, settings(t, c)), context.Background()
		first, err := s.Swap(ctx, "lock", []byte("first"), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Swap(ctx, "lock", []byte("late"), ""); !errors.Is(err, bucket.ErrChanged) {
			t.Errorf("one who thought that there is nothing was told %v", err)
		}
		second, err := s.Swap(ctx, "lock", []byte("second"), first)
		if err != nil || second == first {
			t.Fatalf("%s after %s: %v", second, first, err)
		}
		if _, err := s.Swap(ctx, "lock", []byte("late"), first); !errors.Is(err, bucket.ErrChanged) {
			t.Errorf("one who knew the first was told %v", err)
		}
		if text, _, err := get(t, s, "lock"); err != nil || text != "second" {
			t.Errorf("it says %q: %v", text, err)
		}
	})
}

func TestASwapWhoseAnswerIsLostIsKnownToHaveBeenDone(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		for _, act := range []laketest.Act{laketest.LostWord, laketest.FailsLate} {
			was := ""
			if _, found, err := get(t, s, "lock"); err == nil {
				was = found.Tag
			}
			c.StoreTrouble.Begin(act, laketest.Writes, 0, 1)
			tag, err := s.Swap(context.Background(), "lock", fmt.Append(nil, "mine", act), was)
			hit := c.StoreTrouble.End()
			if _, found, _ := get(t, s, "lock"); err != nil || tag != found.Tag || hit != 1 {
				t.Errorf("act %d: %s, it has %s, %d calls were hit: %v", act, tag, found.Tag, hit, err)
			}
		}
	})
}

func TestTroubleThatPassesIsBridgedAndOtherTroubleTold(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		s := open(t, settings(t, c))
		for _, act := range []laketest.Act{laketest.Fails, laketest.Cut, laketest.LostWord, laketest.FailsLate} {
			c.StoreTrouble.Begin(act, laketest.Every, 0, 1)
			if err := put(t, s, "object", "text"); err != nil {
				t.Errorf("act %d once: %v", act, err)
			}
			c.StoreTrouble.Begin(act, laketest.Every, 0, -1)
			err := put(t, s, "object", "text")
			if err == nil || fault.WhoMends(err) != fault.Them || !strings.Contains(err.Error(), c.Location()+"/object") {
				t.Errorf("act %d for good: %v", act, err)
			}
			c.StoreTrouble.End()
		}
		c.StoreTrouble.Begin(laketest.Half, laketest.Every, 0, -1)
		if text, _, err := get(t, s, "object"); err == nil {
			t.Errorf("of a body that breaks off came %q and no error", text)
		}
	})
}

func TestWhoIsNotLetInIsToldToMendItAndNoSecretIsShown(t *testing.T) {
	clouds(t, func(t *testing.T, c *laketest.Cloud) {
		stranger := settings(t, c)
		stranger.AccessKey = connectors.NewSecret("AKIDSOMEBODYELSE")
		stranger.Credentials = ""
		elsewhere := settings(t, c)
		elsewhere.Location = strings.Replace(c.Location(), laketest.Bucket, "nobodys-bucket", 1)
		for name, s := range map[string]bucket.Settings{"a stranger": stranger, "another bucket": elsewhere} {
			for _, err := range []error{put(t, open(t, s), "object", "text"), listed(open(t, s))} {
				if err == nil || fault.WhoMends(err) != fault.You {
					t.Errorf("%s: %v", name, err)
				}
				if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, s), "canary") {
					t.Errorf("%s: a secret is shown: %v", name, err)
				}
			}
		}
	})
}

func TestKeysComeFromTheEnvironmentWhenTheSettingsHaveNone(t *testing.T) {
	c := laketest.NewS3()
	t.Cleanup(c.Close)
	s := settings(t, c)
	s.AccessKey, s.SecretKey = connectors.Secret{}, connectors.Secret{}
	t.Setenv("AWS_ACCESS_KEY_ID", laketest.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", laketest.SecretKey)
	if err := put(t, open(t, s), "object", "text"); err != nil {
		t.Error(err)
	}
}

func listed(s bucket.Store) error {
	for _, err := range s.List(context.Background(), "") {
		return err
	}
	return nil
}

func TestLocationsThatAreNone(t *testing.T) {
	for _, location := range []string{"s3://", "s3:///folder", "azure://bucket/x", "s3://key:secret@bucket/x", "s3://bucket/a/../b", "s3://bucket/a#b", "gs://bucket/a?b=c", "s3://bucket/a\nb", "s3://a bucket/b"} {
		if _, err := bucket.Parse(location); fault.WhoMends(err) != fault.You {
			t.Errorf("%s: %v", location, err)
		}
	}
	for location, want := range map[string]string{"s3://bucket": "s3://bucket", "gs://bucket/a/b/": "gs://bucket/a/b", "s3://bucket/a%20b/c": "s3://bucket/a%20b/c"} {
		if at, err := bucket.Parse(location); err != nil || at.String() != want {
			t.Errorf("%s is %s: %v", location, at, err)
		}
	}
}
