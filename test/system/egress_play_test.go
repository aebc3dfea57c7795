package system

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/headgate-net/headgate/internal/vm"
)

// dialAgain (ADDRESS:PORT) makes one connection after the other. Of each it says when it began and when it was over, in microseconds since
// 1970, and as whom the responder saw it, or "nobody".
func dialAgain(args []string) error {
	const pause = 20 * time.Millisecond
	for {
		from := time.Now()
		seen := "nobody"
		if a, err := dialSeen(args[0]); err == nil {
			seen = a.String()
		}
		if _, err := fmt.Println(from.UnixMicro(), time.Now().UnixMicro(), seen); err != nil {
			return err
		}
		time.Sleep(pause)
	}
}

// dialSeen makes a connection and returns as whom the responder sees it.
func dialSeen(to string) (netip.Addr, error) {
	patience := 300 * time.Millisecond
	if os.Getenv(vm.GuestEnv) == "1" {
		patience *= 10 // as much slower is the machine of package vm
	}
	conn, err := net.DialTimeout("tcp", to, patience)
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return netip.Addr{}, err
	}
	line, err := bufio.NewReader(conn).ReadBytes('\n')
	if err != nil {
		return netip.Addr{}, err
	}
	var answer struct{ Seen netip.AddrPort }
	err = json.Unmarshal(line, &answer)
	return answer.Seen.Addr(), err
}

// sink (ADDRESS:PORT) says "ready", takes one connection after the other, and says of each how many bits came in a second, from the time
// when the first ones had come: what a limit lets pass at once is not counted.
func sink(args []string) error {
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		rate, err := swallow(conn)
		if err != nil {
			return err
		}
		fmt.Println(uint64(rate))
	}
}

func swallow(conn net.Conn) (bitsPerSecond float64, err error) {
	defer conn.Close()
	const settled = time.Second
	if err := conn.SetReadDeadline(time.Now().Add(settled)); err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, conn); err == nil {
		return 0, fmt.Errorf("it is over after less than %s", settled)
	}
	begin := time.Now()
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, conn)
	return float64(n) * 8 / time.Since(begin).Seconds(), err
}

// pour (ADDRESS:PORT SECONDS) sends as much as it can for some time, and then says "done".
func pour(args []string) error {
	var seconds float64
	if _, err := fmt.Sscan(args[1], &seconds); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for chunk := make([]byte, 16<<10); time.Now().Before(until); {
		if _, err := conn.Write(chunk); err != nil {
			return err
		}
	}
	fmt.Println("done")
	return nil
}
