package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/connectors/sandbox/hsserver"
	"merit/connectors/sandbox/sfserver"
)

type sandboxCommand struct {
	Port    int      `help:"Port on 127.0.0.1; 0 takes a free one." default:"8640"`
	Data    string   `help:"Folder of CSV files in Salesforce's own column names (or of the CRM sales opportunities set)." type:"existingdir" xor:"story" placeholder:"FOLDER"`
	Company string   `help:"Invented company: acme has all that people, territories and time do to numbers; short is a few plain records." enum:"acme,short" default:"acme"`
	Seed    uint64   `help:"Another seed is another story." default:"1"`
	Size    int      `help:"How many deals the invented company has, renewals and expansions of acme not counted: 3600 make 40 account executives." default:"3600"`
	Cheats  []string `help:"Flag rules that somebody of acme gives cause to, or all, or none; beside each there are honest look-alikes." default:"none" placeholder:"NAME,…"`
	Truth   string   `help:"Also write who cheated and who only looks like it, with the records' ids." type:"path" placeholder:"FILE"`
	Init    string   `help:"Also write a project folder that reads this sandbox." type:"path" placeholder:"DIR"`
	As      string   `help:"By which protocol that project reads." enum:"salesforce,hubspot" default:"salesforce"`
}

// Help is what merit sandbox --help adds.
func (sandboxCommand) Help() string {
	return `Serves one company by Salesforce's and by HubSpot's protocol on one port, until it is stopped. Its clock stands still until it is told to move:

    curl -X POST 'http://127.0.0.1:8640/sandbox/advance?days=7'
    curl -X POST 'http://127.0.0.1:8640/sandbox/hide?object=Opportunity&field=Amount'
    curl 'http://127.0.0.1:8640/sandbox/truth'`
}

// Run is called by the command line.
func (c sandboxCommand) Run(a *app) error {
	if isOther := c.Data != "" || c.Company == "short"; isOther && (c.Truth != "" || !slices.Equal(c.Cheats, []string{"none"})) {
		return fault.Errorf(fault.You, "--cheats and --truth: only people of acme cheat; leave out --data and --company short")
	}
	story, err := c.story()
	if err != nil {
		return err
	}
	if c.Truth != "" {
		if err := writeTruth(c.Truth, []*company.Company{story}); err != nil {
			return err
		}
	}
	served, err := serve(story, c.Port)
	if err != nil {
		return err
	}
	defer served.stop()
	a.printf("%s as of %s\n  endpoint       %s\n  Salesforce     client_id %s, client_secret %s\n  HubSpot        token %s\n",
		story.Name, story.Now.Format(time.RFC3339), served.endpoint, sandbox.ClientID, sandbox.ClientSecret, sandbox.Token)
	if c.Init != "" {
		if err := writeStoryProject(c.Init, story, []storySource{{c.As, served.endpoint}}); err != nil {
			return err
		}
		a.printf("  project        %s reads it as %s\n", c.Init, c.As)
	}
	a.printf("Ctrl-C stops it\n")
	select {
	case <-a.ctx.Done():
		return nil
	case err := <-served.failed:
		return err
	}
}

func (c sandboxCommand) story() (*company.Company, error) {
	if c.Data == "" && c.Company == "short" {
		return company.Acme(c.Seed, c.Size), nil
	}
	if c.Data == "" {
		cheats, err := knownCheats(c.Cheats)
		if err != nil {
			return nil, err
		}
		return company.AcmeInFull(company.Plot{Seed: c.Seed, Size: c.Size, Cheats: cheats})[0], nil
	}
	story, err := company.FromFolder(c.Data)
	if err != nil {
		return nil, fault.Error{Who: fault.You, Err: err}
	}
	return story, nil
}

// knownCheats refuses what is no rule that a story can give cause to.
func knownCheats(cheats []string) ([]string, error) {
	rules := company.Rules()
	for _, name := range cheats {
		if name != "all" && name != "none" && !slices.Contains(rules, name) {
			return nil, fault.Errorf(fault.You, "--cheats: there is no rule %q; there are all, none, %s", name, strings.Join(rules, ", "))
		}
	}
	return cheats, nil
}

// writeTruth writes who cheated in stories, and who only looks like it.
func writeTruth(path string, stories []*company.Company) error {
	rows := company.TruthCSV(stories, func(story *company.Company, isDeal bool, index int) (string, string) {
		if isDeal {
			return sfserver.ID(story, "Opportunity", index), hsserver.DealID(story, index)
		}
		object := "Task"
		if story.Activities[index].Kind == company.Meeting {
			object = "Event"
		}
		return sfserver.ID(story, object, index), hsserver.ActivityID(story, index)
	})
	return os.WriteFile(path, plainCSV(rows), 0o600)
}

// A served sandbox answers on loopback.
type served struct {
	endpoint string
	failed   chan error
	stop     func()
}

func serve(story *company.Company, port int) (*served, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fault.Errorf(fault.You, "the sandbox can't take port %d: %w", port, err)
	}
	server := &http.Server{Handler: sandbox.New(story), ReadHeaderTimeout: 10 * time.Second}
	s := &served{endpoint: "http://" + listener.Addr().String(), failed: make(chan error, 1)}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	s.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // a client that holds on is cut off
		}
	}
	return s, nil
}
