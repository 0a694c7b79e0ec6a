package lake

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"merit/connectors"
	"merit/transform/lake/bucket"
	"merit/transform/lake/laketest"
)

// kinds are the stores in which a lake can be.
var kinds = kindsOfClouds()

// kindsOfClouds are the doubles of this repository, or real servers where the environment
// names some: make foreign-lake.
func kindsOfClouds() map[string]func() *laketest.Cloud {
	servers, areThere := laketest.ForeignOf()
	if !areThere {
		return map[string]func() *laketest.Cloud{"s3": laketest.NewS3, "gs": laketest.NewGoogle}
	}
	return map[string]func() *laketest.Cloud{"foreign": func() *laketest.Cloud {
		cloud, err := laketest.NewForeign(servers)
		if err != nil {
			panic(err) // without servers nothing is tested
		}
		return cloud
	}}
}

// TestInABucket runs the stories of the lake in a folder once more, in a bucket of
// each kind with a REST catalog: openLake looks at the test's name.
func TestInABucket(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			for name, story := range stories {
				if kind == "gs" && slices.Contains(onlyOnce, name) {
					continue
				}
				t.Run(name, story)
			}
		})
	}
}

var stories = map[string]func(*testing.T){
	"never read":             TestADatasetNeverReadHasAZeroCheckpoint,
	"append":                 TestAppendKeepsRowsAndCursorTogether,
	"go on":                  TestReadingGoesOnWhereItEnded,
	"cursor without rows":    TestACursorThatMovesWithoutRowsIsKept,
	"empty first read":       TestAnEmptyFirstReadIsACheckpointOnceTheCursorMoves,
	"overlap":                TestAnOverlapBringsNothingNew,
	"updates, tombstones":    TestUpdatesAndTombstonesAreRowsToo,
	"late":                   TestAnOldVersionThatComesLateDoesNotCount,
	"no version":             TestARowWithoutVersionIsKnownAgain,
	"places":                 TestValuesThatChangePlacesAreAnotherRow,
	"back":                   TestAValueThatComesBackIsWrittenAgain,
	"back in another chunk":  TestAValueThatComesBackInAnotherChunkIsWrittenAgain,
	"rejects":                TestRejectsAreKept,
	"error":                  TestAnErrorKeepsTheCompletePages,
	"called off":             TestCallingOffKeepsTheCompletePages,
	"schema grows":           TestSchemaGrowsAndWidens,
	"retyped":                TestARetypedColumnIsRefused,
	"names":                  TestNamesCantLeaveTheLake,
	"datasets":               TestDatasetsAreListed,
	"types":                  TestEveryTypeComesBackFromASecondLibrary,
	"does not fit":           TestWhatDoesNotFitIsAnErrorNotAnotherValue,
	"other columns":          TestABatchOfOtherColumnsIsRefused,
	"large":                  TestLargeReadsMakeFilesOfManyRowGroups,
	"at":                     TestAtGivesWhatWasThereThen,
	"clock":                  TestAClockThatGoesBackDoesNotTurnCheckpointsRound,
	"second writer":          TestASecondWriterLosesCleanly,
	"two at once":            TestTwoWritersAtOnceLoseNothing,
	"compaction":             TestCompactionChangesFilesAndNothingElse,
	"compaction sorts":       TestACompactedFileIsSortedByKeyVersionAndOrder,
	"after compaction":       TestReadingGoesOnAfterCompaction,
	"compaction of columns":  TestOldAndNewColumnsAreCompactedTogether,
	"history, orphans":       TestHistoryIsKeptAsLongAsItIsWantedAndNoLonger,
	"thinned":                TestOlderCheckpointsAreThinnedToOneADay,
	"readers":                TestAReaderSeesWholeSnapshotsOnly,
	"fence":                  TestAHolderOfAnOlderLockCantCommit,
	"whole":                  TestAWholeLakeHasNoDamage,
	"hashes of wider types":  TestRowsOfAWiderTypeHaveTheirHash,
	"row written wrong":      TestARowThatWasWrittenWrongIsFound,
	"foreign maintenance":    TestMaintenanceByAnotherEngineIsACheckpointLikeTheOneBefore,
	"foreign rows":           TestRowsOfAnotherEngineAreNamedWithTheWayOut,
	"foreign expiry":         TestWhatAnotherEngineExpiredIsRefused,
	"foreign tag":            TestATagOfAnotherEngineKeepsItsFiles,
	"foreign branch":         TestABranchOfAnotherEngineIsNobodysCheckpoint,
	"foreign partitions":     TestAPartitionFieldOfAnotherEngineStopsNothing,
	"citizen":                TestATableTellsOtherEnginesWhatItIs,
	"foreign schema":         TestAColumnAndAnOrderOfAnotherEngineStopNothing,
	"forgotten":              TestAForgottenPersonIsInNoSnapshotAndTheOthersAre,
	"forgotten in each byte": TestNothingOfAForgottenPersonIsFoundInAnyByte,
	"forgotten for good":     TestAForgottenPersonStaysGoneWhenTheCRMTellsAgain,
}

