package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// slice is how long each way runs at a time when its runs per second are counted.
const slice = 2 * time.Second

// throughput returns runs per second of each way, measured in turns; lanes are what runs at the same
// time, one per worker.
func throughput(ctx context.Context, ways [][]way, rounds int) ([][]float64, error) {
	rates := make([][]float64, len(ways))
	for round := range rounds {
		for turn := range ways {
			i := (round + turn) % len(ways)
			rate, err := runsPerSecond(ctx, ways[i])
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	return rates, nil
}

func runsPerSecond(ctx context.Context, workers []way) (float64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	var done atomic.Int64
	var wait sync.WaitGroup
	for _, w := range workers {
		wait.Go(func() {
			for round := 0; time.Since(began) < slice && ctx.Err() == nil; round++ {
				if err := w.trivial(ctx, round); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wait.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), context.Cause(ctx)
}
