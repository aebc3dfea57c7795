package openflow

// How a packet is written down: before it does what it decides, the flow of a rule with Logging hands the first LogBytes of the
// packet to the agent, marked with LogMark; whose rule it is, its cookie tells. The meter LogMeter bounds how many are handed over, so
// that a flood of packets becomes no flood of records; the runtime puts it there. While no agent is connected to the bridge, nothing
// is written down, and the packet fares as ever.

// LogMark is what a flow says of a packet that it hands over to be written down.
func LogMark() []byte { return []byte{'H', 'G', 2} }

// LogBytes is how much of a packet is of use, Ethernet header included; switches may hand over more.
const LogBytes = 128

// LogMeter is the meter before the agent, and LogsPerSecond what it lets pass: bursts of as many as a second allows.
const (
	LogMeter      = uint32(Zone)
	LogsPerSecond = 1000
)
