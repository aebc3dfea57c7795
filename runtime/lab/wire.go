package lab

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A control connection carries one request and one reply. Each is a frame: a big-endian length of four bytes, then JSON. The
// file descriptors of a request travel with the first byte of its frame. The client closes the connection to cancel.

// The operations of a request.
const (
	opExec  = "exec"
	opProbe = "probe"
	opOpen  = "open"
	opApply = "apply"
	opFault = "fault"
	opDown  = "down"

	opAddPod    = "addPod"
	opRemovePod = "removePod"
	opStart     = "start"
	opDoor      = "door"
	opDetach    = "detach"
)

type request struct {
	Op   string          `json:"op"`
	Body json.RawMessage `json:"body,omitempty"`
}

type reply struct {
	Error string          `json:"error,omitempty"`
	Place bool            `json:"place,omitempty"` // the error is ErrNoPlace
	Body  json.RawMessage `json:"body,omitempty"`
}

// maxFrame bounds what a peer can make us allocate.
const maxFrame = 1 << 30

func writeFrame(conn *net.UnixConn, value any, files ...*os.File) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if len(text) > maxFrame {
		return fmt.Errorf("a message of %d bytes is too long for the lab's control socket", len(text))
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(text)), uint32(len(text)))
	frame = append(frame, text...)
	sent := 0
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		if sent, _, err = conn.WriteMsgUnix(frame[:4], unix.UnixRights(fds...), nil); err != nil {
			return err
		}
	}
	_, err = conn.Write(frame[sent:])
	return err
}

// readFrame reads one frame into value and returns the file descriptors that came with it; the caller closes them.
func readFrame(conn *net.UnixConn, value any) ([]*os.File, error) {
	var head [4]byte
	oob := make([]byte, unix.CmsgSpace(3*4))
	n, oobn, _, _, err := conn.ReadMsgUnix(head[:], oob)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	files, err := receivedFiles(oob[:oobn])
	if err != nil {
		return nil, err
	}
	if err := readBody(conn, head, n, value); err != nil {
		closeAll(files)
		return nil, err
	}
	return files, nil
}

func readBody(conn *net.UnixConn, head [4]byte, have int, value any) error {
	if _, err := io.ReadFull(conn, head[have:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxFrame {
		return errors.New("a message on the lab's control socket is too long")
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(conn, text); err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}

func receivedFiles(oob []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			closeAll(files)
			return nil, err
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "received"))
		}
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
