package system

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// play runs one of the programs that the tests have in labs, if the process was started as one.
func play() {
	const word = "play"
	if len(os.Args) < 3 || os.Args[1] != word {
		return
	}
	program := map[string]func(args []string) error{"serve": serveNames, "ask": askNames, "lookup": lookupName, "hold": holdConnection, "fire": fireAt, "agent": enforceHere, "stream": streamTo, "talk": talkTo,
		"dials": dialAgain, "alternate": alternate, "swapper": swapper, "swap": swap}[os.Args[2]]
	if err := program(os.Args[3:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// played is the command line of one of those programs.
func played(args ...string) []string {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return append([]string{self, "play"}, args...)
}

// indexed is the address that belongs to an index, of the world outside of the lab's cluster.
func indexed(index int, is4 bool) netip.Addr {
	if is4 {
		return netip.AddrFrom4([4]byte{198, 18, byte(index >> 8), byte(index)})
	}
	return netip.MustParseAddr(fmt.Sprintf("2001:db8:18::%x", index))
}

// zone is a server's data: what a name says. "KIND-TTL-INDEX.many.example" has the address of INDEX; so has "exact.example", with the
// index and the TTL below.
const (
	zone       = "many.example"
	exactIndex = 1
	exactTTL   = 2
)

// serveNames (NAME=ADDRESS...) is a server of DNS on all addresses of its machine, over UDP and TCP. It prints a line when it is ready.
func serveNames(args []string) error {
	static := map[string]netip.Addr{}
	for _, arg := range args {
		name, text, _ := strings.Cut(arg, "=")
		a, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		static[dns.Fqdn(name)] = a
	}
	handler := func(w dns.ResponseWriter, query *dns.Msg) { answerNames(w, query, static) }
	var started sync.WaitGroup
	failed := make(chan error)
	for _, network := range []string{"udp", "tcp"} {
		started.Add(1)
		s := &dns.Server{Addr: ":53", Net: network, Handler: dns.HandlerFunc(handler), NotifyStartedFunc: started.Done}
		go func() { failed <- s.ListenAndServe() }()
	}
	go func() {
		started.Wait()
		fmt.Println("ready")
	}()
	return <-failed
}

// answerNames answers by what the name says: of kind "alias" through two aliases, "tcp" only over TCP. Static names have one address.
func answerNames(w dns.ResponseWriter, query *dns.Msg, static map[string]netip.Addr) {
	q := query.Question[0]
	m := new(dns.Msg).SetReply(query)
	m.Compress = true
	kind, ttl, index := "plain", exactTTL, exactIndex
	if a, ok := static[q.Name]; ok {
		m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 600}, A: a.AsSlice()})
		_ = w.WriteMsg(m)
		return
	}
	if q.Name != "exact.example." {
		words := strings.Split(strings.SplitN(q.Name, ".", 2)[0], "-")
		var err1, err2 error
		if len(words) == 3 {
			kind = words[0]
			ttl, err1 = strconv.Atoi(words[1])
			index, err2 = strconv.Atoi(words[2])
		}
		if len(words) != 3 || err1 != nil || err2 != nil {
			m.Rcode = dns.RcodeNameError
			_ = w.WriteMsg(m)
			return
		}
	}
	header := func(name string, kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: uint32(ttl)}
	}
	owner := q.Name
	if kind == "alias" {
		for _, next := range []string{"one.cdn.example.", fmt.Sprintf("node%d.cdn.example.", index)} {
			m.Answer = append(m.Answer, &dns.CNAME{Hdr: header(owner, dns.TypeCNAME), Target: next})
			owner = next
		}
	}
	switch _, overUDP := w.RemoteAddr().(*net.UDPAddr); {
	case kind == "tcp" && overUDP:
		m.Truncated = true
	case q.Qtype == dns.TypeA:
		m.Answer = append(m.Answer, &dns.A{Hdr: header(owner, dns.TypeA), A: indexed(index, true).AsSlice()})
	case q.Qtype == dns.TypeAAAA:
		m.Answer = append(m.Answer, &dns.AAAA{Hdr: header(owner, dns.TypeAAAA), AAAA: indexed(index, false).AsSlice()})
	}
	_ = w.WriteMsg(m)
}

// lookup asks a server for an address, over UDP and then, if the answer says so, over TCP, or over TCP alone.
func lookup(server netip.Addr, network, name string) (netip.Addr, error) {
	kind := dns.TypeA
	if server.Is6() {
		kind = dns.TypeAAAA
	}
	query := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	client := dns.Client{Net: network, Timeout: 10 * time.Second}
	at := netip.AddrPortFrom(server, 53).String()
	m, _, err := client.Exchange(query, at)
	if err == nil && m.Truncated {
		client.Net = "tcp"
		m, _, err = client.Exchange(query, at)
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("lookup of %s: %w", name, err)
	}
	for _, rr := range m.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			a, _ := netip.AddrFromSlice(rr.A.To4())
			return a, nil
		case *dns.AAAA:
			a, _ := netip.AddrFromSlice(rr.AAAA)
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("lookup of %s: no address in %s", name, dns.RcodeToString[m.Rcode])
}

