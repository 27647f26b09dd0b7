package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// printer is a consumer that prints what is asked of it.
type printer struct{}

func (printer) Pause() error  { fmt.Println("paused"); return nil }
func (printer) Resume() error { fmt.Println("resumed"); return nil }
func (printer) InFlight() int { return 0 }

// Ends with its standard input.
func main() {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	fmt.Println("listening")
	NewPauseListener(os.Args[1], printer{}).Run(ctx)
}
