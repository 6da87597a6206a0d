// A job queue whose acknowledged jobs survive kill -9: a process adds jobs until it is killed, and the next one finds
// every job whose adding had returned. A job is moved to a list of its own while it is worked on, so that the death of
// its worker does not lose it either.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"os/exec"

	redislite "github.com/redislite/redislite/bindings/go"
)

func main() {
	if len(os.Args) > 1 {
		produce()
	}
	acknowledged := produceAndKill()

	db, err := redislite.Open("jobs")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	done := map[string]bool{}
	for {
		job, err := db.Do("LMOVE", "waiting", "working", "LEFT", "RIGHT")
		if err != nil {
			log.Fatal(err)
		}
		if job.Kind == redislite.Nil {
			break
		}
		done[job.Text()] = true // the work
		if _, err := db.Do("LREM", "working", 1, job.Bytes); err != nil {
			log.Fatal(err)
		}
	}
	for _, job := range acknowledged {
		if !done[job] {
			log.Fatalf("%s was acknowledged and is lost", job)
		}
	}
	fmt.Println("no acknowledged job is lost")
}

// produce adds jobs for ever, and says each that is on the device.
func produce() {
	db, err := redislite.Open("jobs")
	if err != nil {
		log.Fatal(err)
	}
	for i := 0; ; i++ {
		job := fmt.Sprintf("job %d", i)
		if _, err := db.Do("RPUSH", "waiting", job); err != nil {
			log.Fatal(err)
		}
		fmt.Println(job)
	}
}

// produceAndKill runs produce in another process, and kills it without warning when it has said enough.
func produceAndKill() (acknowledged []string) {
	child := exec.Command(os.Args[0], "produce")
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := child.Start(); err != nil {
		log.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == 50 {
			if err := child.Process.Kill(); err != nil {
				log.Fatal(err)
			}
		}
	}
	child.Wait()
	return acknowledged
}
