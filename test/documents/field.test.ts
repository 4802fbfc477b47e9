import { expect, it } from 'vitest';
import { findField } from '../../src/documents/field.ts';

const object = {
  metadata: { labels: { app: 'x', 'app.kubernetes.io/name': 'y', 'a[0]': 'z' } },
  spec: { ingress: [{ from: [{ podSelector: { matchLabels: { env: 'prod' } } }] }], nothing: null },
};

it.each([
  ['metadata.labels.app', ['metadata', 'labels', 'app']],
  ['metadata.labels.app.kubernetes.io/name', ['metadata', 'labels', 'app.kubernetes.io/name']],
  ['metadata.labels.a[0]', ['metadata', 'labels', 'a[0]']],
  ['metadata.labels.team', ['metadata', 'labels']],
  [
    'spec.ingress[0].from[0].podSelector.matchLabels.env',
    ['spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchLabels', 'env'],
  ],
  ['spec.ingress[0].from[7].ipBlock', ['spec', 'ingress', 0, 'from']],
  ['spec.nothing.at.all', ['spec', 'nothing']],
  ['', []],
  ['toString', []],
])('finds %s, or its nearest ancestor', (field, path) => {
  expect(findField(object, field)).toEqual(path);
});
