package wire

import (
	"encoding/binary"
	"fmt"
)

// Error is what an ERROR message says about the message with the XID.
type Error struct {
	XID  uint32
	Name string // as Open vSwitch calls it: "OFPBAC_BAD_OUT_GROUP"; or the numbers of one that headgate cannot cause
}

// Error tells the name.
func (e *Error) Error() string { return e.Name }

// ParseError reads an ERROR.
func ParseError(msg []byte) (*Error, error) {
	if len(msg) < HeaderLen+4 {
		return nil, fmt.Errorf("%d bytes are no error message", len(msg))
	}
	e := &Error{XID: binary.BigEndian.Uint32(msg[4:])}
	kind, code := binary.BigEndian.Uint16(msg[8:]), binary.BigEndian.Uint16(msg[10:])
	names := errorNames(kind)
	switch {
	case kind == experimenterError && len(msg) >= HeaderLen+8 && binary.BigEndian.Uint32(msg[12:]) == vendor:
		e.Name = ownErrorName(code)
	case int(code) < len(names):
		e.Name = names[code]
	}
	if e.Name == "" {
		e.Name = fmt.Sprintf("error type %d, code %d", kind, code)
	}
	return e, nil
}

const experimenterError = 0xffff

// errorNames lists the names of a type's codes, for the types of what can be wrong with the messages that headgate sends. Where the
// specification and Open vSwitch differ, it is the latter's name.
//
//headgate:table
func errorNames(kind uint16) []string {
	switch kind {
	case 0:
		return []string{
			"OFPHFC_INCOMPATIBLE", "OFPHFC_EPERM",
		}
	case 1:
		return []string{
			"OFPBRC_BAD_VERSION", "OFPBRC_BAD_TYPE", "OFPBRC_BAD_STAT", "OFPBRC_BAD_VENDOR", "OFPBRC_BAD_SUBTYPE",
			"OFPBRC_EPERM", "OFPBRC_BAD_LEN", "OFPBRC_BUFFER_EMPTY", "OFPBRC_BUFFER_UNKNOWN", "OFPBRC_BAD_TABLE_ID",
			"OFPBRC_IS_SECONDARY", "OFPBRC_BAD_PORT", "OFPBRC_BAD_PACKET", "OFPBRC_MULTIPART_BUFFER_OVERFLOW",
			"OFPBRC_MULTIPART_REQUEST_TIMEOUT", "OFPBRC_MULTIPART_REPLY_TIMEOUT", "OFPBRC_MULTIPART_BAD_SCHED",
			"OFPBRC_PIPELINE_FIELDS_ONLY", "OFPBRC_UNKNOWN",
		}
	case 2:
		return []string{
			"OFPBAC_BAD_TYPE", "OFPBAC_BAD_LEN", "OFPBAC_BAD_VENDOR", "OFPBAC_BAD_VENDOR_TYPE", "OFPBAC_BAD_OUT_PORT",
			"OFPBAC_BAD_ARGUMENT", "OFPBAC_EPERM", "OFPBAC_TOO_MANY", "OFPBAC_BAD_QUEUE", "OFPBAC_BAD_OUT_GROUP",
			"OFPBAC_MATCH_INCONSISTENT", "OFPBAC_UNSUPPORTED_ORDER", "OFPBAC_BAD_TAG", "OFPBAC_BAD_SET_TYPE",
			"OFPBAC_BAD_SET_LEN", "OFPBAC_BAD_SET_ARGUMENT", "OFPBAC_BAD_SET_MASK", "OFPBAC_BAD_METER",
		}
	case 3:
		return []string{
			"OFPBIC_UNKNOWN_INST", "OFPBIC_UNSUP_INST", "OFPBIC_BAD_TABLE_ID", "OFPBIC_UNSUP_METADATA",
			"OFPBIC_UNSUP_METADATA_MASK", "OFPBIC_BAD_EXPERIMENTER", "OFPBIC_BAD_EXP_TYPE", "OFPBIC_BAD_LEN",
			"OFPBIC_EPERM", "OFPBIC_DUP_INST",
		}
	case 4:
		return []string{
			"OFPBMC_BAD_TYPE", "OFPBMC_BAD_LEN", "OFPBMC_BAD_TAG", "OFPBMC_BAD_DL_ADDR_MASK", "OFPBMC_BAD_NW_ADDR_MASK",
			"OFPBMC_BAD_WILDCARDS", "OFPBMC_BAD_FIELD", "OFPBMC_BAD_VALUE", "OFPBMC_BAD_MASK", "OFPBMC_BAD_PREREQ",
			"OFPBMC_DUP_FIELD", "OFPBMC_EPERM",
		}
	case 5:
		return []string{
			"OFPFMFC_UNKNOWN", "OFPFMFC_TABLE_FULL", "OFPFMFC_BAD_TABLE_ID", "OFPFMFC_OVERLAP", "OFPFMFC_EPERM",
			"OFPFMFC_BAD_TIMEOUT", "OFPFMFC_BAD_COMMAND", "OFPFMFC_BAD_FLAGS", "OFPFMFC_CANT_SYNC",
			"OFPFMFC_BAD_PRIORITY", "OFPFMFC_IS_SYNC",
		}
	case 6:
		return []string{
			"OFPGMFC_GROUP_EXISTS", "OFPGMFC_INVALID_GROUP", "OFPGMFC_WEIGHT_UNSUPPORTED", "OFPGMFC_OUT_OF_GROUPS",
			"OFPGMFC_OUT_OF_BUCKETS", "OFPGMFC_CHAINING_UNSUPPORTED", "OFPGMFC_WATCH_UNSUPPORTED", "OFPGMFC_LOOP",
			"OFPGMFC_UNKNOWN_GROUP", "OFPGMFC_CHAINED_GROUP", "OFPGMFC_BAD_TYPE", "OFPGMFC_BAD_COMMAND",
			"OFPGMFC_BAD_BUCKET", "OFPGMFC_BAD_WATCH", "OFPGMFC_EPERM", "OFPGMFC_UNKNOWN_BUCKET", "OFPGMFC_BUCKET_EXISTS",
		}
	case 12:
		return []string{
			"OFPMMFC_UNKNOWN", "OFPMMFC_METER_EXISTS", "OFPMMFC_INVALID_METER", "OFPMMFC_UNKNOWN_METER", "OFPMMFC_BAD_COMMAND",
			"OFPMMFC_BAD_FLAGS", "OFPMMFC_BAD_RATE", "OFPMMFC_BAD_BURST", "OFPMMFC_BAD_BAND", "OFPMMFC_BAD_BAND_VALUE",
			"OFPMMFC_OUT_OF_METERS", "OFPMMFC_OUT_OF_BANDS",
		}
	case 17:
		return []string{
			"OFPBFC_UNKNOWN", "OFPBFC_EPERM", "OFPBFC_BAD_ID", "OFPBFC_BUNDLE_EXIST", "OFPBFC_BUNDLE_CLOSED",
			"OFPBFC_OUT_OF_BUNDLES", "OFPBFC_BAD_TYPE", "OFPBFC_BAD_FLAGS", "OFPBFC_MSG_BAD_LEN", "OFPBFC_MSG_BAD_XID",
			"OFPBFC_MSG_UNSUP", "OFPBFC_MSG_CONFLICT", "OFPBFC_MSG_TOO_MANY", "OFPBFC_MSG_FAILED", "OFPBFC_TIMEOUT",
			"OFPBFC_BUNDLE_IN_PROGRESS", "OFPBFC_SCHED_NOT_SUPPORTED", "OFPBFC_SCHED_FUTURE", "OFPBFC_SCHED_PAST",
		}
	}
	return nil
}

