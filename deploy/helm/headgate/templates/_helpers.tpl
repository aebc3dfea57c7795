{{/*
What the chart installs is what kustomize installs: base/ leads to the directories of deploy/, and these templates read the objects from
there, change what values say, and print them. Nothing is written down twice.
*/}}

{{/* headgate.objects prints the objects of a directory of base. Takes root and directory. */}}
{{- define "headgate.objects" -}}
{{- $kustomization := .root.Files.Get (printf "base/%s/kustomization.yaml" .directory) | fromYaml -}}
{{- range $file := $kustomization.resources }}
{{- range $text := regexSplit "(?m)^---\\s*$" ($.root.Files.Get (printf "base/%s/%s" $.directory $file)) -1 }}
{{- $object := fromYaml $text }}
{{- if $object }}
{{- include "headgate.object" (dict "root" $.root "object" $object) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* headgate.object prints an object as values want it; nothing for one that is not wanted. Takes root and object, which it changes. */}}
{{- define "headgate.object" -}}
{{- $o := .object -}}
{{- $role := has $o.kind (list "ClusterRole" "ClusterRoleBinding" "Role" "RoleBinding") -}}
{{- /* The release's namespace is there before the chart's objects are. */ -}}
{{- $unasked := and (not .root.Values.controller.webhook.enabled) (has $o.kind (list "ValidatingWebhookConfiguration" "Service" "Secret")) -}}
{{- if not (or (eq $o.kind "Namespace") (and $role (not .root.Values.rbac.create)) $unasked) }}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version) "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $o.metadata "labels" (merge $labels ($o.metadata.labels | default dict)) -}}
{{- if not (or (hasPrefix "Cluster" $o.kind) (hasPrefix "Validating" $o.kind)) }}
{{- $_ := set $o.metadata "namespace" .root.Release.Namespace }}
{{- end }}
{{- range $o.subjects }}
{{- $_ := set . "namespace" $.root.Release.Namespace }}
{{- end }}
{{- if eq $o.kind "DaemonSet" }}
{{- include "headgate.agent" . }}
{{- else if eq $o.kind "Deployment" }}
{{- include "headgate.controller" . }}
{{- else if eq $o.kind "ValidatingWebhookConfiguration" }}
{{- range $o.webhooks }}
{{- $_ := set . "failurePolicy" $.root.Values.controller.webhook.failurePolicy }}
{{- $_ := set .clientConfig.service "namespace" $.root.Release.Namespace }}
{{- end }}
{{- end }}
---
{{ toYaml $o }}
{{ end }}
{{- end -}}

{{/* headgate.pod changes what all pods have. Takes root, template (of the pod), and values. */}}
{{- define "headgate.pod" -}}
{{- $image := .root.Values.image -}}
{{- $name := $image.repository -}}
{{- if $image.tag }}{{ $name = printf "%s:%s" $name $image.tag }}{{ end -}}
{{- if $image.digest }}{{ $name = printf "%s@%s" $name $image.digest }}{{ end -}}
{{- $pod := .template.spec -}}
{{- $container := index $pod.containers 0 -}}
{{- $_ := set $container "image" $name -}}
{{- if $image.pullPolicy }}{{ $_ := set $container "imagePullPolicy" $image.pullPolicy }}{{ end -}}
{{- if $image.pullSecrets }}{{ $_ := set $pod "imagePullSecrets" $image.pullSecrets }}{{ end -}}
{{- range $field := list "tolerations" "nodeSelector" "affinity" }}
{{- $value := get $.values $field }}
{{- if $value }}{{ $_ := set $pod $field $value }}{{ else }}{{ $_ := unset $pod $field }}{{ end }}
{{- end }}
{{- $_ := set $pod "priorityClassName" .values.priorityClassName -}}
{{- $_ := set $container "resources" .values.resources -}}
{{- if .values.podAnnotations }}{{ $_ := set .template.metadata "annotations" .values.podAnnotations }}{{ end -}}
{{- $_ := set .template.metadata "labels" (merge .template.metadata.labels .values.podLabels) -}}
{{- end -}}

{{/* headgate.mount mounts something in the first container. Takes pod, volume and path; readOnly if it is set. */}}
{{- define "headgate.mount" -}}
{{- $container := index .pod.containers 0 -}}
{{- $mount := dict "name" .volume.name "mountPath" .path -}}
{{- if .readOnly }}{{ $_ := set $mount "readOnly" true }}{{ end -}}
{{- $_ := set $container "volumeMounts" (append $container.volumeMounts $mount) -}}
{{- $_ := set .pod "volumes" (append .pod.volumes .volume) -}}
{{- end -}}

