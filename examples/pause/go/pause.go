// Package main shows how a Go consumer lets Throughline pause it, with the standard library alone.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	mrand "math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	waitMs          = 20_000
	finishingWaitMs = 1_000
	answerLimit     = 10 * time.Second
	maxPause        = 24 * time.Hour
	maxAnswerBytes  = 65_536
	maxRetry        = 30 * time.Second
)

// Pausable is what a consumer can do. For franz-go: client.PauseFetchTopics and ResumeFetchTopics; for sarama:
// session.PauseAll and ResumeAll of the ConsumerGroup.
type Pausable interface {
	Pause() error
	Resume() error
	// InFlight counts the messages that were taken and are not finished.
	InFlight() int
}

// PauseListener keeps one consumer to the console's last order, until that order's own end. The consumer never depends
// on the console: while it cannot be reached nothing changes.
type PauseListener struct {
	URL, Token, Cluster, Group, Name string
	Consumer                         Pausable

	member  string
	mu      sync.Mutex
	lease   *lease
	applied string
	problem string
}

type lease struct {
	ID          string  `json:"id"`
	RemainingMs float64 `json:"remainingMs"`
	// endsAt carries Go's monotonic reading: it does not jump.
	endsAt time.Time
}

type report struct {
	Cluster  string  `json:"cluster"`
	Group    string  `json:"group"`
	Member   string  `json:"member"`
	Name     string  `json:"name"`
	State    string  `json:"state"`
	Lease    *string `json:"lease"`
	InFlight *int    `json:"inFlight"`
	Problem  *string `json:"problem"`
	Seen     *string `json:"seen"`
	WaitMs   int     `json:"waitMs"`
}

type answer struct {
	Order      string  `json:"order"`
	Revision   string  `json:"revision"`
	Lease      *lease  `json:"lease"`
	AskAgainMs float64 `json:"askAgainMs"`
}

// NewPauseListener reads the place of the console from the environment.
func NewPauseListener(group string, consumer Pausable) *PauseListener {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	host, _ := os.Hostname()
	return &PauseListener{
		URL:      os.Getenv("THROUGHLINE_CONTROL_URL"),
		Token:    os.Getenv("THROUGHLINE_CONSUMER_TOKEN"),
		Cluster:  os.Getenv("THROUGHLINE_CLUSTER"),
		Group:    group,
		Name:     fmt.Sprintf("%s/%d", host, os.Getpid()),
		Consumer: consumer,
		member:   hex.EncodeToString(id),
	}
}

// Run listens until the context ends, then lets the consumer run and says goodbye.
func (p *PauseListener) Run(ctx context.Context) {
	go p.watchTheClock(ctx)
	client := &http.Client{
		// The token goes to the console and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the console redirects") },
	}
	var seen *string
	for failures := 0; ctx.Err() == nil; {
		said := p.report(seen)
		limit, cancel := context.WithTimeout(ctx, time.Duration(said.WaitMs)*time.Millisecond+answerLimit)
		revision, again, err := p.ask(limit, client, said)
		cancel()
		switch {
		case err == nil:
			if failures > 0 {
				log.Print("the console is back")
			}
			failures, seen = 0, &revision
			sleep(ctx, jitter(again))
		case ctx.Err() == nil:
			failures++
			if failures == 1 {
				log.Printf("the console is lost, the consumer goes on as it is: %v", err)
			}
			sleep(ctx, jitter(min(maxRetry, 500*time.Millisecond<<min(failures, 10))))
		}
	}
	p.mu.Lock()
	p.lease = nil
	p.reconcile()
	p.mu.Unlock()
	goodbye := p.report(nil)
	goodbye.State, goodbye.Lease, goodbye.WaitMs = "leaving", nil, 0
	limit, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, _, err := p.ask(limit, client, goodbye); err != nil {
		log.Printf("the console did not hear the goodbye: %v", err)
	}
}

// Reassert is to be called after a rebalance: new partitions are not paused.
func (p *PauseListener) Reassert() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lease != nil {
		p.applied = ""
		p.reconcile()
	}
}

func (p *PauseListener) ask(ctx context.Context, client *http.Client, said report) (string, time.Duration, error) {
	body, err := json.Marshal(said)
	if err != nil {
		return "", 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL+"/v1/consumer", bytes.NewReader(body))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Authorization", "Bearer "+p.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return "", 0, err
	}
	if response.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("the console answers %d: %.200s", response.StatusCode, text)
	}
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		return "", 0, err
	}
	if said.State != "leaving" {
		if err := p.heed(got); err != nil {
			return "", 0, err
		}
	}
	return got.Revision, min(time.Minute, time.Duration(got.AskAgainMs)*time.Millisecond), nil
}

// heed takes an order over; what is not one to the letter changes nothing.
func (p *PauseListener) heed(got answer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case got.Order == "run":
		p.lease = nil
	case got.Order == "pause" && got.Lease != nil && got.Lease.ID != "" && got.Lease.RemainingMs > 0:
		remaining := min(maxPause, time.Duration(got.Lease.RemainingMs)*time.Millisecond)
		got.Lease.endsAt = time.Now().Add(remaining)
		p.lease = got.Lease
	default:
		return errors.New("the console's answer is not understood")
	}
	p.reconcile()
	return nil
}

// watchTheClock ends a pause at its end, whether or not the console is there, and tries again what failed.
func (p *PauseListener) watchTheClock(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, 200*time.Millisecond)
		p.mu.Lock()
		if p.lease != nil && time.Now().After(p.lease.endsAt) {
			log.Print("the pause ended by its own clock")
			p.lease = nil
		}
		p.reconcile()
		p.mu.Unlock()
	}
}

// reconcile is called with the lock held.
func (p *PauseListener) reconcile() {
	wanted := ""
	if p.lease != nil {
		wanted = p.lease.ID
	}
	var err error
	if wanted != "" && p.applied == "" {
		err = p.Consumer.Pause()
	} else if wanted == "" && p.applied != "" {
		err = p.Consumer.Resume()
	}
	if err != nil {
		p.problem = fmt.Sprintf("%.200q", err.Error())
		return
	}
	p.applied, p.problem = wanted, ""
}

func (p *PauseListener) report(seen *string) report {
	p.mu.Lock()
	defer p.mu.Unlock()
	inFlight := p.Consumer.InFlight()
	said := report{Cluster: p.Cluster, Group: p.Group, Member: p.member, Name: p.Name, State: "running", InFlight: &inFlight, Seen: seen, WaitMs: waitMs}
	if p.applied != "" {
		applied := p.applied
		said.Lease, said.State = &applied, "paused"
		if inFlight > 0 {
			said.State, said.WaitMs = "pausing", finishingWaitMs
		}
	}
	if p.problem != "" {
		problem := p.problem
		said.Problem, said.WaitMs = &problem, finishingWaitMs
	}
	return said
}

func jitter(d time.Duration) time.Duration {
	return d/2 + time.Duration(mrand.Int64N(int64(d/2)+1))
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