// onlyOnce are stories that tell nothing of a second kind of store.
var onlyOnce = []string{
	"readers", "large", "two at once", "never read", "cursor without rows", "empty first read", "overlap", "late", "no version", "places", "back",
	"back in another chunk", "error", "called off", "retyped", "names", "does not fit", "other columns", "clock", "compaction sorts",
	"compaction of columns", "thinned", "hashes of wider types", "row written wrong", "forgotten for good",
}

func inBucket(t *testing.T) bool { return kindOf(t) != nil }

func kindOf(t *testing.T) func() *laketest.Cloud {
	for _, part := range strings.Split(t.Name(), "/") {
		if open := kinds[part]; open != nil {
			return open
		}
	}
	return nil
}

// rooms are the clouds of the lakes that tests have opened.
var rooms sync.Map

type room struct {
	cloud    *laketest.Cloud
	settings Remote
}

func roomOf(t *testing.T, l *Lake) room {
	t.Helper()
	found, there := rooms.Load(l)
	if !there {
		t.Fatalf("%s was not opened by openRemoteLake", l.root)
	}
	return found.(room)
}

func openRemoteLake(t *testing.T) *Lake {
	t.Helper()
	cloud := kindOf(t)()
	t.Cleanup(cloud.Close)
	return enter(t, room{cloud: cloud, settings: remoteOf(t, cloud)})
}

func enter(t *testing.T, r room) *Lake {
	t.Helper()
	l, err := OpenRemote(context.Background(), r.settings)
	if err != nil {
		t.Fatal(err)
	}
	rooms.Store(l, r)
	t.Cleanup(func() { rooms.Delete(l) })
	return l
}

func quickTemp(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(quickFolder(), "copies")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// remoteOf are the settings of a lake in a cloud, without much patience.
func remoteOf(t *testing.T, cloud *laketest.Cloud) Remote {
	t.Helper()
	has := cloud.Settings()
	line := &http.Transport{}
	t.Cleanup(line.CloseIdleConnections)
	r := Remote{
		Copies: quickTemp(t),
		Store: bucket.Settings{
			Location: cloud.Location(), Endpoint: cloud.Store.URL, Region: "us-east-1", Transport: line, Attempts: 1,
			AccessKey: connectors.NewSecret(has.AccessKey), SecretKey: connectors.NewSecret(has.Secret),
		},
		Catalog: CatalogSettings{
			URI: cloud.CatalogURL(), Warehouse: has.Warehouse, Transport: line, Attempts: 2, Names: has.Names, Namespace: cloud.Namespace(),
			ClientID: has.ClientID, ClientSecret: connectors.NewSecret(has.ClientKey),
		},
	}
	key, err := cloud.KeyFile()
	if err != nil {
		t.Fatal(err)
	}
	if key != nil {
		r.Store.Credentials = filepath.Join(t.TempDir(), "key.json")
		if err := os.WriteFile(r.Store.Credentials, key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// reopen opens a lake as another process does; one in a bucket as one on another
// machine, which has no copies yet.
func reopen(t *testing.T, l *Lake) *Lake {
	t.Helper()
	if _, isRemote := l.disk.(*remoteFiles); isRemote {
		r := roomOf(t, l)
		r.settings.Copies = quickTemp(t)
		return enter(t, r)
	}
	again, err := Open(l.root)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func fetch(t *testing.T, l *Lake, c Checkpoint) {
	t.Helper()
	if err := l.Fetch(context.Background(), c.Tables); err != nil {
		t.Fatal(err)
	}
}

// remoteFilesOf are the objects of a lake, but for the catalog's own versions.
func remoteFilesOf(t *testing.T, l *Lake) []string {
	t.Helper()
	all, err := roomOf(t, l).cloud.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, one := range all {
		if strings.HasPrefix(one, l.root+"/") && !strings.HasSuffix(one, ".metadata.json") && !strings.HasSuffix(one, leaseKey) {
			files = append(files, one)
		}
	}
	return files
}

func overwrite(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
