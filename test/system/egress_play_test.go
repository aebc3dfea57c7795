package system

import (
	"bufio"
	"encoding/json"
	"fmt"
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
