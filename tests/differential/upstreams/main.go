// A Go server of models that models nothing: net/http, its ServeMux and encoding/json as they come.
// It says on standard output what it took each request for; lines of standard input are written back.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"regexp"
	"sort"
	"strings"
	"sync"
)

type turn struct {
	Role    string `json:"role"`
	Content any    `json:"content"`
}

type request struct {
	Model        string          `json:"model"`
	Messages     []turn          `json:"messages"`
	System       any             `json:"system"`
	Prompt       any             `json:"prompt"`
	Input        json.RawMessage `json:"input"`
	Instructions any             `json:"instructions"`
	MaxTokens    *float64        `json:"max_tokens"`
	MaxCompleted *float64        `json:"max_completion_tokens"`
	MaxOutput    *float64        `json:"max_output_tokens"`
	Stream       bool            `json:"stream"`
}

type call struct {
	Operation string   `json:"operation"`
	Key       *string  `json:"key"`
	Plan      *string  `json:"plan"`
	Model     string   `json:"model"`
	Texts     []string `json:"texts"`
	MaxTokens *float64 `json:"max_tokens"`
	Stream    bool     `json:"stream"`
}

var operations = map[string]string{
	"/v1/chat/completions":      "chat",
	"/v1/completions":           "completions",
	"/v1/responses":             "responses",
	"/v1/embeddings":            "embeddings",
	"/v1/messages":              "messages",
	"/v1/messages/count_tokens": "count_tokens",
}

var (
	keys   = map[string]bool{"sk-alpha-0001": true, "sk-beta-0002": true, "sk-gamma-0003": true}
	scheme = regexp.MustCompile(`(?i)^(?:(?:bearer|token|basic)[ \t]+)+`)
	output sync.Mutex
)

func say(value any) {
	line, _ := json.Marshal(value)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

// texts lists the texts of a content or prompt: a string, or a list of strings, parts or turns.
func texts(content any) []string {
	switch value := content.(type) {
	case string:
		return []string{value}
	case []any:
		found := []string{}
		for _, part := range value {
			if text, ok := part.(string); ok {
				found = append(found, text)
			} else if object, ok := part.(map[string]any); ok {
				if text, ok := object["text"].(string); ok {
					found = append(found, text)
				}
			}
		}
		return found
	}
	return nil
}

func (asked *request) texts(operation string) []string {
	found := []string{}
	switch operation {
	case "completions":
		return texts(asked.Prompt)
	case "embeddings", "responses":
		var plain any
		_ = json.Unmarshal(asked.Input, &plain)
		if operation == "responses" {
			found = texts(asked.Instructions)
			var turns []turn
			if _, is := plain.(string); !is && json.Unmarshal(asked.Input, &turns) == nil {
				for _, one := range turns {
					found = append(found, texts(one.Content)...)
				}
				return found
			}
		}
		return append(found, texts(plain)...)
	case "messages", "count_tokens":
		found = texts(asked.System)
	}
	for _, one := range asked.Messages {
		found = append(found, texts(one.Content)...)
	}
	return found
}

func key(header http.Header) (*string, bool) {
	for _, name := range []string{"Authorization", "X-Api-Key", "Api-Key"} {
		if value := strings.TrimSpace(header.Get(name)); value != "" {
			value = scheme.ReplaceAllString(value, "")
			return &value, keys[value]
		}
	}
	return nil, true
}

func take(r *http.Request, body []byte) *call {
	operation := operations[path.Clean(r.URL.Path)]
	if r.Method != "POST" || operation == "" {
		return nil
	}
	var asked request
	if json.NewDecoder(bytes.NewReader(body)).Decode(&asked) != nil || asked.Model == "" {
		return nil
	}
	found := []string{}
	for _, text := range asked.texts(operation) {
		if text != "" {
			found = append(found, text)
		}
	}
	who, known := key(r.Header)
	if len(found) == 0 || !known {
		return nil
	}
	taken := call{Operation: operation, Key: who, Model: asked.Model, Texts: found, Stream: asked.Stream}
	if plan := strings.TrimSpace(r.Header.Get("X-Plan")); plan != "" {
		taken.Plan = &plan
	}
	switch operation {
	case "embeddings", "count_tokens":
		taken.Stream = false
	case "responses":
		taken.MaxTokens = asked.MaxOutput
	default:
		taken.MaxTokens = asked.MaxTokens
		if operation == "chat" && asked.MaxCompleted != nil {
			taken.MaxTokens = asked.MaxCompleted
		}
	}
	return &taken
}

func handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "broken", 400)
		return
	}
	headers := [][2]string{{"Host", r.Host}}
	for name, values := range r.Header {
		for _, value := range values {
			headers = append(headers, [2]string{name, value})
		}
	}
	sort.SliceStable(headers, func(a, b int) bool { return headers[a][0] < headers[b][0] })
	taken := take(r, body)
	say(map[string]any{
		"event": "request", "method": r.Method, "target": r.RequestURI,
		"headers": headers, "body": body, "call": taken,
	})
	w.Header().Set("X-Upstream", "1")
	if taken == nil {
		w.WriteHeader(404)
	}
	fmt.Fprintln(w, "ok")
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			say(map[string]any{"event": "echo", "text": lines.Text()})
		}
		os.Exit(0)
	}()
	say(map[string]any{"event": "listening", "port": listener.Addr().(*net.TCPAddr).Port})
	panic(http.Serve(listener, http.HandlerFunc(handle)))
}
