package verify

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goccy/bigquery-emulator/server"
	"github.com/goccy/bigquery-emulator/types"

	"merit/transform/warehouse"
	"merit/transform/warehouse/bigquery"
	"merit/transform/warehouse/warehousetest"
)

// serveEmulator, in the environment, has this test binary be the emulator and
// nothing else: its memory grows with every statement, and a fault in it ends it.
const serveEmulator = "MERIT_SERVE_EMULATOR"

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(serveEmulator) == "" {
		// A history takes the emulator seconds, not milliseconds.
		for name, value := range map[string]string{"rapid.checks": "3", "rapid.shrinktime": "1s"} {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
		os.Exit(m.Run())
	}
	e, err := server.New(server.TempStorage)
	if err == nil {
		err = e.Load(server.StructSource(types.NewProject(project)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(e.TestServer().URL)
	go func() {
		// The analyzer inside holds a heap of its own, at most 2 GB, and gives back only
		// what Go has collected, which sees no need to.
		for range time.Tick(300 * time.Millisecond) {
			runtime.GC()
		}
	}()
	io.Copy(io.Discard, os.Stdin) // until whoever started it is gone
}

// emulator is BigQuery's API on loopback. Where it is known not to be BigQuery, the
// shim before it makes up for that, and for nothing else.
func emulator(t testing.TB) (url string, s *shim) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveEmulator+"=1")
	child.Stderr = os.Stderr
	alive, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	at, err := neturl.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	s = &shim{next: httputil.NewSingleHostReverseProxy(at), jobs: map[string]ran{}, made: map[string]string{}}
	served := httptest.NewServer(s)
	t.Cleanup(func() { served.Close(); alive.Close(); child.Wait() })
	return served.URL, s
}

func opened(t testing.TB, url string) *bigquery.Warehouse {
	t.Helper()
	w, err := bigquery.Open(context.Background(), bigquery.Settings{Project: project, Dataset: "merit", Location: "EU", Endpoint: url})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestContract(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse {
		url, _ := emulator(t)
		return opened(t, url)
	})
}
