{{/* The image, by digest if there is one. */}}
{{- define "ringfence.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The arguments of `ringfence serve`: those that differ from its defaults. */}}
{{- define "ringfence.args" -}}
- serve
{{- if ne (int .Values.ports.webhook) 8443 }}
- --port={{ .Values.ports.webhook }}
{{- end }}
{{- if ne (int .Values.ports.admin) 8081 }}
- --admin-port={{ .Values.ports.admin }}
{{- end }}
{{- if ne .Values.certificates.source "own" }}
- --tls-dir=/etc/ringfence/tls
{{- end }}
{{- if .Values.clientCA.configMap }}
- --client-ca=/etc/ringfence/client-ca/ca.crt
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ringfence.volumeMounts" -}}
{{- if or (ne .Values.certificates.source "own") .Values.clientCA.configMap -}}
volumeMounts:
  {{- if ne .Values.certificates.source "own" }}
  - name: tls
    mountPath: /etc/ringfence/tls
    readOnly: true
  {{- end }}
  {{- if .Values.clientCA.configMap }}
  - name: client-ca
    mountPath: /etc/ringfence/client-ca
    readOnly: true
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "ringfence.volumes" -}}
{{- if or (ne .Values.certificates.source "own") .Values.clientCA.configMap -}}
volumes:
  {{- if ne .Values.certificates.source "own" }}
  - name: tls
    secret:
      secretName: {{ .Values.certificates.secretName }}
  {{- end }}
  {{- with .Values.clientCA.configMap }}
  - name: client-ca
    configMap:
      name: {{ . }}
  {{- end }}
{{- end -}}
{{- end -}}