// lookupName (SERVER NAME) asks for one name.
func lookupName(args []string) error {
	server, err := netip.ParseAddr(args[0])
	if err != nil {
		return err
	}
	a, err := lookup(server, "udp", args[1])
	fmt.Println(a)
	return err
}

// askNames (SERVER udp|tcp KIND TTL FROM COUNT PORT AT-ONCE) looks up names and uses each answer at once, with a single datagram or
// a connection that must not need a second try: nothing is sent again, so whatever is dropped is a failure.
func askNames(args []string) error {
	server, err := netip.ParseAddr(args[0])
	if err != nil {
		return err
	}
	numbers := make([]int, 0, 4)
	for _, text := range []string{args[4], args[5], args[6], args[7]} {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		numbers = append(numbers, n)
	}
	from, count, port, atOnce := numbers[0], numbers[1], numbers[2], numbers[3]
	failures := make(chan error, count)
	indices := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range indices {
				name := fmt.Sprintf("%s-%s-%d.%s", args[2], args[3], i, zone)
				if err := useName(server, args[1], name, port, i%2 == 0); err != nil {
					failures <- fmt.Errorf("%s: %w", name, err)
				}
			}
		})
	}
	for i := from; i < from+count; i++ {
		indices <- i
	}
	close(indices)
	workers.Wait()
	close(failures)
	var all []error
	for err := range failures {
		all = append(all, err)
	}
	fmt.Printf("%d asked, %d failed\n", count, len(all))
	return errors.Join(all...)
}

func useName(server netip.Addr, network, name string, port int, byUDP bool) error {
	a, err := lookup(server, network, name)
	if err != nil {
		return err
	}
	to := netip.AddrPortFrom(a, uint16(port)).String()
	if byUDP {
		return oneDatagram(to)
	}
	conn, err := net.DialTimeout("tcp", to, 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	var info *unix.TCPInfo
	var infoErr error
	err = raw.Control(func(fd uintptr) { info, infoErr = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err := errors.Join(err, infoErr); err != nil {
		return err
	}
	if info.Total_retrans > 0 {
		return fmt.Errorf("%s: it took %d more tries to connect", to, info.Total_retrans)
	}
	return nil
}

func oneDatagram(to string) error {
	conn, err := net.Dial("udp", to)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 100))
	return err
}

// holdConnection (ADDRESS:PORT) connects, says so, and then sends each line that it reads and prints what comes back.
func holdConnection(args []string) error {
	conn, err := net.DialTimeout("tcp", args[0], 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	if _, err := answers.ReadString('\n'); err != nil { // the greeting
		return err
	}
	fmt.Println("connected")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if _, err := io.WriteString(conn, lines.Text()+"\n"); err != nil {
			return err
		}
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return err
		}
		line, err := answers.ReadString('\n')
		if err != nil {
			return err
		}
		fmt.Print(line)
	}
	return nil
}

// fireAt (ADDRESS COUNT PROTO/PORT/FIRST...) makes connections from consecutive source ports, COUNT to each PORT, each with one packet
// that nothing repeats, and says of each what comes back. Silence is what lasts for long, but only once: they begin one soon after the
// other, since a switch in user space has small buffers.
func fireAt(args []string) error {
	count, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	ends := make([]string, count*len(args[2:]))
	var group sync.WaitGroup
	for i := range ends {
		words := strings.Split(args[2+i/count], "/")
		first, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		group.Go(func() {
			ends[i] = words[0] + "/" + words[1] + " " + fireOnce(words[0], net.JoinHostPort(args[0], words[1]), first+i%count)
		})
		time.Sleep(5 * time.Millisecond)
	}
	group.Wait()
	fmt.Println(strings.Join(ends, "\n"))
	return nil
}

func fireOnce(network, to string, source int) string {
	const patience = 5 * time.Second
	dialer := net.Dialer{Timeout: patience, LocalAddr: &net.UDPAddr{Port: source}}
	if network == "tcp" {
		dialer.LocalAddr = &net.TCPAddr{Port: source}
	}
	conn, err := dialer.Dial(network, to)
	if err == nil {
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		if network == "udp" {
			_, _ = conn.Write([]byte("hello"))
		}
		_, err = conn.Read(make([]byte, 100))
	}
	switch timeout := net.Error(nil); {
	case err == nil:
		return "answer"
	case errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.EACCES):
		return "refused"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "silence"
	}
	return err.Error()
}
