package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/headgate-net/headgate/internal/diag"
)

// podText is a pod the way kubectl prints it; n makes it unlike the others.
func podText(n int) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/restartedAt: "2025-11-05T10:00:00Z"
  creationTimestamp: "2025-11-05T10:00:01Z"
  generateName: web-6d4cf56db6-
  labels:
    app: web-%[3]d
    pod-template-hash: 6d4cf56db6
    tier: frontend
  name: web-6d4cf56db6-%[1]d
  namespace: team-%[2]d
  ownerReferences:
  - apiVersion: apps/v1
    blockOwnerDeletion: true
    controller: true
    kind: ReplicaSet
    name: web-6d4cf56db6
    uid: 5c1a7c24-6f0e-4f1e-9a55-000000%06[1]d
  resourceVersion: "%[1]d"
  uid: 9b2f2c1e-0c53-4a53-8f43-000000%06[1]d
spec:
  containers:
  - image: registry.example.com/team-%[2]d/web:1.25.3
    imagePullPolicy: IfNotPresent
    name: web
    ports:
    - containerPort: 8080
      name: http
      protocol: TCP
    - {containerPort: 9090, name: metrics, protocol: TCP}
    resources:
      limits:
        cpu: 500m
        memory: 256Mi
      requests: {cpu: 100m, memory: 128Mi}
    env:
    - name: POD_IP
      valueFrom:
        fieldRef:
          apiVersion: v1
          fieldPath: status.podIP
    args: ["--listen=:8080", '--verbose', "--motd=hello \"world\""]
    terminationMessagePath: /dev/termination-log
    volumeMounts:
    - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      name: kube-api-access
      readOnly: true
  dnsPolicy: ClusterFirst
  enableServiceLinks: true
  nodeName: node-%[4]d
  priority: 0
  restartPolicy: Always
  schedulerName: default-scheduler
  serviceAccountName: default
  terminationGracePeriodSeconds: 30
  tolerations:
  - effect: NoExecute
    key: node.kubernetes.io/not-ready
    operator: Exists
    tolerationSeconds: 300
status:
  conditions:
  - lastProbeTime: null
    lastTransitionTime: "2025-11-05T10:00:03Z"
    status: "True"
    type: Ready
  hostIP: 192.168.0.%[4]d
  phase: Running
  podIP: 10.%[5]d.%[6]d.%[7]d
  podIPs:
  - ip: 10.%[5]d.%[6]d.%[7]d
  qosClass: Burstable
`, n, n%1000, n%7, n%200, n>>16&255, n>>8&255, n&255)
}

// policyText is a policy the way people write it.
func policyText(n int) string {
	return fmt.Sprintf(`# lets the frontends in
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web-%[1]d, namespace: team-%[2]d}
spec:
  podSelector:
    matchLabels: {app: web-%[3]d}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchLabels: {tier: frontend}}
    - namespaceSelector:
        matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: In, values: [monitoring, ingress]}
      podSelector: {}
    ports:
    - {port: 8080}
    - port: http
      protocol: TCP
  egress:
  - to:
    - ipBlock:
        cidr: 10.%[4]d.0.0/16
        except: ["10.%[4]d.1.0/24"]
    ports: [{port: 53, protocol: UDP}, {port: 8000, endPort: 8999}]
`, n, n%1000, n%7, n&255)
}

// manifests writes about size bytes: three pods to one policy.
type shape string

const (
	documents shape = "documents"
	yamlList  shape = "yaml-list"
	jsonList  shape = "json-list"
	jsonLine  shape = "json-line" // one List on one line
)

// generator is a stream of manifests that is never in memory as a whole.
type generator struct {
	shape   shape
	foreign bool // kinds that headgate does not read
	left    int  // bytes
	n       int
	buf     bytes.Buffer
	done    bool
}

func (g *generator) Read(p []byte) (int, error) {
	for g.buf.Len() == 0 {
		if g.done {
			return 0, io.EOF
		}
		g.more()
	}
	n, err := g.buf.Read(p)
	g.left -= n
	return n, err
}

func (g *generator) more() {
	text := podText(g.n)
	if g.n%4 == 3 {
		text = policyText(g.n)
	}
	if g.foreign {
		text = strings.NewReplacer("kind: Pod\n", "kind: Box\n", "kind: NetworkPolicy\n", "kind: Door\n").Replace(text)
	}
	head, separator, tail := "", "---\n", ""
	switch g.shape {
	case yamlList:
		text = "- " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
		head, separator, tail = "apiVersion: v1\nitems:\n", "", "kind: List\nmetadata: {resourceVersion: \"\"}\n"
	case jsonList, jsonLine:
		text = toJSON(text, g.shape == jsonList)
		head, separator, tail = `{"apiVersion": "v1", "items": [`, ",", `], "kind": "List", "metadata": {"resourceVersion": ""}}`
	}
	if g.n == 0 {
		g.buf.WriteString(head)
	} else {
		g.buf.WriteString(separator)
	}
	g.buf.WriteString(text)
	if g.n++; g.left <= 0 {
		g.buf.WriteString(tail)
		g.done = true
	}
}

// text is a whole stream of about size bytes.
func generate(s shape, size int) []byte {
	out, err := io.ReadAll(&generator{shape: s, left: size})
	if err != nil {
		panic(err)
	}
	return out
}

func BenchmarkRead(b *testing.B) {
	for _, s := range []shape{documents, yamlList, jsonList, jsonLine} {
		b.Run(string(s), func(b *testing.B) {
			text := generate(s, 10<<20)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				var report diag.Report
				Read(context.Background(), Options{Files: []string{"-"}, Stdin: bytes.NewReader(text)}, &report)
				require.Empty(b, report.Findings())
			}
			b.ReportMetric(float64(len(text))*float64(b.N)/(cpuTime(b)-before).Seconds()/1e6, "MB/cpu-s")
		})
	}
}

// cpuTime is the processor time that the process has used, on all cores: what a busy machine does not change much.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkYAMLv3 is what the scanner is measured against: the same documents into yaml.v3's nodes, unchecked.
func BenchmarkYAMLv3(b *testing.B) {
	text := generate(documents, 4<<20)
	b.SetBytes(int64(len(text)))
	before := cpuTime(b)
	for b.Loop() {
		dec := yaml.NewDecoder(bytes.NewReader(text))
		for {
			var n yaml.Node
			if err := dec.Decode(&n); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(text))*float64(b.N)/(cpuTime(b)-before).Seconds()/1e6, "MB/cpu-s")
}

// toJSON gives the JSON of one YAML document, on many lines or on one.
func toJSON(text string, indent bool) string {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		panic(err)
	}
	var out []byte
	var err error
	if indent {
		out, err = json.MarshalIndent(value, "\t\t", "\t")
	} else {
		out, err = json.Marshal(value)
	}
	if err != nil {
		panic(err)
	}
	return string(out)
}

// BenchmarkParseOne is the cost of reading one small object: mostly that of the tables.
func BenchmarkParseOne(b *testing.B) {
	for name, text := range map[string]string{"pod": podText(1), "policy": policyText(1)} {
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			for b.Loop() {
				var report diag.Report
				Parse("x", []byte(text), &report)
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}