// ownErrorName is the name of a code of Open vSwitch's own.
func ownErrorName(code uint16) string {
	switch code {
	case 2:
		return "NXBRC_NXM_INVALID"
	case 3:
		return "NXBRC_NXM_BAD_TYPE"
	case 4:
		return "NXBRC_MUST_BE_ZERO"
	case 5:
		return "NXBRC_BAD_REASON"
	case 9:
		return "NXBRC_FM_BAD_EVENT"
	case 10:
		return "NXBRC_UNENCODABLE_ERROR"
	case 11:
		return "NXBAC_MUST_BE_ZERO"
	case 12:
		return "NXFMFC_HARDWARE"
	case 13:
		return "NXFMFC_BAD_TABLE_ID"
	case 15:
		return "NXBAC_BAD_CONJUNCTION"
	case 37:
		return "NXFMFC_INVALID_TLV_FIELD"
	case 39:
		return "NXBAC_BAD_HEADER_TYPE"
	case 40:
		return "NXBAC_UNKNOWN_ED_PROP"
	case 41:
		return "NXBAC_BAD_ED_PROP"
	case 42:
		return "NXBAC_CT_DATAPATH_SUPPORT"
	case 43:
		return "NXBMC_CT_DATAPATH_SUPPORT"
	}
	return ""
}
