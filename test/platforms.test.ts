// docs/platforms.md: its configurations are valid, its options and examinations exist.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serveCommand } from '../src/commands/serve.ts';
import { readEnvironment } from '../src/config/environment.ts';
import { parseConfig } from '../src/config/load.ts';
import { examinations } from '../src/doctor/examinations.ts';
import { factsOf, pod } from './doctor/scene.ts';

const page = readFileSync('docs/platforms.md', 'utf8');
const blocks = [...page.matchAll(/^```yaml\n# (.+)\n([^`]+)^```$/gm)].map(([, title = '', text = '']) => ({
  title,
  text,
}));
const configurations = blocks.filter(({ title }) => title === 'config.yaml').map(({ text }) => text);
const read = (text: string) =>
  parseConfig(text, { file: 'config.yaml', ownNamespace: 'ringfence-system', version: '1', checkIds: [] });

describe('the page on platforms', () => {
  it('has a block for each platform that needs one, and each says what it is', () => {
    expect(blocks.length).toBe([...page.matchAll(/^```yaml$/gm)].length);
    expect(blocks.map(({ title }) => title)).toEqual([
      'kustomization.yaml, host-network',
      'config.yaml',
      'config.yaml',
      'config.yaml',
      'kustomization.yaml, openshift',
      'config.yaml',
      'config.yaml',
    ]);
  });

  it.each(configurations.map((text, index) => [index + 1, text] as const))('configuration %d is valid', (_, text) => {
    expect(read(text).mode).toBe('observe');
    expect(parse(text)).toHaveProperty('kind', 'Configuration');
  });

  it('names DNS of OpenShift so that the doctor finds it in order', () => {
    const config = read(configurations.find((text) => text.includes('openshift-dns')) ?? '');
    const labels = { 'dns.operator.openshift.io/daemonset-dns': 'default' };
    const service = {
      namespace: 'openshift-dns',
      name: 'dns-default',
      selector: new Map(Object.entries(labels)),
      podPorts: [5353],
    };
    const facts = factsOf({
      values: { config, pods: [pod('openshift-dns', 'dns-1', labels)], dnsServices: [service] },
    });
    const lines = examinations.filter(({ id }) => id === 'dns-pods').flatMap(({ run }) => run(facts));
    expect(lines.map(({ status }) => status)).toEqual(['clean', 'clean']);
  });

  it('gives the process options that it has', () => {
    const { options } = serveCommand(readEnvironment({}), '0.1.0');
    const [, args = ''] = /value: \[serve, ([^\]]+)\]/.exec(page) ?? [];
    const named = args.split(', ').map((text) => text.split('=')[0]);
    expect(named).toEqual(['--port', '--admin-port']);
    expect(options.map(({ long }) => long)).toEqual(expect.arrayContaining(named));
  });

  it('names examinations that exist', () => {
    const sentences = [...page.matchAll(/^See that it works: (.+)$/gm)].map(([, text = '']) => text);
    expect(sentences.length).toBe(8);
    const [named, known] = [
      sentences.flatMap((text) => [...text.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, id]) => id)),
      examinations.map(({ id }) => id),
    ];
    expect(named.filter((id) => !known.includes(id ?? ''))).toEqual([]);
  });
});