{{/* headgate.agent changes the DaemonSet. Takes root and object. */}}
{{- define "headgate.agent" -}}
{{- $values := .root.Values.agent -}}
{{- $template := .object.spec.template -}}
{{- $pod := $template.spec -}}
{{- $container := index $pod.containers 0 -}}
{{- include "headgate.pod" (dict "root" .root "template" $template "values" $values) -}}
{{- $_ := set .object.spec.updateStrategy.rollingUpdate "maxUnavailable" $values.maxUnavailable -}}
{{- $args := list -}}
{{- range $arg := $container.args }}
{{- if hasPrefix "--target=" $arg }}{{ $arg = printf "--target=%s" $values.target }}{{ end }}
{{- $args = append $args $arg }}
{{- end }}
{{- range $volume := $pod.volumes }}
{{- if eq $volume.name "state" }}{{ $_ := set $volume.hostPath "path" $values.stateDir }}{{ end }}
{{- end }}
{{- if eq $values.target "openflow" }}
{{- $_ := include "headgate.mount" (dict "pod" $pod "path" "/run/openvswitch" "volume" (dict "name" "openvswitch" "hostPath" (dict "path" $values.openvswitchDir "type" "Directory"))) }}
{{- end }}
{{- if $values.config }}
{{- $args = append $args "--config=/etc/headgate/config/agent.yaml" }}
{{- $_ := include "headgate.mount" (dict "pod" $pod "path" "/etc/headgate/config" "readOnly" true "volume" (dict "name" "config" "configMap" (dict "name" "headgate-agent"))) }}
{{- $_ := set $template.metadata "annotations" (merge (dict "headgate-net.github.io/config" (include "headgate.configuration" .root | sha256sum)) ($template.metadata.annotations | default dict)) }}
{{- end }}
{{- if $values.gossipKeysSecret }}
{{- $args = append $args "--gossip-key-file=/etc/headgate/gossip/gossip.keys" }}
{{- $_ := include "headgate.mount" (dict "pod" $pod "path" "/etc/headgate/gossip" "readOnly" true "volume" (dict "name" "gossip" "secret" (dict "secretName" $values.gossipKeysSecret "defaultMode" 256))) }}
{{- end }}
{{- if $values.metricsTLSSecret }}
{{- $args = concat $args (list "--metrics-tls-cert-file=/etc/headgate/tls/tls.crt" "--metrics-tls-key-file=/etc/headgate/tls/tls.key") }}
{{- $_ := include "headgate.mount" (dict "pod" $pod "path" "/etc/headgate/tls" "readOnly" true "volume" (dict "name" "tls" "secret" (dict "secretName" $values.metricsTLSSecret "defaultMode" 256))) }}
{{- $_ := set $container.readinessProbe.httpGet "scheme" "HTTPS" }}
{{- end }}
{{- $_ := set $container "args" (concat $args $values.extraArgs) -}}
{{- $metrics := get $values.config "metricsBindAddress" -}}
{{- if and (hasKey $values.config "metricsBindAddress") (not $metrics) }}
{{- $_ := unset $container "readinessProbe" }}
{{- else if $metrics }}
{{- $host := regexReplaceAll "^\\[?([^\\]]*)\\]?:[0-9]+$" $metrics "${1}" }}
{{- if eq $host "0.0.0.0" }}{{ $host = "127.0.0.1" }}{{ else if eq $host "::" }}{{ $host = "::1" }}{{ end }}
{{- $_ := set $container.readinessProbe.httpGet "host" $host }}
{{- $_ := set $container.readinessProbe.httpGet "port" (regexReplaceAll "^.*:" $metrics "" | int) }}
{{- end }}
{{- end -}}

{{/* headgate.controller changes the Deployment. Takes root and object. */}}
{{- define "headgate.controller" -}}
{{- $values := .root.Values.controller -}}
{{- $template := .object.spec.template -}}
{{- $container := index $template.spec.containers 0 -}}
{{- include "headgate.pod" (dict "root" .root "template" $template "values" $values) -}}
{{- $_ := set .object.spec "replicas" $values.replicas -}}
{{- $args := list -}}
{{- range $arg := $container.args }}
{{- if or $values.webhook.enabled (not (hasPrefix "--webhook-" $arg)) }}{{ $args = append $args $arg }}{{ end }}
{{- end }}
{{- $_ := set $container "args" (concat $args $values.extraArgs) -}}
{{- end -}}

{{/* headgate.configuration is the agent's configuration file. */}}
{{- define "headgate.configuration" -}}
{{- toYaml (merge (dict "apiVersion" "headgate-net.github.io/v1alpha1" "kind" "AgentConfiguration") .Values.agent.config) -}}
{{- end -}}
