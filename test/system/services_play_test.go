package system

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// greeting is the line by which the lab's responders say who they are.
type greeting struct{ Responder string }

func (g *greeting) read(line []byte) error {
	if err := json.Unmarshal(line, g); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	return nil
}

// streamTo (ADDRESS:PORT) sends numbers over a connection without a pause and wants each to come back. It says who answers first, and
// repeats a line that it reads when a number that it has sent since then is back.
func streamTo(args []string) error {
	conn, err := net.DialTimeout("tcp", args[0], 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	line, err := answers.ReadBytes('\n')
	if err != nil {
		return err
	}
	var from greeting
	if err := from.read(line); err != nil {
		return err
	}
	fmt.Println(from.Responder)
	asked := make(chan string)
	go func() {
		defer close(asked)
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			asked <- lines.Text()
		}
	}()
	for n, answer := 0, ""; ; n++ {
		if answer != "" {
			fmt.Println(answer)
		}
		select {
		case text, open := <-asked:
			if !open {
				return nil
			}
			answer = text
		default:
			answer = ""
		}
		if err := oneNumber(conn, answers, n); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func oneNumber(conn net.Conn, answers *bufio.Reader, n int) error {
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	sent := fmt.Sprintln(n)
	if _, err := io.WriteString(conn, sent); err != nil {
		return err
	}
	got, err := answers.ReadString('\n')
	if err == nil && got != sent {
		err = fmt.Errorf("sent %q, got %q", sent, got)
	}
	return err
}

// talkTo (ADDRESS:PORT) sends datagrams from one port without a pause. Whenever somebody else answers than before, it says who, or
// "refused".
func talkTo(args []string) error {
	conn, err := net.Dial("udp", args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	last := ""
	for n := 0; ; n++ {
		who, err := oneQuestion(conn, fmt.Sprintf("question %d.", n))
		if err != nil {
			return err
		}
		if who != "" && who != last {
			last = who
			fmt.Println(who)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// oneQuestion returns who answers a datagram, "refused", or "" if nobody does. Answers to earlier ones may come still.
func oneQuestion(conn net.Conn, question string) (string, error) {
	_, err := conn.Write([]byte(question))
	if err == nil {
		err = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	}
	buffer := make([]byte, 2048)
	for err == nil {
		var n int
		if n, err = conn.Read(buffer); err != nil {
			break
		}
		line, rest, _ := strings.Cut(string(buffer[:n]), "\n")
		if rest == question {
			var from greeting
			err := from.read([]byte(line))
			return from.Responder, err
		}
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused", nil
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.EPERM): // what a node refuses itself cannot be sent; then it is told
		return "", nil
	}
	return "", err
}
