import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../scripts/chart/chart.ts';
import { insert } from '../../scripts/chart/source.ts';

const source = `# A comment stays.
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    # So does this one.
    env:
      - name: A
    last: true
`;
const web = 'Deployment/web';

describe('an insertion', () => {
  it('puts each value in its place, and leaves the rest as it is written', () => {
    expect(
      insert(source, [
        { at: [web, 'spec', 'replicas'], value: '{{ .Values.replicas }}' },
        { at: [web, 'spec', 'template', 'env'], yaml: '.Values.env' },
        { after: [web, 'spec', 'template', 'env'], lines: ['first: 1', 'second: 2'] },
        { around: [web, 'spec', 'template', 'last'], open: '{{- if .Values.last }}' },
      ]),
    ).toBe(`# A comment stays.
kind: Deployment
metadata:
  name: web
spec:
  replicas: {{ .Values.replicas }}
  template:
    # So does this one.
    env:
      {{- toYaml .Values.env | nindent 6 }}
    first: 1
    second: 2
    {{- if .Values.last }}
    last: true
    {{- end }}
`);
  });

  it.each([
    [{ at: [web, 'spec', 'replica'], value: '' }, 'Deployment/web has no spec.replica'],
    [{ at: ['Deployment/other', 'spec'], value: '' }, 'no Deployment/other among Deployment/web'],
    [{ between: ['  nothing', '  here'], open: '' }, 'no lines   nothing …   here'],
  ] as const)('that leads nowhere is an error', (insertion, message) => {
    expect(() => insert(source, [insertion])).toThrow(message);
  });
});

it('a template follows the namespace of the release, and what Prometheus fills in is text to Helm', () => {
  const rule = 'kind: Rule\nmetadata:\n  name: r\nspec:\n  text: "{{ $labels.pod }} in ringfence-system"\n';
  expect(renderTemplate({ file: 'base/r.yaml', insertions: [] }, rule)).toContain(
    '  text: "{{ "{{" }} $labels.pod }} in {{ .Release.Namespace }}"\n',
  );
});
