{{- define "distillgate.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "distillgate.config" -}}
{{- $upstream := ternary (printf "http://127.0.0.1:%d" (int .Values.modelPort)) .Values.upstream (eq .Values.mode "sidecar") -}}
{{- $ours := dict "proxy" (dict "upstream" $upstream "host" "0.0.0.0" "port" 8080) -}}
{{- if .Values.logUrl }}{{- $_ := set $ours "log" (dict "url" .Values.logUrl) }}{{- end -}}
{{- mergeOverwrite (deepCopy .Values.config) $ours | toYaml -}}
{{- end }}

{{- define "distillgate.gate" -}}
name: gate
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy | default "IfNotPresent" }}
env:
  - {name: DISTILLGATE_CONFIG, value: /etc/distillgate/config.yaml}
envFrom:
  - secretRef:
      name: {{ required "secret: name a Secret with DISTILLGATE_KEY and DISTILLGATE_ADMIN_KEY" .Values.secret }}
ports:
  - {name: http, containerPort: 8080}
# The gate loads before it is ready, and lives as long as its event loop turns.
startupProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 2
  failureThreshold: 1
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/distillgate, readOnly: true}
  - {name: state, mountPath: /var/lib/distillgate}
  - {name: tmp, mountPath: /tmp}
{{- end }}
