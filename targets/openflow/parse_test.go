package openflow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestPrintedFlowsReadBack: binding, printing, parsing and unbinding gives the flow that was lowered.
func TestPrintedFlowsReadBack(t *testing.T) {
	count := 0
	for seed := range uint64(40) {
		for _, p := range placed(irtest.Program(irtest.Rand(seed), irtest.Small())) {
			binding := openflow.SomeBinding(p)
			names := binding.Names()
			for _, f := range openflow.Lower(p, &diag.Report{}).Flows {
				bound, missing := binding.Flow(f)
				require.Empty(t, missing)
				read, err := openflow.Parse(bound.String())
				require.NoError(t, err)
				require.Equal(t, bound.String(), read.String())
				back := names.Flow(read)
				back.Origins = f.Origins
				require.Equal(t, f.String(), back.String())
				require.Zero(t, f.Compare(&back))
				count++
			}
		}
	}
	require.Greater(t, count, 5000)
}

func TestParseRefusesWhatIsNotOurs(t *testing.T) {
	for _, line := range []string{
		"cookie=0x1, table=0, priority=1,ip",
		"cookie=0x1, table=0, priority=1,vlan_tci=0x1000 actions=drop",
		"cookie=0x1, table=0, priority=1,frobnicate actions=drop",
		"cookie=0x1, table=0, priority=1,ip actions=NORMAL",
		"cookie=0x1, table=0, priority=1,ip actions=ct(commit,nat(src=1.1.1.1))",
		"cookie=0x1, table=0, priority=1,ip,nw_src=fd00::1 actions=drop",
		"cookie=0x1, table=0, priority=1,ct_state=est actions=drop",
		"cookie=0x1, table=0, priority=1,dl_src=00:00 actions=drop",
		"cookie=0x1, table=0, hard_timeout=9, priority=1,ip actions=drop",
		"cookie=0x1, table=0, priority=1,ip actions=resubmit(1,2)",
		"cookie=0x1, table=0, priority=1,ip actions=resubmit(,21,ct)",
		"cookie=0x1, table=0, priority=1,ip actions=learn(table=21,NXM_OF_IP_SRC[])",
		"cookie=0x1, table=0, priority=1,ip actions=learn(load:0x1->NXM_NX_REG3[])",
		"cookie=0x1, table=0, priority=1,ip actions=learn(table=21,limit=7,load:0x1->NXM_NX_REG3[])",
		"cookie=0x1, table=0, priority=1,ip actions=learn(table=21,load:NXM_NX_REG3[]->NXM_NX_REG3[])",
		"cookie=0x1, table=0, priority=1,ip actions=learn(table=21,load:0x1->NXM_NX_REG3[],load:0x1->NXM_NX_REG2[])",
	} {
		_, err := openflow.Parse(line)
		require.Error(t, err, line)
	}
}

func TestGroupsReadBack(t *testing.T) {
	g := openflow.Group{ID: openflow.GroupMarker | 7, Buckets: []openflow.Bucket{
		{Weight: 3, Actions: []openflow.Action{{Op: openflow.SetField, Field: openflow.Reg1, Value: openflow.Uint(5)}, {Op: openflow.OutputReg, Field: openflow.Reg1}}},
		{Weight: 1, Actions: []openflow.Action{{Op: openflow.Hairpin}}},
	}}
	require.Equal(t, "group_id=1212612615,type=select,selection_method=dp_hash,bucket=bucket_id:0,weight:3,actions=set_field:0x5->reg1,output:NXM_NX_REG1[],"+
		"bucket=bucket_id:1,actions=IN_PORT", g.String())
	read, err := openflow.ParseGroup(" " + g.String())
	require.NoError(t, err)
	require.Equal(t, g, read)
	require.True(t, read.IsOurs())
	g.By = openflow.BySwitch
	read, err = openflow.ParseGroup(g.String())
	require.NoError(t, err)
	require.Equal(t, g, read)
	require.Contains(t, g.String(), ",selection_method=hash,fields(ip_src,ipv6_src,tcp_src,udp_src),bucket=")
	for _, line := range []string{"group_id=1212612615,type=all,bucket=bucket_id:0,actions=IN_PORT",
		"group_id=7,type=select,selection_method=hash,bucket=bucket_id:0,actions=IN_PORT", "group_id=7,type=select,bucket=bucket_id:0,actions=IN_PORT",
		"group_id=7,type=select,selection_method=dp_hash,fields(ip_src),bucket=bucket_id:0,actions=IN_PORT", "group_id=7,type=select,selection_method=dp_hash,bucket=bucket_id:1,actions=IN_PORT",
		"group_id=7,type=select,selection_method=dp_hash,bucket=bucket_id:0,weight:x,actions=IN_PORT", "group_id=7,type=select,selection_method=dp_hash,bucket=bucket_id:0,actions=NORMAL",
		"group_id=7,type=select,selection_method=dp_hash,bucket=bucket_id:0,actions=conjunction(1,1/2)", "x"} {
		_, err := openflow.ParseGroup(line)
		require.Error(t, err, line)
	}
	foreign, _ := openflow.ParseGroup("group_id=1212612615,type=all,bucket=bucket_id:0,actions=IN_PORT")
	require.Equal(t, g.ID, foreign.ID)
}

// FuzzParse: whatever the text, parsing does not panic, and what it reads prints to something that reads back as the same.
func FuzzParse(f *testing.F) {
	f.Add("cookie=0x4847000000000034, table=52, priority=12,tcp6,tp_dst=0x50/0xfffe actions=conjunction(3088037845,3/3)")
	f.Add(" table=10, priority=100,arp,reg0=0x1,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:2->arp_op,IN_PORT")
	f.Add("priority=5,ct_state=-new+est+trk,ip actions=ct(table=20,zone=18503)")
	f.Add("table=60,sctp actions=learn(table=21,idle_timeout=3,eth_type=0x800,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],load:0x1->NXM_NX_REG3[]),resubmit(,21)")
	f.Add("ipv6,ipv6_dst=fd00::/64 actions=set_field:10.1.1.1->tun_dst,dec_ttl,output:NXM_NX_REG1[]")
	f.Fuzz(func(t *testing.T, text string) {
		flow, err := openflow.Parse(text)
		if err != nil {
			return
		}
		again, err := openflow.Parse(flow.String())
		require.NoError(t, err, "%q", flow.String())
		require.Equal(t, flow.String(), again.String())
	})
}
