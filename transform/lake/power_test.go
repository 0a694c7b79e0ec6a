package lake

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"merit/connectors"
)

// seedFlag repeats a run that failed: it printed its seed.
var seedFlag = flag.Uint64("lake.seed", 0, "seed of the fault tests; 0 takes a new one")

func seedOf(t *testing.T) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run it again with -lake.seed=%d", seed)
		}
	})
	return seed
}

// times is how often a fault is tried: the smaller count but in a soak.
func times(usual, soak int) int {
	if os.Getenv("MERIT_SOAK") != "" {
		return soak
	}
	return usual
}

// matrix prints a line of the fault matrix, which `make soak` gathers.
func matrix(number, fault string, count, violations int, must string) {
	if os.Getenv("MERIT_SOAK") != "" {
		fmt.Printf("matrix|%s|%s|%d|%d|%s\n", number, fault, count, violations, must)
	}
}

func failures(t *testing.T) int {
	if t.Failed() {
		return 1
	}
	return 0
}

// A powerRun is one process that commits six times, while the power is cut again
// and again in copies of its disk: before every change that it makes.
type powerRun struct {
	dice   *rand.Rand
	disk   *crashDisk
	root   string
	acked  int                           // commits that Append has answered
	cut    func(*crashDisk, int, string) // what to do with a copy
	each   int                           // copies at each change
	remain int                           // copies that are still to be made
}

const powerCommits = 6

// ids of deals and stages that page k brings: a different number each time.
func (p *powerRun) page(k int) connectors.Page {
	var dealLines, historyLines []string
	for i := range 1 + (k*7)%5 {
		dealLines = append(dealLines, fmt.Sprintf("k%d-%d|Deal %d of page %d|%d|%d|false", k, i, i, k, 100*k+i, 1000*k))
		historyLines = append(historyLines, fmt.Sprintf("k%d-%d|new", k, i))
	}
	return page(strconv.Itoa(k), deals(dealLines...), history(historyLines...))
}

// run commits; mend lets a mutant stand between the lake and its disk.
func (p *powerRun) run(t *testing.T, mutate func(fileSystem) fileSystem, cursorFirst bool) {
	t.Helper()
	p.disk = newCrashDisk()
	var files fileSystem = p.disk
	if mutate != nil {
		files = mutate(files)
	}
	d := newDisk(p.root)
	d.files = files
	if err := d.makeFolders(p.root); err != nil {
		t.Fatal(err)
	}
	var mutex sync.Mutex
	d.before = func(operation, path string) error {
		mutex.Lock()
		defer mutex.Unlock()
		for range p.each {
			if p.remain > 0 {
				p.remain--
				stays := []float64{0, 0.3, 0.7}[p.dice.IntN(3)]
				p.cut(p.disk.afterPowerCut(p.dice, stays), p.acked, operation+" "+path)
			}
		}
		return nil
	}
	l := openOn(d)
	for k := 1; k <= powerCommits; k++ {
		appendPage := func(pg connectors.Page) {
			if _, err := l.Dataset("crm", "deals").Append(context.Background(), dealsStream(), reads(nil, pg), nil); err != nil {
				t.Fatal(err)
			}
		}
		if cursorFirst { // the mutant that says where reading goes on before it keeps what was read
			appendPage(page(strconv.Itoa(k)))
		}
		appendPage(p.page(k))
		p.acked = k
	}
}

// whatIsWrong opens the lake that a power cut left and tells the first promise that is broken.
func (p *powerRun) whatIsWrong(after *crashDisk, acked int) error {
	d := newDisk(p.root)
	d.files = after
	l := openOn(d)
	ctx := context.Background()
	c, err := l.Dataset("crm", "deals").Head(ctx)
	if err != nil {
		return fmt.Errorf("I1: the head can't be read: %w", err)
	}
	reached, _ := strconv.Atoi(string(c.Cursor))
	if reached < acked {
		return fmt.Errorf("I3: commit %d was acknowledged, the lake is at %d", acked, reached)
	}
	v, err := l.Verify(ctx, nil)
	if err != nil {
		return fmt.Errorf("I1: %w", err)
	}
	if len(v.Damages) > 0 {
		return fmt.Errorf("I1: %s", v.Damages[0])
	}
	deals, history := 0, 0
	for k := 1; k <= reached; k++ {
		deals += int(p.page(k).Batches[0].Records.NumRows())
		history += int(p.page(k).Batches[1].Records.NumRows())
	}
	if reached == 0 {
		return nil
	}
	if got := c.Tables[0].Rows; int(got) != deals {
		return fmt.Errorf("I2: the cursor %d stands for %d deals, there are %d", reached, deals, got)
	}
	if got := c.Tables[1].Rows; int(got) < history { // what no commit of the main table names yet may be more
		return fmt.Errorf("I2: the cursor %d stands for %d stages, there are %d", reached, history, got)
	}
	return nil
}

