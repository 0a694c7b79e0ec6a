// Package evaluator has Google's reference evaluator of GoogleSQL compute what
// DuckDB computed, model by model, from the same rows.
package evaluator

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// nodeModules, in the environment, is where npm put the evaluator: make bigquery
// says it.
const nodeModules = "MERIT_EVALUATOR"

// A service is the evaluator, in a process of its own.
type service struct {
	conn     *grpc.ClientConn
	methods  protoreflect.ServiceDescriptor
	language string // what GoogleSQL is to understand, as text
}

func start(t *testing.T) *service {
	t.Helper()
	root := os.Getenv(nodeModules)
	if root == "" {
		t.Skip(nodeModules + " is not set: `make bigquery` fetches the evaluator")
	}
	root = filepath.Join(root, "@fivetrandevelopers", "zetasql", "lib", "zetasql")
	port := freePort(t)
	run := exec.Command(filepath.Join(root, "remote_server.so"), "localhost", port)
	said, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(run.Path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			_ = lines.Text() // it must not stop for want of a reader
		}
	}()
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{filepath.Join(root, "protos")}})}
	files, err := compiler.Compile(context.Background(), "local_service.proto")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("localhost:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); run.Process.Kill(); run.Wait() })
	s := &service{conn: conn, methods: files[0].Services().ByName("ZetaSqlLocalService")}
	options, err := s.call("GetLanguageOptions", "maximum_features: true")
	if err != nil {
		t.Fatal(err)
	}
	options.Set(options.Descriptor().Fields().ByName("product_mode"), protoreflect.ValueOfEnum(2)) // external: what BigQuery is
	s.language = strings.ReplaceAll(prototext.MarshalOptions{}.Format(options), "\n", " ") + ` reserved_keywords: "QUALIFY"`
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// patience is how long one query may take.
const patience = 5 * time.Minute

func (s *service) call(method, request string) (*dynamicpb.Message, error) {
	m := s.methods.Methods().ByName(protoreflect.Name(method))
	asked, answer := dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
	if err := prototext.Unmarshal([]byte(request), asked); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	ctx, end := context.WithTimeout(context.Background(), patience)
	defer end()
	err := s.conn.Invoke(ctx, fmt.Sprintf("/%s/%s", s.methods.FullName(), method), asked, answer,
		grpc.WaitForReady(true), grpc.MaxCallRecvMsgSize(1<<30), grpc.MaxCallSendMsgSize(1<<30))
	return answer, err
}

// evaluate gives a query's rows over tables, each cell in its canonical text.
func (s *service) evaluate(sql string, tables []table) ([][]string, error) {
	var request strings.Builder
	fmt.Fprintf(&request, "sql: %q\noptions { default_timezone: \"UTC\" error_message_mode: ERROR_MESSAGE_ONE_LINE language_options { %s } }\n", sql, s.language)
	fmt.Fprintf(&request, "simple_catalog { name: \"c\" builtin_function_options { language_options { %s } }\n", s.language)
	for _, t := range tables {
		t.declare(&request)
	}
	request.WriteString("}\n")
	for _, t := range tables {
		t.content(&request)
	}
	answer, err := s.call("EvaluateQuery", request.String())
	if err != nil {
		return nil, err
	}
	content := answer.Get(answer.Descriptor().Fields().ByName("content")).Message()
	data := content.Get(content.Descriptor().Fields().ByName("table_data")).Message()
	list := data.Get(data.Descriptor().Fields().ByName("row")).List()
	rows := make([][]string, list.Len())
	for i := range rows {
		row := list.Get(i).Message()
		cells := row.Get(row.Descriptor().Fields().ByName("cell")).List()
		rows[i] = make([]string, cells.Len())
		for k := range rows[i] {
			if rows[i][k], err = textOf(cells.Get(k).Message()); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}
