{{/* A Job that is a hook. Takes the root, the hook's name and its delete policy. */}}
{{- define "nightly.hook" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .root.Release.Name }}-{{ .hook }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: "5"
    helm.sh/hook-delete-policy: {{ .deletePolicy }}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: busybox
          command: [sh, -c, 'echo {{ .hook }} {{ .root.Values.message }}']
{{- end }}