// goesOn runs clean-up and the rest of the commits on what a power cut left.
func (p *powerRun) goesOn(after *crashDisk) error {
	d := newDisk(p.root)
	d.files = after
	if err := d.makeFolders(p.root); err != nil {
		return err
	}
	l := openOn(d)
	ctx := context.Background()
	dataset := l.Dataset("crm", "deals")
	if _, err := l.CleanUp(ctx, 0); err != nil {
		return fmt.Errorf("I4: clean-up: %w", err)
	}
	c, err := dataset.Head(ctx)
	if err != nil {
		return err
	}
	reached, _ := strconv.Atoi(string(c.Cursor))
	if err := p.whatIsWrong(after, reached); err != nil {
		return fmt.Errorf("after clean-up: %w", err)
	}
	var rest []connectors.Page
	for k := reached + 1; k <= powerCommits; k++ {
		rest = append(rest, p.page(k))
	}
	if _, err := dataset.Append(ctx, dealsStream(), reads(nil, rest...), nil); err != nil {
		return fmt.Errorf("the next run: %w", err)
	}
	if err := p.whatIsWrong(after, powerCommits); err != nil {
		return fmt.Errorf("the next run: %w", err)
	}
	if _, err := l.CleanUp(ctx, 0); err != nil {
		return err
	}
	return p.noOrphans(ctx, l, after)
}

// noOrphans checks that only files that something names are left.
func (p *powerRun) noOrphans(ctx context.Context, l *Lake, after *crashDisk) error {
	v, err := l.Verify(ctx, nil)
	if err != nil || len(v.Damages) > 0 {
		return fmt.Errorf("I4: after clean-up: %v %w", v.Damages, err)
	}
	files := 0
	_ = after.WalkDir(p.root, func(path string, entry fs.DirEntry, _ error) error {
		if !entry.IsDir() && !strings.HasSuffix(path, "version-hint.text") {
			files++
		}
		return nil
	})
	if files != v.Files {
		return fmt.Errorf("I4: %d files are left, %d are named", files, v.Files)
	}
	return nil
}

// powerRoots are where the lake of a run lies: every other one under a path that a URL
// would escape.
var powerRoots = []string{"/lake", "/Lager ä & 100% #1"}

// cutPower gives the number of cuts made and what was violated.
func cutPower(t *testing.T, cuts int, mutate func(fileSystem) fileSystem, cursorFirst bool) (made int, wrong []string) {
	t.Helper()
	seed := seedOf(t)
	dice := rand.New(rand.NewPCG(seed, 1))
	for run := 0; made < cuts; run++ {
		p := &powerRun{dice: dice, root: powerRoots[run%len(powerRoots)], each: max(1, cuts/2000), remain: cuts - made}
		p.cut = func(after *crashDisk, acked int, at string) {
			made++
			err := p.whatIsWrong(after, acked)
			if err == nil && mutate == nil && !cursorFirst && made%10 == 0 {
				err = p.goesOn(after)
			}
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("power cut %d of seed %d, before %s: %v", made, seed, at, err))
			}
		}
		p.run(t, mutate, cursorFirst)
	}
	return made, wrong
}

func TestAPowerCutLosesNothingAcknowledgedAndLeavesNothingHalf(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	made, wrong := cutPower(t, times(1000, 10_000), nil, false)
	for _, w := range wrong[:min(len(wrong), 5)] {
		t.Error(w)
	}
	matrix("F1", "power cut before a random change of the disk", made, len(wrong), "I1 to I4")
}

// A careless file system leaves out or does otherwise what the lake's disk asks for.
type careless struct {
	fileSystem
	unsynced      func(path string) bool // files that are not synced
	folders       bool                   // folders are not synced
	overwritesOne bool                   // a version is written in place, into the file that readers open
}

type unsyncedFile struct{ openFile }

func (unsyncedFile) Sync() error { return nil }

func (c careless) OpenFile(path string, flags int, mode fs.FileMode) (openFile, error) {
	file, err := c.fileSystem.OpenFile(path, flags, mode)
	if err == nil && c.unsynced != nil && c.unsynced(path) {
		return unsyncedFile{file}, nil
	}
	return file, err
}

func (c careless) SyncFolder(path string) error {
	if c.folders {
		return nil
	}
	return c.fileSystem.SyncFolder(path)
}

func (c careless) Link(from, to string) error {
	if !c.overwritesOne {
		return c.fileSystem.Link(from, to)
	}
	content, err := readAll(c.fileSystem, from)
	if err != nil {
		return err
	}
	file, err := c.fileSystem.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// TestEachMutantOfTheWriteOrderIsCaught shows that the test above can fail: each of
// these leaves out one thing that the lake does.
func TestEachMutantOfTheWriteOrderIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; make test runs it")
	}
	hasEnd := func(ends ...string) func(string) bool {
		return func(path string) bool {
			path = strings.TrimSuffix(path, partSuffix)
			for _, end := range ends {
				if strings.HasSuffix(path, end) {
					return true
				}
			}
			return false
		}
	}
	mutants := map[string]careless{
		"no fsync of data":            {unsynced: hasEnd(".parquet")},
		"no fsync of metadata":        {unsynced: hasEnd(".avro", ".json")},
		"no fsync of folders":         {folders: true},
		"overwrite instead of rename": {overwritesOne: true},
	}
	cuts := times(150, 1000)
	for name, mutant := range mutants {
		t.Run(name, func(t *testing.T) {
			made, wrong := cutPower(t, cuts, func(files fileSystem) fileSystem {
				mutant.fileSystem = files
				return mutant
			}, false)
			caught(t, name, made, wrong)
		})
	}
	t.Run("cursor before data", func(t *testing.T) {
		made, wrong := cutPower(t, cuts, nil, true)
		caught(t, "cursor before data", made, wrong)
	})
}

func caught(t *testing.T, name string, made int, wrong []string) {
	t.Helper()
	if len(wrong) == 0 {
		t.Errorf("%d power cuts showed nothing wrong", made)
	}
	matrix("F1", "mutant: "+name, made, len(wrong), "must be caught")
}
